using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>What may have left is never called failed, and nothing a gateway says alone gets a second signature.</summary>
public sealed class HandOverTests : IDisposable
{
    private const string EtherCase = "native-transfer-private-key";
    private const string Permanent = """{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"Unable to broadcast transaction due to invalid sender"}""";
    private readonly CycleWorld world = new();
    private Presence presence = Presence.Absent;
    private int looks;

    public HandOverTests() => world.OnAny = Look;

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_refusal_for_good_is_final_when_the_chain_does_not_have_it()
    {
        world.Add("ETH", EtherCase);
        world.OnBroadcast = _ => new(403, Permanent);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Failed));
        Assert.Equal(1, looks);
        Assert.Equal("rejected", Events().Last());
    }

    [Theory]
    [InlineData(Presence.Found, Verdict.Accepted)]
    [InlineData(Presence.Unknown, Verdict.Unknown)]
    public async Task A_refusal_for_good_is_not_final_when_the_chain_has_it_or_cannot_be_asked(Presence said, Verdict verdict)
    {
        world.Add("ETH", EtherCase);
        presence = said;
        world.OnBroadcast = _ => new(403, Permanent);
        Assert.Equal(1, (await world.RunAsync()).Count(verdict));
        Assert.Empty(world.Reports);
    }

    [Fact]
    public async Task A_refusal_for_good_after_a_lost_answer_is_not_final()
    {
        world.Add("ETH", EtherCase);
        world.OnBroadcast = _ => Reply.Cut;
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Unknown));
        world.OnBroadcast = _ => new(403, Permanent);
        for (var cycle = 0; cycle < 3; cycle++)
        {
            Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Unknown));
        }

        Assert.Empty(world.Reports);
    }

    [Fact]
    public async Task What_may_be_out_is_asked_for_before_a_copy_is_sent()
    {
        world.Add("ETH", EtherCase);
        world.OnBroadcast = _ => Reply.Cut;
        await world.RunAsync();
        var sent = world.Broadcasts.Count();
        presence = Presence.Found;
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.Equal(sent, world.Broadcasts.Count());
        Assert.Empty(world.Reports);
    }

    [Fact]
    public async Task What_passes_is_kept_with_its_reason_and_sent_again_after_pauses_that_grow()
    {
        world.Add("ETH", EtherCase);
        world.OnBroadcast = _ => new(403, """{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"Unable to broadcast transaction due to txpool is full"}""");
        await world.RunCyclesAsync(5); // all within the first pause
        Assert.InRange(world.Broadcasts.Count(), 1, 2);
        Assert.Contains("txpool is full (HTTP 403)", File.ReadAllText(Path.Combine(world.StateFolder, "journal.jsonl")), StringComparison.Ordinal);
        Assert.Equal(["signed", "heard"], Events());
        Assert.Empty(world.Reports);
    }

    [Fact]
    public async Task An_entry_that_the_gateway_could_not_complete_is_completed()
    {
        var vector = world.Add("ETH", EtherCase);
        var id = vector.GetProperty("pending").Text("id")!;
        world.OnBroadcast = request => new(200, """{"txId":"0xab","failed":true}""");
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        var completed = Assert.Single(world.Gateway.Requests, request => request.Method == "PUT");
        Assert.StartsWith($"/v3/kms/{id}/0x", completed.Path, StringComparison.Ordinal);
        Assert.DoesNotContain("0xab", completed.Path, StringComparison.Ordinal); // the id of what was sent, not the one that was named
        Assert.Contains(world.LogLines, line => line.Contains("0xab", StringComparison.Ordinal) && line.Contains("names the transaction", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_gateways_id_never_replaces_ours()
    {
        world.Add("ETH", EtherCase);
        world.OnBroadcast = _ => new(200, """{"txId":"0xabcdef"}""");
        var report = await world.RunAsync();
        Assert.NotEqual("0xabcdef", report.Transactions.Single().TransactionId);
        Assert.DoesNotContain("\"txId\":\"0xabcdef\"", File.ReadAllText(Path.Combine(world.StateFolder, "audit.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_alone_gets_one_signature_however_it_answers()
    {
        // dated far into the future by our clock, expired and unknown by the gateway's word
        world.Add("SOL", "native-transfer-generated-wallet");
        world.OnAny = request => Rpc(request) switch
        {
            "getLatestBlockhash" => new(200, """{"jsonrpc":"2.0","result":{"value":{"blockhash":"HASH","lastValidBlockHeight":1}}}""".Replace("HASH", Blockhash(), StringComparison.Ordinal)),
            "sendTransaction" => new(200, """{"jsonrpc":"2.0","error":{"code":-32002,"message":"Blockhash not found"}}"""),
            "getBlockHeight" => new(200, """{"jsonrpc":"2.0","result":152}"""),
            "getTransaction" => new(200, """{"jsonrpc":"2.0","result":null}"""),
            _ => null,
        };
        var clock = new SetClock { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
        for (var cycle = 0; cycle < 4; cycle++)
        {
            await world.RunAsync(clock: clock);
            clock.Now += TimeSpan.FromHours(1); // also when its validity has long passed by our clock
        }

        Assert.Equal(1, Events().Count(kind => kind == "signed"));
        Assert.Contains("expired, unproved", File.ReadAllText(Path.Combine(world.StateFolder, "journal.jsonl")), StringComparison.Ordinal);
    }

    private static string? Rpc(Received request) => request.Body.Length > 0 && JsonDocument.Parse(request.Body).RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("method", out var method)
        ? method.GetString()
        : null;

    private static string Blockhash() => Base58.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    private List<string> Events() =>
        [.. File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!)];

    private Reply? Look(Received request)
    {
        const string route = "/v3/ethereum/transaction/0x";
        if (request.Method == "PUT")
        {
            return new(200, "{}");
        }

        if (!request.Path.StartsWith(route, StringComparison.Ordinal))
        {
            return null;
        }

        looks++;
        var found = JsonSerializer.Serialize(new { hash = request.Path[(route.Length - 2)..] });
        return presence switch
        {
            Presence.Found => new(200, found),
            Presence.Absent => new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}"""),
            _ => Reply.Cut,
        };
    }
}
