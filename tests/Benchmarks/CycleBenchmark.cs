using System.Diagnostics;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Gateway;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging.Abstractions;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>Whole cycles over loopback HTTP, journal and audit on disk, against the same HTTP traffic with nothing signed.</summary>
internal static class CycleBenchmark
{
    public static async Task RunAsync(Table table)
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("benchmark password");
        var rates = new Dictionary<(int Keys, int Pending), double>();
        foreach (var pending in new[] { 1_000, 10_000 })
        {
            foreach (var keys in new[] { 100, 25_000 })
            {
                var path = StoreBenchmark.Make(folder, password, keys);
                var (cycle, http) = await MeasureAsync(folder, path, password, pending);
                table.Share($"cycle of {pending:N0} transactions at {keys:N0} keys, against the same HTTP traffic alone", cycle, http, atLeast: keys == 25_000 ? 0.5 : null);
                table.Figure($"  … transactions a second", pending / cycle.TotalSeconds, "tx/s");
                rates[(keys, pending)] = pending / cycle.TotalSeconds;
                File.Delete(path);
            }

            table.Share($"rate at 25,000 keys as a part of the rate at 100, {pending:N0} transactions", TimeSpan.FromSeconds(1 / rates[(25_000, pending)]), TimeSpan.FromSeconds(1 / rates[(100, pending)]), atLeast: 0.85);
        }

        var small = StoreBenchmark.Make(folder, password, 100);
        var (idle, _) = await MeasureAsync(folder, small, password, 0);
        table.Figure("idle cycle", idle.TotalMilliseconds, "ms");
    }

    private static async Task<(TimeSpan Cycle, TimeSpan Http)> MeasureAsync(TempFolder folder, string path, SecretBytes password, int pending)
    {
        using var store = WalletStore.Open(path, password);
        var list = "[" + string.Join(',', Pending(store, pending)) + "]";
        using var gateway = new BenchmarkGateway(list);
        using var client = new GatewayClient(new(new("key")) { Api = gateway.Url }, Network.Testnet, TimeProvider.System);
        await client.PendingAsync("ETH", store.Ids("ETH", Network.Testnet), CancellationToken.None); // warm connections
        var http = TimeSpan.MaxValue;
        var cycle = TimeSpan.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            http = Min(http, await TrafficAsync(client, store, pending));
            var state = folder.File($"state-{Guid.NewGuid()}");
            using var service = SigningService.Open(new(new(new(Network.Testnet)) { Chains = ["ETH"] }, new(new("key")) { Api = gateway.Url }, state), store, TimeProvider.System, NullLogger.Instance);
            var clock = Stopwatch.StartNew();
            var report = await new SigningCycle(service.Services, service.Options.Cycle).RunOnceAsync(CancellationToken.None);
            cycle = Min(cycle, clock.Elapsed);
            if (report.Count(Verdict.Accepted) != pending)
            {
                throw new InvalidOperationException($"only {report.Count(Verdict.Accepted)} of {pending} were accepted: {report.Transactions.FirstOrDefault(item => item.Reason is not null)?.Reason}");
            }
        }

        return (cycle, http);
    }

    /// <summary>The same requests with the same concurrency and bodies of the same size, and nothing else.</summary>
    private static async Task<TimeSpan> TrafficAsync(GatewayClient client, WalletStore store, int pending)
    {
        var body = $$"""{"txData":"0x{{new string('a', 220)}}","signatureId":"{{new string('b', 24)}}"}""";
        var clock = Stopwatch.StartNew();
        await client.PendingAsync("ETH", store.Ids("ETH", Network.Testnet), CancellationToken.None);
        await Parallel.ForAsync(0, pending, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, cancel) =>
            await client.CallAsync(NodeCall.Post("/v3/ethereum/broadcast", body, "traffic"), cancel));
        return clock.Elapsed;
    }

    private static IEnumerable<string> Pending(WalletStore store, int count)
    {
        var ids = store.Ids("ETH", Network.Testnet);
        for (var i = 0; i < count; i++)
        {
            yield return new JsonObject
            {
                ["id"] = Convert.ToHexStringLower(BitConverter.GetBytes((long)i)) + "00000000",
                ["chain"] = "ETH",
                ["hashes"] = new JsonArray(ids[i % ids.Count]),
                ["serializedTransaction"] = $$"""{"from":0,"to":"0x7db98c08e0baf33cb04fe43cc17bbee99ffebc6a","value":"{{i + 1}}","nonce":{{i}},"gasPrice":"20914161285","gas":"21000","chainId":11155111}""",
            }.ToJsonString();
        }
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>A gateway as fast as Kestrel allows: one list, everything accepted.</summary>
    private sealed class BenchmarkGateway(string list) : IDisposable
    {
        private readonly LoopbackServer server = new(request => request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal) ? new(200, list) : new(200, """{"txId":"0x00"}""")) { Keep = false };

        public Uri Url => server.Url;

        public void Dispose() => server.Dispose();
    }
}
