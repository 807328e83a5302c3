namespace KmsCloud.Signing;

/// <summary>
/// Transactions of one account whose nonce is asked for stand in line, in the order the gateway listed them: each asks
/// only after the one before it is in the journal or has failed.
/// </summary>
internal sealed class SequenceLine
{
    private readonly Dictionary<string, Task> last = new(StringComparer.Ordinal);

    /// <summary>Takes the next place of an account; a transaction without account has a place of its own.</summary>
    internal Place Join(string? account)
    {
        if (account is null)
        {
            return new(Task.CompletedTask);
        }

        lock (last)
        {
            var place = new Place(last.GetValueOrDefault(account, Task.CompletedTask));
            last[account] = place.Left;
            return place;
        }
    }

    internal sealed class Place(Task before) : IDisposable
    {
        private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Left => left.Task;

        internal Task TurnAsync(CancellationToken cancel) => before.WaitAsync(cancel);

        /// <summary>
        /// Leaves the line. Whoever leaves before its turn (not approved, refused) passes on nothing: the next still
        /// waits for the one before.
        /// </summary>
        public void Dispose() => before.ContinueWith(_ => left.TrySetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
