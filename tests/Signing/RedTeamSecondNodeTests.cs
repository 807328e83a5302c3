using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Gateway;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>The operator's own node is asked whether it has the transaction, and nothing else: it agrees to what it was never asked.</summary>
public sealed class RedTeamSecondNodeTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly SetClock clock = new() { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
    private readonly List<string> asked = [];

    public void Dispose() => world.Dispose();

    // The gateway never sends the bytes, says that the account's count is past, and keeps them. The operator's node, in perfect health, does not know a
    // transaction that nobody sent, and says (if it were asked) that the account's count is still the transaction's own number.
    [Fact]
    public async Task A_transaction_whose_number_is_still_free_is_not_replaced()
    {
        using var node = new LoopbackServer(request => Node(request, new() { ["eth_getTransactionByHash"] = "null", ["eth_getTransactionCount"] = "\"0x0\"" }));
        world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        world.OnBroadcast = _ => Reply.Cut;
        var lies = false;
        world.OnAny = request => !lies ? null
            : request.Path.StartsWith("/v3/ethereum/transaction/count/", StringComparison.Ordinal) ? new(200, "1000")
            : request.Path.StartsWith("/v3/ethereum/transaction/0x", StringComparison.Ordinal) ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""")
            : null;
        var (before, after, verdict, account) = await world.WithServicesAsync(
            async plain =>
            {
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { ["ETH"] = node.Url });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes }, world.Options with { Chains = ["ETH"] });
                await cycle.RunOnceAsync(CancellationToken.None);
                var name = Signed().GetProperty("account").GetString()!;
                var next = plain.Journal.NextSequence(name);
                lies = true;
                CycleReport report = null!;
                for (var look = 0; look < 3; look++)
                {
                    clock.Now += TimeSpan.FromMinutes(11);
                    report = await cycle.RunOnceAsync(CancellationToken.None);
                }

                return (next, plain.Journal.NextSequence(name), report.Transactions.Single(), name);
            },
            clock);
        Assert.True(verdict.Verdict is Verdict.Unknown && !world.Reports.Any(), $"verdict {verdict.Verdict}: {verdict.Reason}; events {string.Join(',', Events())}; own node was asked {string.Join(',', asked)}; "
            + $"reports of failure to the gateway {world.Reports.Count()}; next number of {account}: {before} -> {after}, signed was {Signed().GetProperty("sequence")}");
    }

    // The operator's node is behind: it has not even reached the last block the transaction is valid in. It "does not have it", so a second signature is made.
    [Fact]
    public async Task A_node_that_is_behind_the_last_valid_block_proves_nothing()
    {
        using var node = new LoopbackServer(request => Node(request, new() { ["getTransaction"] = "null", ["getBlockHeight"] = "10", ["getSlot"] = "10", ["getFirstAvailableBlock"] = "5" }));
        world.Add("SOL", "native-transfer-generated-wallet");
        world.OnAny = request => Rpc(request) switch
        {
            "getLatestBlockhash" => new(200, """{"jsonrpc":"2.0","result":{"value":{"blockhash":"HASH","lastValidBlockHeight":1000}}}""".Replace("HASH", Blockhash(), StringComparison.Ordinal)),
            "sendTransaction" => new(200, """{"jsonrpc":"2.0","error":{"code":-32002,"message":"Blockhash not found"}}"""),
            "getBlockHeight" => new(200, """{"jsonrpc":"2.0","result":5000}"""),
            "getTransaction" => new(200, """{"jsonrpc":"2.0","result":null}"""),
            _ => null,
        };
        await world.WithServicesAsync(
            async plain =>
            {
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { ["SOL"] = node.Url });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes }, world.Options with { Chains = ["SOL"] });
                for (var look = 0; look < 3; look++)
                {
                    await cycle.RunOnceAsync(CancellationToken.None);
                    clock.Now += TimeSpan.FromMinutes(13);
                }

                return 0;
            },
            clock);
        Assert.True(Events().Count(kind => kind == "signed") == 1, $"events {string.Join(',', Events())}; own node was asked {string.Join(',', asked)}");
    }

    private Reply Node(Received request, Dictionary<string, string> answers)
    {
        var method = Rpc(request)!;
        asked.Add(method);
        return new(200, $$"""{"jsonrpc":"2.0","id":"kms","result":{{answers[method]}}}""");
    }

    private static string? Rpc(Received request) => request.Body.Length > 0 && JsonDocument.Parse(request.Body).RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("method", out var method)
        ? method.GetString()
        : null;

    private static string Blockhash() => Base58.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    private JsonElement Signed() => File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).First(line => line.GetProperty("event").GetString() == "signed");

    private List<string> Events() =>
        [.. File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!)];
}
