using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Gateway;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>A gateway that passes a payment on and says that it failed for good, so that the operator pays once more.</summary>
public sealed class GatewayRejectionTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly SetClock clock = new() { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
    private readonly List<string> asked = [];

    public void Dispose() => world.Dispose();

    // The chain has it and it succeeded; the operator's own node says so. The gateway says that executing it failed.
    [Fact]
    public async Task A_SOL_payment_that_succeeded_is_not_rejected_because_the_gateway_says_so()
    {
        using var node = new LoopbackServer(request => Node(request, new() { ["getTransaction"] = """{"slot":5,"meta":{"err":null}}""", ["getBlockHeight"] = "10", ["getSlot"] = "10", ["getFirstAvailableBlock"] = "5" }));
        world.Add("SOL", "native-transfer-generated-wallet");
        world.OnAny = request => Rpc(request) switch
        {
            "getLatestBlockhash" => new(200, """{"jsonrpc":"2.0","result":{"value":{"blockhash":"HASH","lastValidBlockHeight":1000}}}""".Replace("HASH", Base58.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), StringComparison.Ordinal)),
            "sendTransaction" => new(200, """{"jsonrpc":"2.0","result":"ok"}"""),
            "getTransaction" => new(200, """{"jsonrpc":"2.0","result":{"slot":5,"meta":{"err":{"InstructionError":[0,"Custom"]}}}}"""),
            _ => null,
        };
        await RunAsync("SOL", node.Url);
    }

    // The gateway hands it to the chain, answers with a word that is for good, and says that it is not there.
    [Fact]
    public async Task An_ETH_payment_that_the_own_node_has_is_not_rejected_because_the_gateway_says_so()
    {
        using var node = new LoopbackServer(request => Node(request, new() { ["eth_getTransactionByHash"] = "{\"hash\":\"" + (Signed().TryGetProperty("txId", out var id) ? id.GetString() : "") + "\"}", ["eth_getTransactionCount"] = "\"0x0\"" }));
        world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        world.OnBroadcast = _ => new(403, """{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"Unable to broadcast transaction due to invalid sender"}""");
        world.OnAny = request => request.Path.StartsWith("/v3/ethereum/transaction/0x", StringComparison.Ordinal) ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""") : null;
        await RunAsync("ETH", node.Url);
    }

    private async Task RunAsync(string chain, Uri node)
    {
        var verdicts = await world.WithServicesAsync(
            async plain =>
            {
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { [chain] = node });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes }, world.Options with { Chains = [chain] });
                var seen = new List<string>();
                for (var look = 0; look < 3; look++)
                {
                    var report = await cycle.RunOnceAsync(CancellationToken.None);
                    seen.AddRange(report.Transactions.Select(one => $"{one.Verdict}: {one.Reason}"));
                    clock.Now += TimeSpan.FromMinutes(13);
                }

                return seen;
            },
            clock);
        Assert.False(
            verdicts.Exists(text => text.StartsWith("Failed", StringComparison.Ordinal) || text.StartsWith("Refused", StringComparison.Ordinal)),
            $"{string.Join(" | ", verdicts)}; own node was asked: '{string.Join(',', asked)}'; failures reported: {world.Reports.Count()}; journal: {string.Join(',', Events())}");
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

    private JsonElement Signed() => File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).First(line => line.GetProperty("event").GetString() == "signed");

    private List<string> Events() =>
        [.. File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!)];
}
