using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Readers;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Telemetry;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>
/// Whole cycles over loopback HTTP, journal and audit on disk, log lines as the daemon writes them, against the same HTTP traffic
/// with nothing signed: on mainnet, where the approver is asked about every transaction, and on a testnet without one.
/// </summary>
internal static class CycleBenchmark
{
    private const int Rounded = 60_000; // transactions that the rounds of a row add up to at least: the first ones warm the code up
    private const int RoundedSlow = 20_000; // the same where the gateway takes its time, and the code is warm

    private const int Connections = 32 + 64; // to the approver and to the gateway, as many as the product opens

    private static readonly TimeSpan[] Delays = [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)];

    private static readonly ThreadLocal<Action> Native = new(SignerBenchmark.Secp256k1); // the key is parsed once; each thread has its own buffers

    /// <summary>What a pending transaction says, and so what the gateway is asked for it.</summary>
    internal enum Asked
    {
        /// <summary>Everything is there.</summary>
        Nothing,

        /// <summary>Nonce, gas price and gas are there, as in the recorded ones.</summary>
        ChainId,

        /// <summary>Recipient and value are there.</summary>
        Everything,
    }

    public static async Task RunAsync(Table table)
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("benchmark password");
        var rates = new Dictionary<(int Keys, int Pending), TimeSpan>();
        foreach (var keys in new[] { 100, 25_000 })
        {
            var path = StoreBenchmark.Make(folder, password, keys, Network.Mainnet);
            double? bar = keys == 25_000 ? 0.5 : null;
            foreach (var pending in new[] { 1_000, 10_000 })
            {
                var (cycle, http, floor) = await MeasureAsync(folder, path, password, pending, Network.Mainnet, Asked.ChainId);
                table.Share($"cycle of {pending:N0} transactions at {keys:N0} keys (mainnet: poll, approver, chain id, broadcast), against the same HTTP traffic alone", cycle, http, bar);
                table.Share("  … against the same traffic with a bare libsecp256k1 sign and verify for each", cycle, floor);
                table.Share("  … that sign and verify with the traffic, against the traffic alone: what a cycle can reach at the most", floor, http);
                table.Figure("  … transactions a second", pending / cycle.TotalSeconds, "tx/s");
                rates[(keys, pending)] = cycle;
            }

            if (keys == 25_000)
            {
                await VariantsAsync(table, folder, path, password);
            }

            File.Delete(path);
        }

        foreach (var pending in new[] { 1_000, 10_000 })
        {
            table.Share($"rate at 25,000 keys as a part of the rate at 100, {pending:N0} transactions", rates[(25_000, pending)], rates[(100, pending)], atLeast: 0.85);
        }

        var small = StoreBenchmark.Make(folder, password, 100, Network.Testnet);
        var (bare, traffic, _) = await MeasureAsync(folder, small, password, 10_000, Network.Testnet, Asked.ChainId);
        table.Share("cycle of 10,000 transactions at 100 keys (testnet: no approver), against the same HTTP traffic alone", bare, traffic);
        table.Figure("  … transactions a second", 10_000 / bare.TotalSeconds, "tx/s");
        var (idle, _, _) = await MeasureAsync(folder, small, password, 0, Network.Testnet, Asked.ChainId);
        table.Figure("idle cycle", idle.TotalMilliseconds, "ms");
    }

    /// <summary>What the second reader costs a cycle: the same transactions with and without it, in turn.</summary>
    public static async Task RunWithReaderAsync(Table table)
    {
        const int Pending = 10_000;
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("benchmark password");
        var path = StoreBenchmark.Make(folder, password, 25_000, Network.Mainnet);
        var (without, _, _) = await MeasureAsync(folder, path, password, Pending, Network.Mainnet, Asked.ChainId);
        var (with, _, _) = await MeasureAsync(folder, path, password, Pending, Network.Mainnet, Asked.ChainId, reader: new SecondReader());
        table.Share($"cycle of {Pending:N0} ETH transactions at 25,000 keys with the second reader, against the same without it", with, without, atLeast: 0.70);
        table.Figure("  … transactions a second with it", Pending / with.TotalSeconds, "tx/s");
    }

    /// <summary>The large cycle with less and with more to ask, and behind a gateway that takes its time.</summary>
    private static async Task VariantsAsync(Table table, TempFolder folder, string path, SecretBytes password)
    {
        const int Pending = 10_000;
        foreach (var (asked, says) in new[] { (Asked.Nothing, "the request says everything (poll, approver, broadcast)"), (Asked.Everything, "nonce, gas price, gas and chain id are asked for") })
        {
            var (cycle, http, _) = await MeasureAsync(folder, path, password, Pending, Network.Mainnet, asked);
            table.Share($"the same where {says}: {Pending:N0} transactions at 25,000 keys", cycle, http, atLeast: 0.5);
        }

        foreach (var delay in Delays)
        {
            var (cycle, http, _) = await MeasureAsync(folder, path, password, Pending, Network.Mainnet, Asked.ChainId, delay);
            table.Share($"the same with a gateway and an approver that take {delay.TotalMilliseconds:0} ms to answer: {Pending:N0} transactions at 25,000 keys", cycle, http);
        }
    }

    private static async Task<(TimeSpan Cycle, TimeSpan Http, TimeSpan Floor)> MeasureAsync(
        TempFolder folder, string path, SecretBytes password, int pending, Network network, Asked asked, TimeSpan delay = default, ISecondReader? reader = null)
    {
        using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
        var list = Pending(store.Ids("ETH", network), pending, network, asked).ToList();
        using var gateway = new BenchmarkGateway($"[{string.Join(',', list)}]", network, delay);
        using var client = new GatewayClient(new(new("key")) { Api = gateway.Url }, network, TimeProvider.System);
        using var approver = network is Network.Mainnet ? new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 32 }) : null;
        using var lines = File.Create(folder.File("log"));
        var log = new LineLogger(LogLevel.Information, json: false, TimeProvider.System, new(lines));
        var traffic = new Traffic(client, approver, gateway.Url, store.Ids("ETH", network), pending, list.Count == 0 ? [] : await QuestionsAsync(client, store, list[0], network));
        var (http, floor, cycle) = (TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var done = 0; done < (delay == TimeSpan.Zero ? Rounded : RoundedSlow); done += Math.Max(pending, 1_000))
        {
            http = Min(http, await traffic.RunAsync(null));
            if (delay == TimeSpan.Zero)
            {
                floor = Min(floor, await traffic.RunAsync(() => Native.Value!()));
            }

            var options = new ServiceOptions(new(new(network)) { Chains = ["ETH"] }, new(new("key")) { Api = gateway.Url }, folder.File($"state-{Guid.NewGuid()}"))
            {
                Approver = network is Network.Mainnet ? new(gateway.Url, "/approve") : null,
                SecondReader = reader,
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

    /// <summary>What the cycle asks the gateway for one transaction, round by round.</summary>
    private static async Task<IReadOnlyList<IReadOnlyList<NodeCall>>> QuestionsAsync(GatewayClient client, WalletStore store, string pending, Network network)
    {
        var rounds = new List<IReadOnlyList<NodeCall>>();
        var request = PendingJson.Read(JsonElement.Parse(pending));
        var transaction = ChainCatalog.Get("ETH").Decode(request, KeyMatch.Find(request, store.Find, network), new(network));
        while (transaction.Missing is { Count: > 0 } missing)
        {
            rounds.Add(missing);
            var answers = await Task.WhenAll(missing.Select(call => client.CallAsync(call, CancellationToken.None)));
            transaction = transaction.Complete(new([.. answers.Select(answer => answer.Json!.Value)]));
        }

        return rounds;
    }

    /// <summary>Pending transactions of these wallets, in turn.</summary>
    internal static IEnumerable<string> Pending(IReadOnlyList<string> ids, int count, Network network, Asked asked)
    {
        for (var i = 0; i < count; i++)
        {
            var known = asked is Asked.Everything ? "" : $$""" "nonce":{{i}},"gasPrice":"20914161285","gas":"21000",""";
            known += asked is Asked.Nothing ? $$""" "chainId":{{ChainId(network)}},""" : "";
            yield return new JsonObject
            {
                ["id"] = Convert.ToHexStringLower(BitConverter.GetBytes((long)i)) + "00000000",
                ["chain"] = "ETH",
                ["hashes"] = new JsonArray(ids[i % ids.Count]),
                ["serializedTransaction"] = $$"""{"from":0,{{known}}"to":"0x7db98c08e0baf33cb04fe43cc17bbee99ffebc6a","value":"{{i + 1}}"}""",
            }.ToJsonString();
        }
    }

    private static int ChainId(Network network) => network is Network.Mainnet ? 1 : 11155111;

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>The same requests with as many under way as connections allow, bodies of the same size, and nothing else.</summary>
    private sealed class Traffic(GatewayClient client, HttpClient? approver, Uri url, IReadOnlyList<string> ids, int pending, IReadOnlyList<IReadOnlyList<NodeCall>> questions)
    {
        private readonly string body = $$"""{"txData":"0x{{new string('a', 220)}}","signatureId":"{{new string('b', 24)}}"}""";
        private readonly Uri question = new(url, "/approve/" + new string('b', 24));

        /// <summary>One round.</summary>
        /// <param name="work">What is done besides for every transaction, or null.</param>
        public async Task<TimeSpan> RunAsync(Action? work)
        {
            var clock = Stopwatch.StartNew();
            using var list = await client.PendingAsync("ETH", ids, CancellationToken.None);
            await Parallel.ForAsync(0, pending, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (_, cancel) =>
            {
                if (approver is not null)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, question) { Headers = { { "x-kms-digest", new string('c', 64) } } };
                    using var response = await approver.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
                }

                foreach (var round in questions)
                {
                    await Task.WhenAll(round.Select(call => client.CallAsync(call, cancel)));
                }

                work?.Invoke();
                await client.CallAsync(NodeCall.Post("/v3/ethereum/broadcast", body, "traffic"), cancel);
            });
            return clock.Elapsed;
        }
    }

    /// <summary>A gateway and an approver as fast as Kestrel allows: one list, every question answered, everything approved and accepted.</summary>
    private sealed class BenchmarkGateway(string list, Network network, TimeSpan delay) : IDisposable
    {
        private readonly LoopbackServer server = new(request =>
            request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal) ? new(200, list)
            : new(200, Answer(request, network)) { Delay = delay })
        { Keep = false };

        public Uri Url => server.Url;

        public void Dispose() => server.Dispose();

        private static string Answer(Received request, Network network) =>
            request.Path.StartsWith("/v3/ethereum/transaction/count/", StringComparison.Ordinal) ? "7"
            : request.Path.StartsWith("/v3/blockchain/fee/", StringComparison.Ordinal) ? """{"fast":20914161286,"medium":20914161285,"slow":20914161284}"""
            : request.Body.Contains("eth_chainId", StringComparison.Ordinal) ? $$"""{"jsonrpc":"2.0","id":1,"result":"0x{{ChainId(network):x}}"}"""
            : request.Body.Contains("eth_estimateGas", StringComparison.Ordinal) ? """{"jsonrpc":"2.0","id":1,"result":"0x5208"}"""
            : """{"txId":"0x00"}""";
    }
}
