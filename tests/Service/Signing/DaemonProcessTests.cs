using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>The real daemon as an operator runs it: probes, metrics, signals, and logs without secrets.</summary>
public sealed class DaemonProcessTests : IDisposable
{
    private const string ApprovalSecret = "canary-approval-secret-91e2";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] SecretMembers = ["mnemonic", "privateKey", "secret"];
    private readonly CycleWorld world = new();
    private readonly TempFolder folder = new();
    private readonly HttpClient http = new();
    private string? otlp;

    public void Dispose()
    {
        http.Dispose();
        world.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Probes_metrics_hang_up_freeze_and_stop_behave_and_no_secret_is_said()
    {
        var vector = world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        var policy = folder.File("policy.json");
        await File.WriteAllTextAsync(policy, """{"version":1,"rules":[]}""");
        world.OnAny = request => request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal) && !File.Exists(folder.File("open")) ? new(503) : null;
        var port = FreePort.Next();
        using var daemon = Start(["--policy", policy, "--metrics-port", $"{port}", "--period", "1", "--verbose"], out var log);
        await EventuallyAsync(async () => await StatusAsync(port, "healthz") == HttpStatusCode.OK, log);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(port, "readyz")); // no poll has succeeded
        await File.WriteAllTextAsync(folder.File("open"), "");
        await EventuallyAsync(async () => await StatusAsync(port, "readyz") == HttpStatusCode.OK, log);
        await EventuallyAsync(async () => (await MetricsAsync(port)).Contains("kms_stopped_total{chain=\"ETH\",reason=\"policy\"}", StringComparison.Ordinal), log);
        Assert.Empty(world.Broadcasts);

        await File.WriteAllTextAsync(policy, "{");
        Signal(daemon, "HUP");
        await EventuallyAsync(() => Task.FromResult(log.ToString().Contains("the one read before stays", StringComparison.Ordinal)), log);
        var asset = SigningRun.Sign(vector).Transaction.Summary.Transfers[0].Amount.Asset;
        Assert.Equal(0, Run.Kms(["freeze", "--reason", "drill", "--state", world.StateFolder], folder: folder.Root).ExitCode);
        await File.WriteAllTextAsync(policy, $$$"""{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{},"{{{asset}}}":{}},"methods":{"any":["any"]}}]}""");
        Signal(daemon, "HUP");
        await EventuallyAsync(async () => (await MetricsAsync(port)).Contains("reason=\"waiting\"", StringComparison.Ordinal), log);
        Assert.Empty(world.Broadcasts);
        Assert.Equal(0, Run.Kms(["thaw", "--state", world.StateFolder, "--path", world.WalletPath], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password }, folder: folder.Root).ExitCode);
        await EventuallyAsync(() => Task.FromResult(world.Broadcasts.Any()), log);
        await EventuallyAsync(async () => (await MetricsAsync(port)).Contains("kms_broadcasts_total{chain=\"ETH\",outcome=\"accepted\"}", StringComparison.Ordinal), log);
        var metrics = await MetricsAsync(port);
        foreach (var name in new[] { "kms_polls_total", "kms_pending", "kms_signed_total", "kms_step_duration_seconds_bucket", "kms_wallets{chain=\"ETH\"}", "kms_journal_entries 1", "kms_last_good_cycle_age_seconds", "kms_frozen 0" })
        {
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        }

        AssertAlertsAndDocsKnow(metrics);
        Signal(daemon, "TERM");
        Assert.True(daemon.WaitForExit((int)Patience.TotalMilliseconds));
        Assert.Equal(0, daemon.ExitCode);
        var verified = Run.Kms(["audit", "verify", "--path", world.WalletPath, "--state", world.StateFolder], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password }, folder: folder.Root);
        Assert.True(verified.ExitCode == 0, verified.Output);
        var told = File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")).Select(line => JsonNode.Parse(line)!).Where(record => record["operator"] is not null);
        Assert.Equal(["frozen", "thawed"], told.Select(record => record["decision"]!.GetValue<string>()));
        AssertNoSecret(log.ToString() + metrics, vector);
    }

    [Fact]
    public async Task Measurements_go_out_by_OTLP_when_an_endpoint_is_set()
    {
        world.Add("ETH", "native-transfer-private-key");
        using var collector = new LoopbackServer(_ => new(200, ""));
        otlp = collector.Url.AbsoluteUri;
        using var daemon = Start(["--period", "1"], out var log);
        await EventuallyAsync(() => Task.FromResult(collector.Requests.Any(request => request.Path == "/v1/metrics" && request.Body.Contains("kms.signed", StringComparison.Ordinal))), log);
        Assert.DoesNotContain(collector.Requests, request => request.Body.Contains(CycleWorld.ApiKey, StringComparison.Ordinal));
        Signal(daemon, "TERM");
        Assert.True(daemon.WaitForExit((int)Patience.TotalMilliseconds));
    }

    /// <summary>Rules and runbook name what this daemon exports, label by label, and leave nothing out.</summary>
    private static void AssertAlertsAndDocsKnow(string metrics)
    {
        var exported = Regex.Matches(metrics, "^# TYPE (kms_[a-z_]+) ", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToHashSet();
        var docs = File.ReadAllText(Path.Combine(Peer.SourceRoot, "docs", "operations.md"));
        Assert.Equal(exported.Order(), Regex.Matches(docs, @"^\| `(kms_[a-z_]+)`", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order());
        var alerts = File.ReadAllText(Path.Combine(Peer.SourceRoot, "infra", "daemon", "alerts.yml"));
        var dashboard = File.ReadAllText(Path.Combine(Peer.SourceRoot, "infra", "grafana.json")); // its labels: DashboardTests
        var shown = Regex.Matches(dashboard, "kms_[a-z_]+").Select(match => Regex.Replace(match.Value, "^(kms_.*_seconds)_(bucket|sum|count)$", "$1"));
        Assert.All(Regex.Matches(alerts, "kms_[a-z_]+").Select(match => match.Value).Concat(shown), name => Assert.Contains(name, exported));
        foreach (Match match in Regex.Matches(alerts, "(kms_[a-z_]+){([a-z]+=\"[a-z]+\")}"))
        {
            Assert.Matches(match.Groups[1].Value + "{[^}]*" + match.Groups[2].Value, metrics); // there from the start, at 0
        }

        var named = Regex.Matches(alerts, "alert: ([A-Za-z]+)").Select(match => match.Groups[1].Value).ToList();
        Assert.True(named.Count > 10);
        var runbook = File.ReadAllText(Path.Combine(Peer.SourceRoot, "docs", "runbook.md"));
        Assert.All(named, name => Assert.Contains($"\n## {name}\n", runbook, StringComparison.Ordinal)); // a heading each
    }

    private void AssertNoSecret(string said, System.Text.Json.JsonElement vector)
    {
        var state = string.Concat(Directory.GetFiles(world.StateFolder).Select(File.ReadAllText));
        var keys = vector.GetProperty("walletStore").EnumerateObject().SelectMany(entry => SecretMembers.Select(name => entry.Value.Text(name))).OfType<string>();
        foreach (var secret in keys.Append(world.Password).Append(CycleWorld.ApiKey).Append(ApprovalSecret))
        {
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, state, StringComparison.Ordinal);
            Assert.DoesNotContain(secret.Replace("0x", "", StringComparison.Ordinal), said + state, StringComparison.OrdinalIgnoreCase);
        }

        var payload = JsonNode.Parse(world.Broadcasts.First().Body)!["txData"]!.GetValue<string>();
        Assert.DoesNotContain(payload, said, StringComparison.Ordinal);
        Assert.Contains("Signed", said, StringComparison.Ordinal); // the log was looked at while it said something
    }

    private Process Start(IEnumerable<string> more, out System.Text.StringBuilder log)
    {
        var start = new ProcessStartInfo(
            "env", // a run started by nohup has SIGHUP ignored, which children inherit
            ["--default-signal=HUP", Run.KmsProgram, "daemon", "--testnet", "--log-format", "json", "--chain", "ETH", "--path", world.WalletPath, "--state", world.StateFolder, "--external-url", world.Approver.Url.AbsoluteUri, .. more])
        {
            RedirectStandardError = true,
        };
        var secrets = new Dictionary<string, string?>
        {
            ["TATUM_API_KEY"] = CycleWorld.ApiKey,
            ["TATUM_API_URL"] = world.Gateway.Url.AbsoluteUri,
            ["TATUM_KMS_PASSWORD"] = world.Password,
            ["KMS_APPROVAL_SECRET"] = ApprovalSecret,
            ["TATUM_KMS_DEBUG_MODE"] = "1",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlp,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        };
        foreach (var (name, value) in Run.Environment(secrets, folder.Root))
        {
            start.Environment[name] = value;
        }

        var lines = log = new();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (lines)
            {
                lines.Append(line.Data).Append('\n');
            }
        };
        process.BeginErrorReadLine();
        return process;
    }

    private static void Signal(Process process, string signal) => Assert.Equal(0, Run.Program("/bin/kill", ["-s", signal, $"{process.Id}"]).ExitCode);

    private static async Task EventuallyAsync(Func<Task<bool>> holds, System.Text.StringBuilder log)
    {
        for (var watch = Stopwatch.StartNew(); !await holds(); await Task.Delay(50))
        {
            Assert.True(watch.Elapsed < Patience, log.ToString());
        }
    }

    private async Task<HttpStatusCode?> StatusAsync(int port, string path)
    {
        try
        {
            using var response = await http.GetAsync($"http://127.0.0.1:{port}/{path}");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private Task<string> MetricsAsync(int port) => http.GetStringAsync($"http://127.0.0.1:{port}/metrics");
}
