namespace KmsCloud.State;

/// <summary>
/// Gathers what arrives while a durable write is under way into the next one: every item is on disk before its task
/// ends, and a busy cycle pays for few flushes. A failed write fails exactly the items that were in it.
/// </summary>
/// <typeparam name="T">What is written.</typeparam>
/// <param name="write">
/// Writes a batch durably, in order, all or nothing; returns a position for each item. Never runs twice at once.
/// </param>
internal sealed class GroupCommit<T>(Func<IReadOnlyList<T>, Task<long[]>> write)
{
    private readonly Lock gate = new();
    private List<(T Item, TaskCompletionSource<long> Done)> waiting = [];
    private Task writer = Task.CompletedTask;

    /// <summary>Adds an item; the task ends when it is durable, with its position.</summary>
    public Task<long> AddAsync(T item)
    {
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Add((item, done));
            if (waiting.Count == 1)
            {
                var before = writer;
                writer = Task.Run(() => WriteAfterAsync(before));
            }
        }

        return done.Task;
    }

    /// <summary>Ends when everything added so far is durable or has failed.</summary>
    public Task DrainAsync()
    {
        lock (gate)
        {
            return writer;
        }
    }

    private async Task WriteAfterAsync(Task before)
    {
        await before;
        await Task.Yield(); // to the end of the line: whoever is ready to add something does it first
        List<(T Item, TaskCompletionSource<long> Done)> batch;
        lock (gate)
        {
            batch = waiting;
            waiting = [];
        }

        try
        {
            var positions = await write([.. batch.Select(entry => entry.Item)]);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Done.SetResult(positions[i]);
            }
        }
#pragma warning disable CA1031 // the failure is not swallowed: it reaches every caller whose item was in the batch
        catch (Exception error)
#pragma warning restore CA1031
        {
            foreach (var (_, done) in batch)
            {
                done.TrySetException(error);
            }
        }
    }
}
