using KmsCloud.State;

namespace KmsCloud.Tests.State;

/// <summary>What arrives during a write goes into the next one, in order; nobody is told of anything that is not durable.</summary>
public static class GroupCommitTests
{
    [Fact]
    public static async Task What_arrives_during_a_write_is_written_by_the_next_one_in_order()
    {
        var batches = new List<int[]>();
        var (begun, open) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        var commits = new GroupCommit<int>(async items =>
        {
            begun.Release();
            await open.WaitAsync(TestContext.Current.CancellationToken);
            batches.Add([.. items]);
            return [.. items.Select(item => item * 10L)];
        });
        var first = commits.AddAsync(1);
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        Task<long>[] others = [.. Enumerable.Range(2, 20).Select(commits.AddAsync)];
        Assert.False(first.IsCompleted); // it is not durable yet
        open.Release(2);
        Assert.Equal(10, await first);
        Assert.Equal(Enumerable.Range(2, 20).Select(item => item * 10L), await Task.WhenAll(others));
        Assert.Equal([[1], [.. Enumerable.Range(2, 20)]], batches);
    }

    [Fact]
    public static async Task A_failed_write_fails_its_items_and_no_others()
    {
        var (begun, open, count) = (new SemaphoreSlim(0), new SemaphoreSlim(0), 0);
        var commits = new GroupCommit<int>(async items =>
        {
            begun.Release();
            await open.WaitAsync(TestContext.Current.CancellationToken);
            return ++count == 1 ? throw new IOException("full") : [.. items.Select(item => (long)item)];
        });
        var lost = commits.AddAsync(1);
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        var kept = commits.AddAsync(2);
        open.Release(2);
        await Assert.ThrowsAsync<IOException>(() => lost);
        Assert.Equal(2, await kept);
    }

    [Fact]
    public static async Task Draining_ends_when_everything_added_is_durable_and_does_not_fail_with_it()
    {
        var written = 0;
        var commits = new GroupCommit<int>(async items =>
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            written += items.Count;
            return written > 3 ? throw new IOException("full") : new long[items.Count];
        });
        var all = Enumerable.Range(0, 3).Select(commits.AddAsync).ToList();
        await commits.DrainAsync();
        Assert.Equal(3, written);
        await Task.WhenAll(all);
        var lost = commits.AddAsync(4);
        await commits.DrainAsync();
        await Assert.ThrowsAsync<IOException>(() => lost);
    }
}
