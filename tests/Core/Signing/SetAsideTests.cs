using KmsCloud.Chains;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Requests that could not be read in time are left alone for growing pauses, also across restarts (red team C5).</summary>
public sealed class SetAsideTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 8, 0, 0, TimeSpan.Zero);
    private readonly TempFolder folder = new();
    private readonly SetClock clock = new() { Now = Start };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_pause_doubles_to_a_day_and_survives_a_restart()
    {
        Assert.Null(Open().Left("a"));
        TimeSpan[] pauses = [.. Enumerable.Range(0, 14).Select(_ => Add())];
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440], pauses.Select(pause => (int)pause.TotalMinutes));
        clock.Now += TimeSpan.FromDays(1);
        Assert.Null(Open().Left("a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":{\"until\":\"soon\",\"pause\":60}}")]
    [InlineData("{\"a\":{\"until\":\"2026-11-27T09:00:00Z\",\"pause\":99999999}}")]
    public void A_note_that_cannot_be_read_is_an_empty_one(string content)
    {
        File.WriteAllText(Path(), content);
        var list = Open();
        Assert.Null(list.Left("a"));
        list.Add("a");
        Assert.NotNull(Open().Left("a"));
    }

    [Fact]
    public void No_note_delays_a_request_for_longer_than_a_day()
    {
        File.WriteAllText(Path(), """{"a":{"until":"2999-01-01T00:00:00Z","pause":60}}""");
        Assert.Equal(TimeSpan.FromDays(1), Open().Left("a"));
    }

    [Fact]
    public void A_flood_of_them_stays_below_the_largest_note()
    {
        var list = Open();
        for (var i = 0; i < 700; i++)
        {
            clock.Now += TimeSpan.FromMilliseconds(1);
            list.Add($"{i:D4}aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee");
        }

        Assert.True(new FileInfo(Path()).Length < 64 * 1024);
        Assert.NotNull(Open().Left("0699aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee"));
        Assert.Null(Open().Left("0000aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee"));
    }

    [Fact]
    public async Task What_takes_more_than_five_seconds_is_set_aside_and_three_threads_at_the_most_go_on_with_it()
    {
        using var end = new ManualResetEventSlim();
        var list = Open();
        var before = DecodeLimit.Left;
        var running = Enumerable.Range(0, 3).Select(i => Assert.ThrowsAsync<NotNowException>(() => Read($"slow{i}"))).ToList();
        var errors = await Task.WhenAll(running);
        Assert.All(errors, error => Assert.Contains("takes longer than 5 seconds", error.Message, StringComparison.Ordinal));
        Assert.Equal(before + 3, DecodeLimit.Left);
        Assert.Contains("others of its size", (await Assert.ThrowsAsync<NotNowException>(() => Read("fourth"))).Message, StringComparison.Ordinal);
        Assert.Contains("took too long before", (await Assert.ThrowsAsync<NotNowException>(() => Read("slow1"))).Message, StringComparison.Ordinal);
        end.Set();
        Assert.True(SpinWait.SpinUntil(() => DecodeLimit.Left == before, TimeSpan.FromSeconds(30)));
        Assert.Contains("took too long before", (await Assert.ThrowsAsync<NotNowException>(() => Read("slow0", Open()))).Message, StringComparison.Ordinal);

        Task<UnsignedTransaction> Read(string id, SetAsideList? other = null) => DecodeLimit.RunAsync(
            () =>
            {
                end.Wait();
                throw new InvalidOperationException("nobody waits for it");
            },
            new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = new string('x', DecodeLimit.Small + 1) },
            other ?? list,
            CancellationToken.None);
    }

    private string Path() => folder.File(SetAsideList.NoteName);

    private SetAsideList Open() => new(new FileNote(Path()), clock);

    private TimeSpan Add()
    {
        Open().Add("a");
        return Open().Left("a")!.Value;
    }
}
