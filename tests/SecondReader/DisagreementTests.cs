using System.Diagnostics.Metrics;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Readers;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Readers;

/// <summary>What the second reader does not read as shown does not leave, now or later, and nothing else stops for it.</summary>
public sealed class DisagreementTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly Disagreeing reader = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Agreement_changes_nothing()
    {
        Use(new SecondReader());
        world.Add("ETH", "fee-market-type-2");
        world.Add("BTC", BitcoinCase);
        Assert.Equal(2, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.Equal(2, (await world.RunAsync()).Count(Verdict.Accepted)); // read again before it is sent again
        Assert.DoesNotContain(world.LogLines, line => line.Contains("DISAGREEMENT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disagreement_is_not_sent_not_journalled_and_said_with_both_readings()
    {
        Use(reader);
        world.Add("ETH", "fee-market-type-2");
        world.Add("BTC", BitcoinCase);
        using var metrics = world.Metrics = new(TimeProvider.System);
        using var counted = new Counted();
        var report = await world.RunAsync();
        var refused = Assert.Single(report.Transactions, transaction => transaction.Chain == "ETH");
        Assert.Equal((Verdict.Refused, RefusalCause.SecondReader), (refused.Verdict, refused.Cause));
        Assert.Equal(1, report.Count(Verdict.Accepted)); // BTC went on
        Assert.DoesNotContain(world.Broadcasts, request => request.Path.Contains("ethereum", StringComparison.Ordinal));
        Assert.DoesNotContain("\"chain\":\"ETH\"", await File.ReadAllTextAsync(Path.Combine(world.StateFolder, "journal.jsonl"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains(world.LogLines, line => line.StartsWith("DISAGREEMENT on ", StringComparison.Ordinal) && line.Contains("the fee: shown 1, read 2", StringComparison.Ordinal));
        var audit = await File.ReadAllTextAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken);
        Assert.Contains("\"decision\":\"disagreed\"", audit, StringComparison.Ordinal);
        Assert.Contains("the fee: shown 1, read 2", audit, StringComparison.Ordinal);
        Assert.Equal(1, counted.Of("kms.second_reader.disagreements"));
        Assert.Contains("second-reader", counted.Reasons);
        Assert.Null(new Freeze(world.StateFolder).Reason);
    }

    [Fact]
    public async Task It_is_set_aside_for_good_also_after_a_restart()
    {
        Use(reader);
        world.Add("ETH", "fee-market-type-2");
        await world.RunAsync();
        var keys = world.KeysOpened;
        Use(new SecondReader()); // which would agree
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Refused));
        Assert.Equal(keys, world.KeysOpened);
        Assert.Empty(world.Broadcasts);
        File.Delete(Path.Combine(world.StateFolder, DisagreementList.NoteName)); // the operator looked at it
        Use(new SecondReader());
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
    }

    [Fact]
    public async Task Without_its_note_it_is_compared_again_and_does_not_leave()
    {
        world.Add("ETH", "fee-market-type-2");
        for (var i = 0; i < 3; i++)
        {
            Use(reader);
            Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Refused));
            File.Delete(Path.Combine(world.StateFolder, DisagreementList.NoteName));
        }

        Assert.Empty(world.Broadcasts);
    }

    [Fact]
    public async Task A_copy_that_may_be_out_is_not_sent_again_and_not_called_failed()
    {
        world.OnBroadcast = _ => new(503);
        world.Add("ETH", "fee-market-type-2");
        await world.RunAsync();
        var sent = world.Broadcasts.Count();
        Use(reader);
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Unknown));
        Assert.Equal(sent, world.Broadcasts.Count());
        Assert.Empty(world.Reports);
        Assert.Contains(world.LogLines, line => line.StartsWith("DISAGREEMENT on ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Freezes_where_the_operator_wants_it()
    {
        Use(reader, new([], Freezes: true));
        world.Add("ETH", "fee-market-type-2");
        await world.RunAsync();
        Assert.Contains("the second reader does not agree", new Freeze(world.StateFolder).Reason, StringComparison.Ordinal);
        world.Add("BTC", BitcoinCase);
        Assert.Equal(1, (await world.RunAsync()).Transactions.Count(transaction => transaction is { Chain: "BTC", Verdict: Verdict.Waiting }));
    }

    [Fact]
    public async Task A_chain_that_is_off_is_not_read_and_that_is_said_once_a_start()
    {
        Use(reader, new(["ETH"], Freezes: false));
        world.Add("ETH", "fee-market-type-2");
        await world.RunCyclesAsync(2);
        Assert.NotEmpty(world.Broadcasts);
        Assert.Single(world.LogLines, line => line.StartsWith("What is signed is not read a second time on ETH", StringComparison.Ordinal));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken), line => line.Contains("\"second-reader-off\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("off=BTC,ETH", null, "BTC,ETH", false)]
    [InlineData(null, "second-reader", "", true)]
    [InlineData(null, null, "", false)]
    public static void Reads_its_settings(string? use, string? freezeOn, string off, bool freezes)
    {
        var settings = SecondReaderSettings.Read(use, freezeOn, new SecondReader());
        Assert.Equal((off, freezes), (string.Join(',', settings.Off), settings.Freezes));
    }

    [Theory]
    [InlineData("off", null)]
    [InlineData("off=", null)]
    [InlineData("on", null)]
    [InlineData("off=SOL", null)]
    [InlineData("off=NOPE", null)]
    [InlineData(null, "policy")]
    public static void Refuses_settings_that_make_no_sense(string? use, string? freezeOn) =>
        Assert.Equal(Failure.Usage, Assert.Throws<KmsException>(() => SecondReaderSettings.Read(use, freezeOn, new SecondReader())).Failure);

    [Theory, InlineData(""), InlineData("[]"), InlineData("{\"a\":1}")]
    public static void A_note_that_cannot_be_read_is_an_empty_one(string content)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("note.json"), content);
        var list = new DisagreementList(new FileNote(folder.File("note.json")));
        Assert.Null(list.Find("a"));
        list.Add("a", "why");
        Assert.Equal("why", new DisagreementList(new FileNote(folder.File("note.json"))).Find("a"));
    }

    private static string BitcoinCase => Vectors.Names("BTC", "signing").First();

    private void Use(ISecondReader second, SecondReaderSettings? settings = null) =>
        world.SecondReading = new(second, settings ?? SecondReaderSettings.Default, new FileNote(Path.Combine(world.StateFolder, DisagreementList.NoteName)));

    /// <summary>Does not agree with anything of ETH.</summary>
    private sealed class Disagreeing : ISecondReader
    {
        public IReadOnlyList<string> Chains => ["ETH"];

        public bool Reads(TransactionSummary summary) => summary.Chain == "ETH";

        public IReadOnlyList<ReadingDifference> Compare(PendingTransaction pending, TransactionSummary summary, SignedTransaction signed, bool isDraft) => [new("the fee", "1", "2")];
    }

    private sealed class Counted : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly Dictionary<string, long> sums = [];

        public Counted()
        {
            listener.InstrumentPublished = (instrument, all) =>
            {
                if (instrument.Meter.Name == KmsMetrics.MeterName)
                {
                    all.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                lock (sums)
                {
                    sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + value;
                    Reasons.AddRange(tags.ToArray().Where(tag => tag.Key == "reason").Select(tag => (string)tag.Value!));
                }
            });
            listener.Start();
        }

        public List<string> Reasons { get; } = [];

        public long Of(string name)
        {
            lock (sums)
            {
                return sums.GetValueOrDefault(name);
            }
        }

        public void Dispose() => listener.Dispose();
    }
}
