using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Simulation;

/// <summary>The real daemon, killed without warning between any two steps, again and again. KMS_KILLS sets how often.</summary>
public sealed class KillTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly SeededRandom random = new(77);
    private readonly Dictionary<string, HashSet<string>> payloads = [];
    private readonly List<string> violations = [];
    private int untilKill;
    private Process? daemon;

    public void Dispose() => world.Dispose();

    [Fact]
    public void Killed_anywhere_it_never_signs_twice_and_never_sends_what_is_not_on_disk()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("KMS_KILLS"), CultureInfo.InvariantCulture, out var chosen) ? chosen : 16;
        var bitcoin = world.Add("BTC", "p2wpkh-one-input-change").GetProperty("pending").GetRawText();
        var token = world.Add("ETH", "token-transfer-nonce-gas-price-missing").GetProperty("pending").GetRawText();
        world.OnAny = Look;
        var died = 0;
        for (var round = 0; round < kills; round++)
        {
            world.List("BTC", WithId(bitcoin, $"btc-{round}"));
            world.List("ETH", WithId(token, $"eth-{round}"));
            died += RunDaemon(1 + random.Below(12)) == 137 ? 1 : 0;
        }

        Assert.True(RunDaemon(int.MaxValue) is 0, string.Join('\n', violations));
        Shown.Line("killed between any two steps", $"{kills} runs, {died} killed, {payloads.Count} transactions broadcast {world.Broadcasts.Count()} times");
        Assert.Empty(violations);
        Assert.Equal((2 * kills) + 2, payloads.Count);
        Assert.All(payloads, pair => Assert.Single(pair.Value));
        Assert.True(died >= kills / 2, $"only {died} runs were killed");
    }

    private int RunDaemon(int killAt)
    {
        Volatile.Write(ref untilKill, killAt);
        var start = new ProcessStartInfo(
            Run.KmsProgram,
            ["daemon", "--testnet", "--run-once", "--quiet", "--chain", "BTC,ETH", "--path", world.WalletPath, "--state", world.StateFolder, "--external-url", world.Approver.Url.AbsoluteUri])
        {
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Run.Environment(new Dictionary<string, string?> { ["TATUM_API_KEY"] = CycleWorld.ApiKey, ["TATUM_API_URL"] = world.Gateway.Url.AbsoluteUri, ["TATUM_KMS_PASSWORD"] = world.Password }, null))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        Volatile.Write(ref daemon, process);
        var error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(120_000), "the daemon did not end");
        process.WaitForExit();
        if (process.ExitCode is not (0 or 137))
        {
            violations.Add($"exit {process.ExitCode}: {error.Result}");
        }

        return process.ExitCode;
    }

    private Reply? Look(Received request)
    {
        if (request.Path.EndsWith("/broadcast", StringComparison.Ordinal))
        {
            Check(JsonNode.Parse(request.Body)!);
        }

        if (Interlocked.Decrement(ref untilKill) != 0)
        {
            return null;
        }

        var (wait, answerFirst) = (random.Below(25), random.Coin());
        var victim = Volatile.Read(ref daemon)!;
        if (!answerFirst)
        {
            Thread.Sleep(wait);
            victim.Kill();
            return Reply.Cut;
        }

        _ = Task.Delay(wait).ContinueWith(_ => victim.Kill(), TaskScheduler.Default); // somewhere in the steps after this answer
        return null;
    }

    private void Check(JsonNode broadcast)
    {
        var (id, payload) = (broadcast["signatureId"]!.GetValue<string>(), broadcast["txData"]!.GetValue<string>());
        var recorded = File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Any(line => line.Contains($"\"id\":\"{id}\"", StringComparison.Ordinal) && line.Contains(payload, StringComparison.Ordinal));
        lock (payloads)
        {
            (payloads.TryGetValue(id, out var known) ? known : payloads[id] = []).Add(payload);
            if (!recorded)
            {
                violations.Add($"{id} was broadcast without a journal record");
            }
        }
    }

    private static string WithId(string pending, string id)
    {
        var json = JsonNode.Parse(pending)!.AsObject();
        json["id"] = id;
        return json.ToJsonString();
    }
}
