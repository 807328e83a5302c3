using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Gateway;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>
/// An own node's word that a dated transaction is absent counts only when the node is past its end and reaches back to
/// its signature: <see cref="OwnNode"/>.
/// </summary>
public sealed class OwnNodeProofTests : IDisposable
{
    private static readonly DateTimeOffset Signed = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly DateTimeOffset End = Signed.AddMinutes(1);
    private static readonly string ReferenceBlock = new('a', 64);
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    public static TheoryData<string, string, bool> Nodes => new()
    {
        { "TRON", """{"/wallet/getnowblock":{"block_header":{"raw_data":{"number":1000000,"timestamp":1700000900000}}},"/wallet/getblockbynum {\"num\":999500}":{"block_header":{"raw_data":{"number":999500,"timestamp":1699999399000}}}}""", true },
        { "TRON", """{"/wallet/getnowblock":{"block_header":{"raw_data":{"number":1000000,"timestamp":1700000060000}}}}""", false }, // still valid there
        { "TRON", """{"/wallet/getnowblock":{"block_header":{"raw_data":{"number":1000000,"timestamp":1700000900000}}},"/wallet/getblockbynum {\"num\":999500}":{}}""", false }, // from a snapshot
        { "TRON", """{"/wallet/getnowblock":{"block_header":{"raw_data":{"number":1000000,"timestamp":1700000900000}}},"/wallet/getblockbynum {\"num\":999500}":{"block_header":{"raw_data":{"number":999500,"timestamp":1700000001000}}}}""", false },
        { "TRON", """{"/wallet/getnowblock":{"block_header":{"raw_data":{"number":"1000000","timestamp":1700000900000}}}}""", false },
        { "TRON", """{"/wallet/getnowblock":{"block_header":{"raw_data":{"number":9223372036854775807,"timestamp":9223372036854775807}}}}""", false },
        { "TRON", """{"/wallet/getnowblock":{"Error":"this API is closed because this node is a lite fullnode"}}""", false },
        { "XLM", """{"/":{"history_latest_ledger_closed_at":"2023-11-14T22:30:00Z"},"/ledgers?order=asc&limit=1":{"_embedded":{"records":[{"closed_at":"2023-11-14T22:00:00Z"}]}}}""", true },
        { "XLM", """{"/":{"history_latest_ledger_closed_at":"2023-11-14T22:14:00Z"}}""", false },
        { "XLM", """{"/":{"history_latest_ledger_closed_at":"2023-11-14T22:30:00Z"},"/ledgers?order=asc&limit=1":{"_embedded":{"records":[{"closed_at":"2023-11-14T22:13:20Z"}]}}}""", false },
        { "XLM", """{"/":{"history_latest_ledger_closed_at":"2023-11-14T22:30:00Z"},"/ledgers?order=asc&limit=1":{"_embedded":{"records":[]}}}""", false },
        { "XLM", """{"/":{"history_latest_ledger_closed_at":12}}""", false },
        { "XLM", """{"/":{}}""", false },
        { "SOL", """{"getSlot":{"result":900},"getBlockTime [900]":{"result":1700000661},"isBlockhashValid":{"result":{"value":false}},"getFirstAvailableBlock []":{"result":0}}""", true },
        { "SOL", """{"getSlot":{"result":900},"getBlockTime [900]":{"result":1700000661},"isBlockhashValid":{"result":{"value":false}},"getFirstAvailableBlock []":{"result":77},"getBlockTime [77]":{"result":1699999400}}""", true },
        { "SOL", """{"getSlot":{"result":900},"getBlockTime [900]":{"result":1700000661},"isBlockhashValid":{"result":{"value":false}},"getFirstAvailableBlock []":{"result":77},"getBlockTime [77]":{"result":1700000000}}""", false },
        { "SOL", """{"getSlot":{"result":900},"getBlockTime [900]":{"result":1700000661},"isBlockhashValid":{"result":{"value":false}},"getFirstAvailableBlock []":{"result":77},"getBlockTime [77]":{"error":{"code":-32009}}}""", false },
        { "SOL", """{"getSlot":{"result":900},"getBlockTime [900]":{"result":1700000661},"isBlockhashValid":{"result":{"value":true}}}""", false }, // the network stood still
        { "SOL", """{"getSlot":{"result":900},"getBlockTime [900]":{"result":1700000661},"isBlockhashValid":{"error":{"code":-32601}}}""", false },
        { "SOL", """{"getSlot":{"result":900},"getBlockTime [900]":{"result":1700000660}}""", false }, // behind, whatever block the gateway called the last
        { "FLOW", """{"/v1/blocks/REF":[{"header":{"id":"REF","height":"50"}}],"/v1/blocks?height=sealed":[{"header":{"id":"REF","height":"851"}}],"/v1/accounts/8ee4ed24ff1d1dd2?block_height=sealed&expand=contracts,keys":{"keys":[{"index":"3","sequence_number":"9"}]}}""", true },
        { "FLOW", """{"/v1/blocks/REF":[{"header":{"id":"REF","height":"50"}}],"/v1/blocks?height=sealed":[{"header":{"id":"REF","height":"850"}}]}""", false },
        { "FLOW", """{"/v1/blocks/REF":[{"header":{"id":"REF","height":"50"}}],"/v1/blocks?height=sealed":[{"header":{"id":"REF","height":"851"}}],"/v1/accounts/8ee4ed24ff1d1dd2?block_height=sealed&expand=contracts,keys":{"keys":[{"index":"3","sequence_number":"10"}]}}""", false }, // used: by it, under whatever id
        { "FLOW", """{"/v1/blocks/REF":{"code":404,"message":"not found"}}""", false }, // another spork
        { "FLOW", """{"/v1/blocks/REF":[{"header":{"id":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","height":"50"}}]}""", false },
    };

