using System.Collections.Concurrent;
using KmsCloud.Chains;

namespace KmsCloud.Signing;

/// <summary>
/// Decodes under a limit of time: what is large is read on a thread of its own, which is left alone when it takes
/// longer, and a request that ran out of time is set aside for a pause that doubles each time. .NET cannot end a
/// thread, so few may be left running.
/// </summary>
internal static class DecodeLimit
{
    /// <summary>Bytes that are read at once: a thread costs more than that.</summary>
    internal const int Small = 32 * 1024;

    private const int MostLeft = 2; // of a chain
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly ConcurrentDictionary<string, int> LeftOf = new(StringComparer.Ordinal);
    private static int left;

    /// <summary>Threads that were left alone and still read.</summary>
    internal static int Left => Volatile.Read(ref left);

    /// <summary>
    /// Nothing large is begun: those that still read should come to their end, because the wallets change.
    /// </summary>
    internal static bool IsClosed { get; set; }

    /// <summary>Runs a decoder.</summary>
    /// <exception cref="NotNowException">
    /// It takes too long, did before and its pause is not over, or too many others still read.
    /// </exception>
    /// <exception cref="OperationCanceledException">The service is stopping.</exception>
    internal static Task<UnsignedTransaction> RunAsync(Func<UnsignedTransaction> decode, PendingTransaction pending, SetAsideList aside, CancellationToken stop) =>
        pending.SerializedTransaction.Length <= Small
            ? Task.FromResult(decode())
            : RunAsideAsync(decode, pending, aside, stop);

    private static async Task<UnsignedTransaction> RunAsideAsync(
        Func<UnsignedTransaction> decode, PendingTransaction pending, SetAsideList aside, CancellationToken stop)
    {
        if (aside.Left(pending.Id) is { } pause)
        {
            throw new NotNowException(
                $"reading it took too long before; it is tried again in {(int)pause.TotalSeconds} seconds");
        }

        if (IsClosed || LeftOf.GetValueOrDefault(pending.Chain) >= MostLeft)
        {
            throw new NotNowException(
                "others of its size are still being read after their time; it is tried again in the next cycle");
        }

        var task = Task.Factory.StartNew(
            decode, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await task.WaitAsync(Longest, stop);
        }
        catch (TimeoutException)
        {
            LeaveAlone(task, pending.Chain);
            aside.Add(pending.Id);
            throw new NotNowException(
                $"reading it takes longer than {Longest.TotalSeconds:0} seconds, so it is set aside");
        }
        catch (OperationCanceledException)
        {
            LeaveAlone(task, pending.Chain);
            throw;
        }
    }

    private static void LeaveAlone(Task task, string chain)
    {
        Interlocked.Increment(ref left);
        LeftOf.AddOrUpdate(chain, 1, (_, count) => count + 1);
        task.ContinueWith(
            ended =>
            {
                _ = ended.Exception; // nobody waits for it
                LeftOf.AddOrUpdate(chain, 0, (_, count) => count - 1);
                Interlocked.Decrement(ref left);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
