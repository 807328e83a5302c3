using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>
/// Numbers and sizes a gateway chooses: none stops the service, poisons the journal, or takes an account away
/// (<see cref="SequenceBounds"/>).
/// </summary>
public sealed class HostileNumbersTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    public static TheoryData<string> Counts() =>
    [
        "0", "255", "256", "65536", "2147483648", "4294967295", "4294967296", "9007199254740991", "9007199254740992", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "18446744073709551616", "-1", "1.5", "1e400", "\"12\"", "\"\"", "null", "true", "[]", "{}", "\"0xffffffffffffffff\"",
    ];

    [Theory, MemberData(nameof(Counts))]
    public async Task Whatever_the_gateway_counts_the_journal_opens_again(string count)
    {
        world.Add("EGLD", "transfer-mnemonic-index");
        world.Add("BNB", Name("BNB"));
        world.Add("ETH", Name("ETH"));
        world.OnAny = request => request.Method == "GET" && request.Path.Contains("/count/", StringComparison.Ordinal) ? new(200, count)
            : request.Path.Contains("/v3/bnb/account/", StringComparison.Ordinal) ? new(200, $$"""{"account_number":{{count}},"sequence":{{count}}}""")
            : request.Path.Contains("/v3/egld/node/", StringComparison.Ordinal) && request.Path.EndsWith("/nonce", StringComparison.Ordinal)
                ? new(200, $$$"""{"data":{"nonce":{{{count}}},"account":{"nonce":{{{count}}}}},"code":"successful"}""")
            : null;
        for (var life = 0; life < 2; life++)
        {
            await world.RunAsync();
        }

        using var log = FileAppendLog.OpenForReading(Path.Combine(world.StateFolder, "journal.jsonl"));
        Journal.Open(log, TimeProvider.System);
        Assert.DoesNotContain(world.LogLines, line => line.Contains("bug", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(1UL << 62, true)]
    [InlineData((1UL << 62) + 1, false)]
    [InlineData((ulong)long.MaxValue, false)]
    [InlineData(ulong.MaxValue, false)]
    public async Task A_sequence_number_is_written_only_when_it_can_be_read_again(ulong sequence, bool written)
    {
        using var folder = new TempFolder();
        using var log = FileAppendLog.Open(folder.File("journal.jsonl"));
        var journal = Journal.Open(log, TimeProvider.System);
        var pending = new PendingTransaction { Id = "one", Chain = "BNB", SerializedTransaction = "{}" };
        var error = await Record.ExceptionAsync(() => journal.RecordSignedAsync(pending, "00", new("0x", "ab") { SequenceAccount = "BNB:x", Sequence = sequence }));
        Assert.Equal(written, error is null);
        using var again = FileAppendLog.OpenForReading(folder.File("journal.jsonl"));
        Assert.Equal(written ? 1 : 0, Journal.Open(again, TimeProvider.System).Count);
    }

    [Fact]
    public async Task A_count_far_above_what_was_signed_is_refused_and_the_account_lives_on()
    {
        var nonce = 41UL;
        world.OnAny = request => request.Path.Contains("/count/", StringComparison.Ordinal) ? new(200, $"{nonce}") : null;
        var vector = world.Add("ETH", Name("ETH"));
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Next(vector, "second");
        nonce = (1UL << 53) - 1;
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Refused));
        Next(vector, "third");
        nonce = 42;
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
    }

    [Theory] // H3: the first count of all
    [InlineData("ETH")]
    [InlineData("EGLD")]
    [InlineData("BNB")]
    public async Task The_first_count_of_an_account_is_bounded_too(string chain)
    {
        var count = (1UL << 53) - 1;
        world.OnAny = request => request.Method == "GET" && request.Path.Contains("/count/", StringComparison.Ordinal) ? new(200, $"{count}")
            : request.Path.Contains("/v3/bnb/account/", StringComparison.Ordinal) ? new(200, $$"""{"account_number":7,"sequence":{{count}}}""")
            : null;
        var vector = world.Add(chain, chain == "EGLD" ? "transfer-mnemonic-index" : Name(chain));
        var first = await world.RunAsync();
        if (chain == "EGLD" && first.Count(Verdict.Accepted) == 1)
        {
            return; // the recorded request names its nonce
        }

        Assert.Contains("no account has made more than 100000000", Assert.Single(first.Transactions).Reason!, StringComparison.Ordinal);
        count = 99_999_999;
        Next(vector, "second", chain);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
    }

    [Fact] // H3: hand work becomes one command
    public async Task A_poisoned_account_is_mended_and_goes_on_at_the_number_the_operator_names()
    {
        var count = 50_000_000UL;
        world.OnAny = request => request.Path.Contains("/count/", StringComparison.Ordinal) ? new(200, $"{count}") : null;
        var vector = world.Add("ETH", Name("ETH"));
        await world.RunAsync();
        count = 5; // the true one
        Next(vector, "second");
        await world.RunAsync();
        await MendAsync(5);
        foreach (var id in new[] { "third", "fourth", "fifth" })
        {
            Next(vector, id);
            await world.RunAsync();
        }

        Assert.Equal([50_000_000UL, 50_000_001, 5, 6, 7], Numbers());
    }

    private async Task MendAsync(ulong from)
    {
        using var log = FileAppendLog.Open(Path.Combine(world.StateFolder, "journal.jsonl"));
        var journal = Journal.Open(log, TimeProvider.System);
        await journal.RenumberAsync(JournalLog.ReadAll(log).Values.First().SequenceAccount!, from);
    }

    private List<ulong> Numbers()
    {
        using var log = FileAppendLog.OpenForReading(Path.Combine(world.StateFolder, "journal.jsonl"));
        return [.. JournalLog.ReadAll(log).Values.OrderBy(entry => entry.SignedAt).Select(entry => entry.Sequence!.Value)];
    }

    [Fact]
    public async Task An_amount_of_millions_of_digits_is_refused_at_once_and_stops_nobody()
    {
        world.Add("ETH", "native-transfer-private-key");
        var vector = Vectors.Case("EGLD", "signing", "transfer-mnemonic-index");
        world.Add("EGLD", vector, pending =>
        {
            var transaction = JsonNode.Parse(pending["serializedTransaction"]!.GetValue<string>())!.AsObject();
            transaction["receiver"] = transaction["sender"]?.GetValue<string>();
            var data = "ESDTNFTTransfer@4142432d313233343536@01@" + new string('f', 6_500_000) + "@" + new string('1', 64);
            transaction["data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(data));
            pending["serializedTransaction"] = transaction.ToJsonString();
            return pending;
        });
        var watch = Stopwatch.StartNew();
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Accepted));
        Assert.Equal(1, report.Count(Verdict.Refused));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{watch.Elapsed}");
    }

    [Fact]
    public void Every_chain_refuses_what_is_larger_than_its_largest_before_it_reads_it()
    {
        foreach (var chain in ChainCatalog.All.Values)
        {
            var pending = new PendingTransaction { Id = "one", Chain = chain.Info.Code, SerializedTransaction = new string('x', chain.Info.LargestRequest + 1) };
            Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => chain.Info.RequireSize(pending)).Failure);
            chain.Info.RequireSize(pending with { SerializedTransaction = "{}" });
        }
    }

    private void Next(System.Text.Json.JsonElement vector, string id, string chain = "ETH")
    {
        world.Pending[chain].Clear();
        var pending = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        pending["id"] = id;
        world.List(chain, pending.ToJsonString());
    }

    /// <summary>A recording whose number is handed out by the gateway.</summary>
    private static string Name(string chain) => Vectors.Read(chain).GetProperty("signing").EnumerateArray()
        .First(item => item.TryGetProperty("gateway", out var calls) && calls.EnumerateArray().Any(call => call.Text("path")!.Contains(chain == "BNB" ? "/account/" : "/count/", StringComparison.Ordinal))).Text("name")!;
}