    [Theory, MemberData(nameof(Nodes))]
    public static void Only_a_node_that_saw_it_all_proves_that_it_expired(string chain, string answers, bool proves)
    {
        var node = JsonDocument.Parse(answers.Replace("REF", ReferenceBlock, StringComparison.Ordinal)).RootElement;
        var proof = ChainCatalog.Get(chain).Rules.SecondPast!(new(Data(chain), Signed, End));
        while (proof is { Ask: { } ask })
        {
            proof = proof.Then(node.TryGetProperty(Question(ask), out var answer) ? new(200, answer.GetRawText()) : throw new InvalidOperationException($"not expected: {Question(ask)}"));
        }

        Assert.Equal(proves, proof == SecondProof.Given);
    }

    [Fact]
    public static void Every_chain_with_dates_has_a_proof_or_is_settled_by_hand() =>
        Assert.Equal(
            ["FLOW", "SOL", "TRON", "XLM"],
            ChainCatalog.All.Where(chain => chain.Value.Rules.SecondPast is not null).Select(chain => chain.Key).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_node_in_good_order_ends_it() => Assert.Equal("expired", await EndAsync("TRON", "trx-transfer", behind: false));

    [Fact]
    public async Task A_node_that_is_behind_leaves_it_open() => Assert.NotEqual("expired", await EndAsync("TRON", "trx-transfer", behind: true));

    // the gateway took it, kept it, and says that the chain does not have it; the node does not have it either
    private async Task<string> EndAsync(string chain, string vector, bool behind)
    {
        var clock = new SetClock { Now = Signed };
        using var node = new LoopbackServer(request => new(200, request.Path switch
        {
            "/wallet/gettransactionbyid" => "{}",
            "/wallet/getnowblock" => Block(1_000_000, behind ? Signed : clock.Now),
            _ => Block(JsonDocument.Parse(request.Body).RootElement.GetProperty("num").GetInt64(), Signed.AddHours(-1)),
        }));
        world.Add(chain, vector);
        world.OnBroadcast = _ => Reply.Cut;
        world.OnAny = request => request.Path.StartsWith("/v3/tron/transaction/", StringComparison.Ordinal) ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""") : null;
        await world.WithServicesAsync(
            async plain =>
            {
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { [chain] = node.Url });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes }, world.Options with { Chains = [chain] });
                for (var look = 0; look < 4; look++)
                {
                    await cycle.RunOnceAsync(CancellationToken.None);
                    clock.Now += TimeSpan.FromMinutes(13);
                }

                return 0;
            },
            clock);
        return File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!).Last();
    }

    private static string Block(long number, DateTimeOffset time) =>
        $$"""{"blockID":"00","block_header":{"raw_data":{"number":{{number}},"timestamp":{{time.ToUnixTimeMilliseconds()}} } } }""";

    private static string Question(NodeCall ask)
    {
        if (ask.Body is null)
        {
            return ask.Path;
        }

        var body = JsonDocument.Parse(ask.Body).RootElement;
        return body.TryGetProperty("method", out var method) ? method.GetString() is "getSlot" or "isBlockhashValid" ? method.GetString()! : $"{method.GetString()} {body.GetProperty("params").GetRawText()}"
            : ask.Path + (ask.Body == "{}" ? "" : " " + ask.Body);
    }

    private static string Vector(string chain)
    {
        using var run = SigningRun.Sign(Vectors.Case(chain, "signing", "native-transfer-generated-wallet"));
        return run.Signed.Data;
    }

    private static string Data(string chain) => chain switch
    {
        "SOL" => Vector(chain),
        "FLOW" => """
            {"script":"","arguments":[],"referenceBlock":"REF","referenceHeight":18446744073709551615,"proposer":{"address":"8ee4ed24ff1d1dd2","keyId":3},
            "sequenceNumber":9,"payer":{"address":"8ee4ed24ff1d1dd2","keyId":0},"account":"955cd3f17b2fd8ad","signature":"SIG"}
            """.Replace("REF", ReferenceBlock, StringComparison.Ordinal).Replace("SIG", new('0', 128), StringComparison.Ordinal),
        _ => "",
    };
}
