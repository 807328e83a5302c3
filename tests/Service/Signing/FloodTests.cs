using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>A gateway that floods fills neither memory nor logs, and what is clean goes on.</summary>
[Collection(typeof(MeasuresMemory))]
public sealed class FloodTests : IDisposable
{
    private const int Junk = 9_000;
    private const long Ceiling = 300L * 1024 * 1024;
    private static readonly string[] Flooded = ["EGLD", "XRP", "BTC", "XLM", "TRON"];
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Junk_costs_few_lines_and_the_request_after_it_is_signed()
    {
        world.Pending["ETH"] = [.. Enumerable.Range(0, Junk).Select(i => $$"""{"id":"junk{{i}}","chain":"ETH","hashes":["nobody{{i}}"],"serializedTransaction":"{}"}""")];
        world.Add("ETH", "native-transfer-private-key");
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Accepted));
        Assert.Equal(Junk, report.Count(Verdict.Refused));
        Assert.True(world.LogLines.Count < 300, $"{world.LogLines.Count} log lines");
        Assert.Contains(world.LogLines, line => line.Contains("lines about refused transactions that are not shown", StringComparison.Ordinal));
        var audit = await File.ReadAllLinesAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken);
        Assert.True(audit.Length < 120, $"{audit.Length} audit lines");
        Assert.Contains(audit, line => line.Contains("refused-more", StringComparison.Ordinal) && line.Contains($"{Junk - 100} more", StringComparison.Ordinal));
        Assert.True(world.Reports.Count() <= 10, $"{world.Reports.Count()} reports");
        Assert.Contains(world.LogLines, line => line.Contains("Failures not reported", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no")]
    [InlineData("policy")]
    public async Task What_names_our_wallet_and_is_not_signed_has_few_lines_too(string why)
    {
        const int listed = 3_000;
        var vector = world.Add("ETH", "native-transfer-private-key");
        world.Pending["ETH"] = [.. Enumerable.Range(0, listed).Select(i => Fresh(vector, i))];
        if (why == "policy")
        {
            world.Policy = """{"version":1,"rules":[]}""";
        }
        else
        {
            world.Approve = () => new(404, "no");
        }

        var report = await world.RunAsync(approver: why == "no");
        Assert.Equal(0, report.Count(Verdict.Accepted));
        Assert.Equal(listed, report.Transactions.Count);
        Assert.True(world.LogLines.Count < 1_300, $"{world.LogLines.Count} log lines");
        var audit = await File.ReadAllLinesAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken);
        Assert.True(audit.Length < 1_100, $"{audit.Length} audit lines");
        Assert.Contains(audit, line => line.Contains("refused-more", StringComparison.Ordinal) && line.Contains($"{listed - 1_000} more that name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_signed_has_its_audit_line_in_any_flood()
    {
        world.Policy = """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{}},"methods":{"any":["any"]}}]}""";
        var token = world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        world.Pending["ETH"] = [.. Enumerable.Range(0, 1_200).Select(i => Fresh(token, i))];
        world.Add("ETH", "native-transfer-private-key");
        world.OnBroadcast = _ => new(503);
        var report = await world.RunAsync();
        Assert.Equal(1_200, report.Count(Verdict.Refused));
        Assert.Equal(1, report.Count(Verdict.Unknown));
        var audit = await File.ReadAllLinesAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken);
        Assert.Contains(audit, line => line.Contains("200 more that name", StringComparison.Ordinal));
        Assert.Single(audit, line => line.Contains("\"decision\":\"unknown\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("signatures")]
    [InlineData("hashes")]
    public async Task Hundreds_of_thousands_of_signatures_are_refused_before_a_key_is_derived(string member)
    {
        world.Add("BTC", "p2wpkh-one-input-change", pending =>
        {
            var wallet = pending["hashes"]?[0]?.GetValue<string>() ?? pending["signatures"]![0]!["id"]!.GetValue<string>();
            pending[member] = new JsonArray([.. Enumerable.Range(0, 40_000).Select(i => member == "hashes" ? (JsonNode)wallet : new JsonObject { ["id"] = wallet, ["index"] = i })]);
            return pending;
        });
        var watch = Stopwatch.StartNew();
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Refused));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task A_list_beyond_its_bound_is_cut_and_said()
    {
        world.Pending["ETH"] = [.. Enumerable.Range(0, 10_005).Select(i => "{}")];
        world.Add("ETH", "native-transfer-private-key");
        var report = await world.RunAsync();
        Assert.Equal(10_000, report.Transactions.Count);
        Assert.Contains(world.LogLines, line => line.Contains("lists more than 10000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_compressed_answer_is_not_read()
    {
        world.Add("ETH", "native-transfer-private-key");
        world.OnAny = request => request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal)
            ? new(200, "[]") { Headers = new Dictionary<string, string> { ["Content-Encoding"] = "gzip" } }
            : null;
        var report = await world.RunAsync();
        Assert.Contains("compressed", Assert.Single(report.FailedPolls).Reason, StringComparison.Ordinal);
        Assert.All(world.Gateway.Requests, request => Assert.False(request.Headers.ContainsKey("Accept-Encoding")));
    }

    [Fact]
    public async Task A_process_under_flood_stays_small_and_signs_on()
    {
        var vector = world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        world.Add("EGLD", "transfer-mnemonic-index");
        world.Add("BTC", "p2wpkh-one-input-change");
        foreach (var chain in Flooded.Except(["EGLD", "BTC"]))
        {
            world.Add(chain, Vectors.Read(chain).GetProperty("signing").EnumerateArray().First());
        }

        var isFlooding = false;
        var next = 0;
        var floods = new ConcurrentDictionary<string, string>(Flooded.Select(chain => KeyValuePair.Create(chain, Flood(chain))));
        world.OnBroadcast = _ => new(200, """{"txId":"accepted"}""");
        world.OnAny = request => Answer(request);
        using var daemon = Process.Start(new ProcessStartInfo(Run.KmsProgram, ["daemon", "--testnet", "--path", world.WalletPath, "--period", "1"])
        {
            RedirectStandardError = true,
            Environment = { ["TATUM_KMS_PASSWORD"] = world.Password, ["TATUM_API_KEY"] = CycleWorld.ApiKey, ["TATUM_API_URL"] = world.Gateway.Url.AbsoluteUri, ["KMS_ANY_IDS"] = "true" },
        })!;
        var log = daemon.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await EventuallyAsync(() => Clean() > 5);
        var quiet = await CountAsync();
        Volatile.Write(ref isFlooding, true);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var flooded = await CountAsync();
        var peak = Peak(daemon);
        Run.Program("kill", ["-TERM", daemon.Id.ToString(CultureInfo.InvariantCulture)]);
        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Shown.Line("flood, clean broadcasts in equal windows and peak memory", $"{quiet} undisturbed, {flooded} flooded, {peak / 1024 / 1024} MiB");
        Assert.True(quiet > 20 && flooded >= 0.8 * quiet, $"{quiet} undisturbed, {flooded} flooded");
        Assert.True(peak < Ceiling, $"{peak / 1024 / 1024} MiB");
        Assert.True((await log).Length < 4_000_000, "the log was flooded");

        Reply? Answer(Received request)
        {
            const string pending = "/v3/kms/pending/";
            if (!request.Path.StartsWith(pending, StringComparison.Ordinal))
            {
                return null;
            }

            var chain = request.Path[pending.Length..];
            if (chain == "ETH")
            {
                return new(200, $"[{string.Join(',', Enumerable.Range(0, 10).Select(_ => Fresh(vector, Interlocked.Increment(ref next))))}]");
            }

            return new(200, Volatile.Read(ref isFlooding) ? floods.GetValueOrDefault(chain, "[]") : "[]");
        }
    }

    private static string Fresh(System.Text.Json.JsonElement vector, int number)
    {
        var pending = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        pending["id"] = $"clean{number}";
        return pending.ToJsonString();
    }

    /// <summary>Each kind of flood the threat model names, in some 12 MB.</summary>
    private static string Flood(string chain) => chain switch
    {
        "EGLD" => "[" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $$"""{"id":"junk{{i}}","chain":"EGLD","hashes":["nobody"],"serializedTransaction":"{}"}""")) + "]",
        "XRP" => $$"""[{"id":"{{new string('i', 12_000_000)}}","chain":"XRP","hashes":["{{new string('w', 1_000_000)}}"],"serializedTransaction":"{}"}]""",
        "BTC" => $$"""[{"id":"many","chain":"BTC","signatures":[{{string.Join(',', Enumerable.Range(0, 400_000).Select(i => $$"""{"id":"x","index":{{i}}}"""))}}],"serializedTransaction":"{}"}]""",
        "XLM" => "[" + string.Join(',', Enumerable.Repeat("[]", 4_000_000)) + "]",
        _ => $$"""[{"id":"deep","chain":"TRON","x":[{{string.Join(',', Enumerable.Repeat("[]", 4_000_000))}}]}]""",
    };

    private int Clean() => world.Broadcasts.Count();

    private async Task<int> CountAsync()
    {
        var before = Clean();
        await Task.Delay(Window, TestContext.Current.CancellationToken);
        return Clean() - before;
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        for (var i = 0; i < 600 && !holds(); i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.True(holds());
    }

    private static long Peak(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
