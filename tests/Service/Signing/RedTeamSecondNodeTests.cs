using KmsCloud.Gateway;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>The operator's own node is asked whether it has the transaction, and nothing else: it agrees to what it was never asked.</summary>
public sealed class RedTeamSecondNodeTests : OwnNodeWorld
{
    // The gateway never sends the bytes, says that the account's count is past, and keeps them. The operator's node, in perfect health, does not know a
    // transaction that nobody sent, and says (if it were asked) that the account's count is still the transaction's own number.
    [Fact]
    public async Task A_transaction_whose_number_is_still_free_is_not_replaced()
    {
        using var node = new LoopbackServer(request => Answer(request, new() { ["eth_getTransactionByHash"] = "null", ["eth_getTransactionCount"] = "\"0x0\"" }));
        World.Add("ETH", "token-transfer-nonce-gas-price-missing");
        World.OnBroadcast = _ => Reply.Cut;
        var lies = false;
        World.OnAny = request => !lies ? null
            : request.Path.StartsWith("/v3/ethereum/transaction/count/", StringComparison.Ordinal) ? new(200, "1000")
            : request.Path.StartsWith("/v3/ethereum/transaction/0x", StringComparison.Ordinal) ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""")
            : null;
        var (before, after, verdict, account) = await World.WithServicesAsync(
            async plain =>
            {
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { ["ETH"] = node.Url });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes }, World.Options with { Chains = ["ETH"] });
                await cycle.RunOnceAsync(CancellationToken.None);
                var name = Signed().GetProperty("account").GetString()!;
                var next = plain.Journal.NextSequence(name);
                lies = true;
                CycleReport report = null!;
                for (var look = 0; look < 3; look++)
                {
                    Clock.Now += TimeSpan.FromMinutes(11);
                    report = await cycle.RunOnceAsync(CancellationToken.None);
                }

                return (next, plain.Journal.NextSequence(name), report.Transactions.Single(), name);
            },
            Clock);
        Assert.True(verdict.Verdict is Verdict.Unknown && !World.Reports.Any(), $"verdict {verdict.Verdict}: {verdict.Reason}; events {string.Join(',', Events())}; own node was asked {string.Join(',', Asked)}; "
            + $"reports of failure to the gateway {World.Reports.Count()}; next number of {account}: {before} -> {after}, signed was {Signed().GetProperty("sequence")}");
    }

    // The operator's node is behind, or stands still since before the signature. It "does not have it", so a second signature is made, whatever last block the gateway named.
    [Theory, InlineData(1000), InlineData(1)]
    public async Task A_node_that_is_behind_proves_nothing(ulong last)
    {
        using var node = new LoopbackServer(request => Answer(request, new()
        {
            ["getTransaction"] = "null",
            ["getBlockHeight"] = "1000000",
            ["getSlot"] = "1000000",
            ["getFirstAvailableBlock"] = "5",
            ["getBlockTime"] = "1700000000",
            ["isBlockhashValid"] = """{"value":false}""",
        }));
        World.Add("SOL", "native-transfer-generated-wallet");
        World.OnAny = request => Rpc(request) switch
        {
            "getLatestBlockhash" => Blockhash(last),
            "sendTransaction" => new(200, """{"jsonrpc":"2.0","error":{"code":-32002,"message":"Blockhash not found"}}"""),
            "getBlockHeight" => new(200, """{"jsonrpc":"2.0","result":1000600}"""),
            "getTransaction" => new(200, """{"jsonrpc":"2.0","result":null}"""),
            _ => null,
        };
        await RunAsync("SOL", node.Url, cycles: 6);
        Assert.True(Events().Count(kind => kind == "signed") == 1, $"events {string.Join(',', Events())}; own node was asked {string.Join(',', Asked)}");
        Assert.Contains("getSlot", Asked);
    }
}
