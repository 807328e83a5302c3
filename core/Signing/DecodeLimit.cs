using System.Runtime.ExceptionServices;
using KmsCloud.Chains;

namespace KmsCloud.Signing;

/// <summary>
/// Decodes under a limit of time: what is large is read on a thread of its own, which the cycle does not wait for longer, and a request that ran
/// out of time is set aside for a pause that doubles each time.
/// </summary>
internal static class DecodeLimit
{
    private const int Small = 32 * 1024; // characters: read at once, and a thread costs more than that
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Runs a decoder.</summary>
    /// <exception cref="NotNowException">It takes too long, or did before and its pause is not over.</exception>
    internal static UnsignedTransaction Run(Func<UnsignedTransaction> decode, PendingTransaction pending, ResendPauses pauses) =>
        pending.SerializedTransaction.Length <= Small ? decode() : RunAside(decode, pending.Id, pauses);

    private static UnsignedTransaction RunAside(Func<UnsignedTransaction> decode, string id, ResendPauses pauses)
    {
        if (pauses.SetAsideFor(id) is { } left)
        {
            throw new NotNowException($"reading it took too long before; it is tried again in {(int)left.TotalSeconds} seconds");
        }

        var task = Task.Factory.StartNew(decode, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            if (task.Wait(Longest))
            {
                return task.Result;
            }
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerException!);
        }

        pauses.SetAside(id);
        throw new NotNowException($"reading it takes longer than {Longest.TotalSeconds:0} seconds, so it is set aside");
    }
}
