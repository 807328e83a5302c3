using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>(<see cref="NumberSpans"/>) A number that a request brought along is held like one that was given out: no later transaction of the account takes its place.</summary>
public sealed class GivenNonceTests : IDisposable
{
    private const string Case = "native-transfer-private-key";
    private readonly CycleWorld world = new();
    private ulong confirmed = 5; // says the gateway

    public GivenNonceTests() => world.OnAny = request =>
        request.Path.StartsWith("/v3/ethereum/transaction/count/", StringComparison.Ordinal) ? new(200, confirmed.ToString(CultureInfo.InvariantCulture)) : null;

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_next_transaction_of_the_account_gets_another_number(bool inOneCycle)
    {
        world.Add("ETH", Case); // nonce 5, which the request names
        if (!inOneCycle)
        {
            Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        }

        Again("0123456789abcdef01234567", null);
        var report = await world.RunAsync(); // all opened afresh, as after a restart
        Assert.True(report.Count(Verdict.Accepted) == 2, string.Join('\n', report.Transactions));
        Assert.Equal(["5", "6"], Numbers().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_number_that_two_hold_is_not_free_while_one_of_them_is_out()
    {
        world.Add("ETH", Case);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        world.OnBroadcast = _ => new(403, """{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"Unable to broadcast transaction due to invalid sender"}""");
        world.OnAny = request => request.Path.StartsWith("/v3/ethereum/transaction/count/", StringComparison.Ordinal) ? new(200, confirmed.ToString(CultureInfo.InvariantCulture))
            : request.Path.StartsWith("/v3/ethereum/transaction/0x", StringComparison.Ordinal) ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""")
            : null;
        Again("0123456789abcdef01234567", 5); // the same number, to take its place, is refused for good
        var second = (await world.RunAsync()).Transactions.Single(transaction => transaction.Id == "0123456789abcdef01234567");
        Assert.True(second.Verdict is Verdict.Failed, second.ToString());
        world.OnBroadcast = _ => new(200, """{"txId":"0xab"}""");
        Again("0123456789abcdef01234568", null);
        await world.RunAsync();
        Assert.Equal("6", Numbers()[^1]);
    }

    [Fact]
    public async Task After_mending_a_count_of_the_gateway_that_a_transaction_holds_is_passed_over()
    {
        world.Add("ETH", Case);
        world.Pending.Clear();
        foreach (var last in "678")
        {
            Again("0123456789abcdef0123456" + last, null);
        }

        Assert.Equal(3, (await world.RunAsync()).Count(Verdict.Accepted));
        await world.WithServicesAsync(async services =>
        {
            var account = (await services.Journal.FindAsync("0123456789abcdef01234567"))!.SequenceAccount!;
            await services.Journal.RecordStateAsync("0123456789abcdef01234567", JournalState.Rejected, null, "no"); // number 6
            await services.Journal.RenumberAsync(account, 5);
            return 0;
        });
        confirmed = 7; // which the third transaction holds
        Again("0123456789abcdef01234569", null);
        await world.RunAsync();
        Assert.Equal("8", Numbers()[^1]);
    }

    [Fact]
    public async Task Releasing_what_was_refused_does_not_free_the_number_that_another_took_since()
    {
        using var folder = new TempFolder();
        using var log = KmsCloud.State.FileAppendLog.Open(folder.File("journal.jsonl"));
        for (var life = 0; life < 2; life++)
        {
            var journal = Journal.Open(log, TimeProvider.System);
            if (life == 0)
            {
                await SignAsync(journal, "first", 5);
                await journal.RecordStateAsync("first", JournalState.Rejected, null, "no");
                Assert.Null(journal.NextSequence("ETH:a"));
                await SignAsync(journal, "second", 5);
                await journal.RecordStateAsync("first", JournalState.Released, null, "an operator");
            }

            Assert.Equal(6UL, journal.NextSequence("ETH:a"));
        }
    }

    private static Task<JournalEntry> SignAsync(Journal journal, string id, ulong number) => journal.RecordSignedAsync(
        new KmsCloud.Chains.PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" }, "c0ffee", new("0xff", null) { SequenceAccount = "ETH:a", Sequence = number });

    private void Again(string id, int? nonce)
    {
        var pending = JsonNode.Parse(Vectors.Case("ETH", "signing", Case).GetProperty("pending").GetRawText())!.AsObject();
        var transaction = JsonNode.Parse(pending["serializedTransaction"]!.GetValue<string>())!.AsObject();
        transaction["value"] = id[^1] - '0' + 1;
        transaction.Remove("nonce");
        if (nonce is { } given)
        {
            transaction["nonce"] = given;
        }

        (pending["id"], pending["serializedTransaction"]) = (id, transaction.ToJsonString());
        world.List("ETH", pending.ToJsonString());
    }

    private List<string> Numbers() =>
    [
        .. File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("decision").GetString() == "signing").Select(line => line.GetProperty("sequence").GetString()!),
    ];
}
