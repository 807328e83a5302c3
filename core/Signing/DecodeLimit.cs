using KmsCloud.Chains;

namespace KmsCloud.Signing;

/// <summary>
/// Decodes under a limit of time: what is large is read on a thread of its own, which is left alone when it takes longer, and a request that
/// ran out of time is set aside for a pause that doubles each time. .NET cannot end a thread, so few may be left running.
/// </summary>
internal static class DecodeLimit
{
    /// <summary>Bytes that are read at once: a thread costs more than that.</summary>
    internal const int Small = 32 * 1024;

    private const int MostLeft = 3;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static int left;

    /// <summary>Threads that were left alone and still read.</summary>
    internal static int Left => Volatile.Read(ref left);

    /// <summary>Runs a decoder.</summary>
    /// <exception cref="NotNowException">It takes too long, did before and its pause is not over, or too many others still read.</exception>
    /// <exception cref="OperationCanceledException">The service is stopping.</exception>
    internal static Task<UnsignedTransaction> RunAsync(Func<UnsignedTransaction> decode, PendingTransaction pending, SetAsideList aside, CancellationToken stop) =>
        pending.SerializedTransaction.Length <= Small ? Task.FromResult(decode()) : RunAsideAsync(decode, pending.Id, aside, stop);

    private static async Task<UnsignedTransaction> RunAsideAsync(Func<UnsignedTransaction> decode, string id, SetAsideList aside, CancellationToken stop)
    {
        if (aside.Left(id) is { } pause)
        {
            throw new NotNowException($"reading it took too long before; it is tried again in {(int)pause.TotalSeconds} seconds");
        }

        if (Left >= MostLeft)
        {
            throw new NotNowException("others of its size are still being read after their time; it is tried again in the next cycle");
        }

        var task = Task.Factory.StartNew(decode, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await task.WaitAsync(Longest, stop);
        }
        catch (TimeoutException)
        {
            LeaveAlone(task);
            aside.Add(id);
            throw new NotNowException($"reading it takes longer than {Longest.TotalSeconds:0} seconds, so it is set aside");
        }
        catch (OperationCanceledException)
        {
            LeaveAlone(task);
            throw;
        }
    }

    private static void LeaveAlone(Task task)
    {
        Interlocked.Increment(ref left);
        task.ContinueWith(
            ended =>
            {
                _ = ended.Exception; // nobody waits for it
                Interlocked.Decrement(ref left);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
