using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>The program from outside: how soon it answers and how much memory it needs.</summary>
internal static class ProcessBenchmark
{
    private const int Signed = 1_000;

    public static void Run(Table table, string kms)
    {
        table.Figure("kms --help, from start to end", Clock.OfOne(() => Start(kms, ["--help"]).WaitForExit()).TotalMilliseconds, "ms", atMost: 150);
        table.Figure("kms getaddress at 25,000 keys, from start to end, beyond the same at 1 key", LookUp(kms, "benchmark password"), "s", atMost: 0.3);
        table.Figure("daemon at 25,000 keys after 1,000 signatures, peak memory (VmHWM) beyond the 256 MiB the password takes for an instant", Memory(kms, "benchmark password", "ETH", null), "MiB", atMost: 150);
        foreach (var (chain, off, says) in new[]
        {
            ("ETH", "off=ETH", "the same without the second reader"), ("BTC", null, "the same with BTC keys and transactions"), ("BTC", "off=BTC", "  … and without the second reader"),
        })
        {
            table.Figure(says, Memory(kms, "benchmark password", chain, off), "MiB");
        }
    }

    /// <summary>What 25,000 keys add to a look-up through the program; the password costs as much for one key.</summary>
    private static double LookUp(string kms, string secret)
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString(secret);
        var (one, many) = (Make(1), Make(25_000));
        return Time(many).TotalSeconds - Time(one).TotalSeconds;

        (string Path, string Id) Make(int keys)
        {
            var path = StoreBenchmark.Make(folder, password, keys);
            using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
            return (path, store.Wallets.Last().SignatureId);
        }

        TimeSpan Time((string Path, string Id) wallet) => Clock.OfOne(() =>
        {
            using var process = Start(kms, ["getaddress", wallet.Id, "--path", wallet.Path], new() { ["TATUM_KMS_PASSWORD"] = secret, ["HOME"] = folder.Root });
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException("kms getaddress failed");
            }
        });
    }

    /// <summary>Peak resident memory of a daemon with 25,000 keys that has signed 1,000 transactions in one cycle, its file opened under a cheap password.</summary>
    private static double Memory(string kms, string secret, string chain, string? reader)
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString(secret);
        var path = StoreBenchmark.Make(folder, password, 25_000, chain: chain);
        string list;
        using (var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf))
        {
            var asked = chain == "ETH"
                ? CycleBenchmark.Pending(store.Ids("ETH", Network.Testnet), Signed, Network.Testnet, CycleBenchmark.Asked.Nothing)
                : store.Ids(chain, Network.Testnet).Take(Signed).Select((id, at) => BitcoinPending(chain, id, at, store.Find(id)!.Key()));
            list = "[" + string.Join(',', asked) + "]";
        }

        var broadcasts = 0;
        using var gateway = new LoopbackServer(request => request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal)
            ? new(200, Interlocked.Exchange(ref list, "[]"))
            : new(200, $$"""{"txId":"{{Interlocked.Increment(ref broadcasts)}}"}"""))
        { Keep = false };
        using var daemon = Start(kms, ["daemon", "--testnet", "--path", path, "--period", "1", "--chain", chain], new()
        {
            ["TATUM_KMS_PASSWORD"] = secret,
            ["KMS_SECOND_READER"] = reader,
            ["TATUM_API_KEY"] = "key",
            ["TATUM_API_URL"] = gateway.Url.AbsoluteUri,
            ["HOME"] = folder.Root,
        });
        var patience = Stopwatch.StartNew();
        while (broadcasts < Signed && patience.Elapsed < TimeSpan.FromMinutes(1))
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(200));
        }

        Thread.Sleep(TimeSpan.FromSeconds(3)); // some idle cycles
        var peak = File.ReadLines($"/proc/{daemon.Id}/status").Single(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
        daemon.Kill();
        return int.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    private static string BitcoinPending(string chain, string id, int at, PublicKey key)
    {
        var script = Convert.ToHexStringLower([0, 20, .. key.Hash]);
        var serialized = $$$"""
            {"version":2,"nLockTime":0,"inputs":[{"prevTxId":"{{{at:x64}}}","outputIndex":0,"sequenceNumber":4294967295,"script":"","output":{"satoshis":100000,"script":"{{{script}}}"}}],
             "outputs":[{"satoshis":50000,"script":"{{{script}}}"},{"satoshis":49000,"script":"{{{script}}}"}]}
            """;
        return new JsonObject
        {
            ["id"] = $"{at:x24}",
            ["chain"] = chain,
            ["hashes"] = new JsonArray(id),
            ["serializedTransaction"] = serialized,
        }.ToJsonString();
    }

    private static Process Start(string kms, string[] arguments, Dictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(kms, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
