using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Gateway;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>What the operator's own node must have passed is a number that the gateway chose.</summary>
public sealed class StandingNodeTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly SetClock clock = new() { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
    private readonly List<string> asked = [];

    public void Dispose() => world.Dispose();

    // The chain is at 1,000,500 when it is signed and the operator's node has stood still at 1,000,000 since before. The gateway says that the last valid block is 1.
    [Fact]
    public async Task A_node_that_stands_still_proves_nothing_whatever_last_block_the_gateway_named()
    {
        using var node = new LoopbackServer(request => Node(request, new() { ["getTransaction"] = "null", ["getBlockHeight"] = "1000000", ["getSlot"] = "1000000", ["getFirstAvailableBlock"] = "5", ["getBlockTime"] = "1700000000" }));
        world.Add("SOL", "native-transfer-generated-wallet");
        world.OnAny = request => Rpc(request) switch
        {
            "getLatestBlockhash" => new(200, """{"jsonrpc":"2.0","result":{"value":{"blockhash":"HASH","lastValidBlockHeight":1}}}""".Replace("HASH", Base58.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), StringComparison.Ordinal)),
            "sendTransaction" => new(200, """{"jsonrpc":"2.0","error":{"code":-32002,"message":"Blockhash not found"}}"""),
            "getBlockHeight" => new(200, """{"jsonrpc":"2.0","result":1000600}"""),
            "getTransaction" => new(200, """{"jsonrpc":"2.0","result":null}"""),
            _ => null,
        };
        await world.WithServicesAsync(
            async plain =>
            {
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { ["SOL"] = node.Url });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes }, world.Options with { Chains = ["SOL"] });
                for (var look = 0; look < 6; look++)
                {
                    await cycle.RunOnceAsync(CancellationToken.None);
                    clock.Now += TimeSpan.FromMinutes(13);
                }

                return 0;
            },
            clock);
        var events = File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!).ToList();
        Assert.True(events.Count(kind => kind == "signed") == 1, $"events {string.Join(',', events)}; own node was asked {string.Join(',', asked)}");
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
}
