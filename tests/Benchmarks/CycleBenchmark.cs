using System.Diagnostics;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Cli;
using KmsCloud.Gateway;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>
/// Whole cycles over loopback HTTP, journal and audit on disk, log lines as the daemon writes them, against the same HTTP traffic with nothing signed: on mainnet, where
/// the approver is asked about every transaction, and on a testnet without one.
/// </summary>
internal static class CycleBenchmark
{
    private const int Rounded = 60_000; // transactions that the rounds of a row add up to at least: the first ones warm the code up
    private const int RoundedSlow = 20_000; // the same where the gateway takes its time, and the code is warm

    private const int Connections = 32 + 64; // to the approver and to the gateway, as many as the product opens

    private static readonly TimeSpan[] Delays = [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)];

    private static readonly ThreadLocal<Action> Native = new(SignerBenchmark.Secp256k1); // the key is parsed once; each thread has its own buffers

    public static async Task RunAsync(Table table)
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("benchmark password");
        var rates = new Dictionary<(int Keys, int Pending), TimeSpan>();
        foreach (var keys in new[] { 100, 25_000 })
        {
            var path = StoreBenchmark.Make(folder, password, keys, Network.Mainnet);
            foreach (var pending in new[] { 1_000, 10_000 })
            {
                var (cycle, http, floor) = await MeasureAsync(folder, path, password, pending, Network.Mainnet);
                table.Share($"cycle of {pending:N0} transactions at {keys:N0} keys (mainnet: poll, approver, sign, broadcast), against the same HTTP traffic alone", cycle, http, atLeast: keys == 25_000 ? 0.5 : null);
                table.Share("  … against the same traffic with a bare libsecp256k1 sign and verify for each", cycle, floor);
                table.Share("  … that sign and verify with the traffic, against the traffic alone: what a cycle can reach at the most", floor, http);
                table.Figure("  … transactions a second", pending / cycle.TotalSeconds, "tx/s");
                rates[(keys, pending)] = cycle;
            }

            foreach (var delay in keys == 25_000 ? Delays : [])
            {
                var (cycle, http, _) = await MeasureAsync(folder, path, password, 10_000, Network.Mainnet, delay);
                table.Share($"the same with a gateway and an approver that take {delay.TotalMilliseconds:0} ms to answer: 10,000 transactions at 25,000 keys", cycle, http);
            }

            File.Delete(path);
        }

        foreach (var pending in new[] { 1_000, 10_000 })
        {
            table.Share($"rate at 25,000 keys as a part of the rate at 100, {pending:N0} transactions", rates[(25_000, pending)], rates[(100, pending)], atLeast: 0.85);
        }

        var small = StoreBenchmark.Make(folder, password, 100, Network.Testnet);
        var (bare, traffic, _) = await MeasureAsync(folder, small, password, 10_000, Network.Testnet);
        table.Share("cycle of 10,000 transactions at 100 keys (testnet: no approver), against the same HTTP traffic alone", bare, traffic);
        table.Figure("  … transactions a second", 10_000 / bare.TotalSeconds, "tx/s");
        var (idle, _, _) = await MeasureAsync(folder, small, password, 0, Network.Testnet);
        table.Figure("idle cycle", idle.TotalMilliseconds, "ms");
    }

    private static async Task<(TimeSpan Cycle, TimeSpan Http, TimeSpan Floor)> MeasureAsync(TempFolder folder, string path, SecretBytes password, int pending, Network network, TimeSpan delay = default)
    {
        using var store = WalletStore.Open(path, password);
        var list = "[" + string.Join(',', Pending(store.Ids("ETH", network), pending, network)) + "]";
        using var gateway = new BenchmarkGateway(list, delay);
        using var client = new GatewayClient(new(new("key")) { Api = gateway.Url }, network, TimeProvider.System);
        using var approver = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 32 });
        using var lines = File.Create(folder.File("log"));
        var log = new StderrLogger(LogLevel.Information, json: false, TimeProvider.System, new(lines));
        var (http, floor, cycle) = (TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var done = 0; done < (delay == TimeSpan.Zero ? Rounded : RoundedSlow); done += Math.Max(pending, 1_000))
        {
            http = Min(http, await TrafficAsync(client, network is Network.Mainnet ? approver : null, gateway.Url, store.Ids("ETH", network), pending));
            if (delay == TimeSpan.Zero)
            {
                floor = Min(floor, await TrafficAsync(client, network is Network.Mainnet ? approver : null, gateway.Url, store.Ids("ETH", network), pending, () => Native.Value!()));
            }

            var options = new ServiceOptions(new(new(network)) { Chains = ["ETH"] }, new(new("key")) { Api = gateway.Url }, folder.File($"state-{Guid.NewGuid()}"))
            {
                Approver = network is Network.Mainnet ? new(gateway.Url, "/approve") : null,
            };
            using var service = SigningService.Open(options, store, TimeProvider.System, log);
            var clock = Stopwatch.StartNew();
            var report = await new SigningCycle(service.Services, service.Options.Cycle).RunOnceAsync(CancellationToken.None);
            cycle = Min(cycle, clock.Elapsed);
            if (report.Count(Verdict.Accepted) != pending)
            {
                throw new InvalidOperationException($"only {report.Count(Verdict.Accepted)} of {pending} were accepted: {report.Transactions.FirstOrDefault(item => item.Reason is not null)?.Reason}");
            }
        }

        return (cycle, http, floor);
    }

    /// <summary>The same requests with as many under way as connections allow, bodies of the same size, and nothing else.</summary>
    private static async Task<TimeSpan> TrafficAsync(GatewayClient client, HttpClient? approver, Uri url, IReadOnlyList<string> ids, int pending, Action? work = null)
    {
        var body = $$"""{"txData":"0x{{new string('a', 220)}}","signatureId":"{{new string('b', 24)}}"}""";
        var question = new Uri(url, "/approve/" + new string('b', 24));
        var clock = Stopwatch.StartNew();
        await client.PendingAsync("ETH", ids, CancellationToken.None);
        await Parallel.ForAsync(0, pending, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (_, cancel) =>
        {
            work?.Invoke();
            if (approver is not null)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, question) { Headers = { { "x-kms-digest", new string('c', 64) } } };
                using var response = await approver.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            }

            await client.CallAsync(NodeCall.Post("/v3/ethereum/broadcast", body, "traffic"), cancel);
        });
        return clock.Elapsed;
    }

    /// <summary>Pending transactions of these wallets, in turn.</summary>
    internal static IEnumerable<string> Pending(IReadOnlyList<string> ids, int count, Network network)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new JsonObject
            {
                ["id"] = Convert.ToHexStringLower(BitConverter.GetBytes((long)i)) + "00000000",
                ["chain"] = "ETH",
                ["hashes"] = new JsonArray(ids[i % ids.Count]),
                ["serializedTransaction"] = $$"""{"from":0,"to":"0x7db98c08e0baf33cb04fe43cc17bbee99ffebc6a","value":"{{i + 1}}","nonce":{{i}},"gasPrice":"20914161285","gas":"21000","chainId":{{(network is Network.Mainnet ? 1 : 11155111)}}}""",
            }.ToJsonString();
        }
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>A gateway and an approver as fast as Kestrel allows: one list, everything approved and accepted.</summary>
    private sealed class BenchmarkGateway(string list, TimeSpan delay) : IDisposable
    {
        private readonly LoopbackServer server = new(request => request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal) ? new(200, list) : new(200, """{"txId":"0x00"}""") { Delay = delay }) { Keep = false };

        public Uri Url => server.Url;

        public void Dispose() => server.Dispose();
    }
}
