using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Core;
using KmsCloud.Cloud;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Functions;

/// <summary>
/// Two instances of the real function over one state container, whose leases are broken, whose workers are killed, stopped for longer than a
/// lease and thawed again, at any moment: no request is signed twice, none is lost. KMS_LEASE_KILL_SECONDS sets for how long.
/// </summary>
public sealed class LeaseKillTests : IDisposable
{
    private static readonly string[] Leased = ["default/journal.jsonl.00000", "default/audit.jsonl.00000", "chains/testnet-ETH", "chains/testnet-BTC"];
    private readonly CloudWorld cloud = new();
    private readonly SeededRandom random = new(4711);
    private readonly Dictionary<string, HashSet<string>> payloads = [];
    private readonly SortedDictionary<string, int> faults = new(StringComparer.Ordinal);

    public void Dispose() => cloud.Dispose();

    [Fact]
    public async Task Nothing_is_signed_twice_while_leases_are_broken_and_workers_killed()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("KMS_LEASE_KILL_SECONDS"), CultureInfo.InvariantCulture, out var chosen) ? chosen : 120;
        var token = cloud.World.Add("ETH", "token-transfer-nonce-gas-price-missing").GetProperty("pending").GetRawText();
        var bitcoin = cloud.World.Add("BTC", "p2wpkh-one-input-change").GetProperty("pending").GetRawText();
        cloud.Upload();
        cloud.World.OnAny = Look;
        FunctionsHost[] hosts = [await StartAsync(), await StartAsync()];
        try
        {
            var round = 0;
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(seconds); round++)
            {
                ForgetOld("ETH", "eth-");
                ForgetOld("BTC", "btc-");
                cloud.World.List("ETH", WithId(token, $"eth-{round}"));
                cloud.World.List("BTC", WithId(bitcoin, $"btc-{round}"));
                await RoundAsync(hosts);
            }

            await HealAsync(hosts, round);
            var signed = Signed();
            Shown.Line(
                "leases broken and workers killed",
                $"{round} rounds in {seconds} s ({string.Join(", ", faults.Select(fault => $"{fault.Value} {fault.Key}"))}): {signed.Count} requests signed {signed.Values.Sum()} times, {cloud.World.Broadcasts.Count()} broadcasts");
            Assert.All(signed, request => Assert.True(request.Value == 1, $"{request.Key} was signed {request.Value} times"));
            Assert.All(payloads, request => Assert.Single(request.Value));
            Assert.Equal((2 * round) + 2, payloads.Count);
            Assert.True(faults.Values.Sum() > round / 2, "hardly anything was broken");
        }
        finally
        {
            foreach (var host in hosts)
            {
                host.Dispose();
            }
        }
    }

    private async Task RoundAsync(FunctionsHost[] hosts)
    {
        var ticks = hosts.Select(TickAsync).ToList();
        var victim = random.Below(2);
        await Task.Delay(random.Below(120));
        switch (random.Below(10))
        {
            case < 4:
                Count("leases broken");
                BreakLeases();
                break;
            case < 7:
                Count("workers killed");
                hosts[victim].Worker.Kill();
                BreakLeases();
                await Task.WhenAny(Task.WhenAll(ticks), Task.Delay(500));
                hosts[victim].Dispose();
                hosts[victim] = await StartAsync();
                break;
            case < 9:
                Count("workers stopped while leases were broken");
                Signal(hosts[victim], "STOP");
                BreakLeases();
                await TickAsync(hosts[1 - victim]);
                Signal(hosts[victim], "CONT");
                break;
        }

        await Task.WhenAny(Task.WhenAll(ticks), Task.Delay(20_000));
    }

    /// <summary>Faults are over: whatever was listed goes out.</summary>
    private async Task HealAsync(FunctionsHost[] hosts, int rounds)
    {
        for (var i = 0; i < 60 && Known() < (2 * rounds) + 2; i++)
        {
            await TickAsync(hosts[0]);
            await TickAsync(hosts[1]);
            await Task.Delay(500);
        }
    }

    /// <summary>A gateway stops listing what was broadcast; the last of it is kept here, for a second signature to happen to.</summary>
    private void ForgetOld(string chain, string prefix)
    {
        const int listed = 40;
        var all = cloud.World.Pending[chain];
        string[] old = [.. all.Take(Math.Max(0, all.Count - listed))];
        lock (payloads)
        {
            cloud.World.Pending[chain] = [.. old.Where(text => !payloads.Keys.Any(id => id.StartsWith(prefix, StringComparison.Ordinal) && text.Contains($"\"{id}\"", StringComparison.Ordinal))), .. all.Skip(old.Length)];
        }
    }

    private int Known()
    {
        lock (payloads)
        {
            return payloads.Count;
        }
    }

    private static async Task TickAsync(FunctionsHost host)
    {
        try
        {
            await host.TickAsync().WaitAsync(TimeSpan.FromSeconds(90));
        }
        catch (Exception error) when (error is not TimeoutException)
        {
            // its worker was killed
        }
    }

    private async Task<FunctionsHost> StartAsync()
    {
        var host = new FunctionsHost(cloud.Package(), cloud.Settings(("KMS_CHAINS", "ETH,BTC")));
        await host.StartAsync();
        return host;
    }

    private void BreakLeases()
    {
        foreach (var name in Leased.Where(_ => !random.Chance(4)))
        {
            using var response = cloud.Azurite.Rest.Send(RequestMethod.Put, new(BlobStore.Below(cloud.State, name).AbsoluteUri + "?comp=lease"), request =>
            {
                request.Headers.SetValue("x-ms-lease-action", "break");
                request.Headers.SetValue("x-ms-lease-break-period", "0");
                request.Content = RequestContent.Create(Array.Empty<byte>());
            });
        }
    }

    private void Count(string fault) => faults[fault] = faults.GetValueOrDefault(fault) + 1;

    private static void Signal(FunctionsHost host, string signal) => Run.Program("kill", ["-" + signal, host.Worker.Id.ToString(CultureInfo.InvariantCulture)]);

    private Reply? Look(Received request)
    {
        if (request.Path.EndsWith("/broadcast", StringComparison.Ordinal))
        {
            var body = JsonNode.Parse(request.Body)!;
            var (id, payload) = (body["signatureId"]!.GetValue<string>(), body["txData"]!.GetValue<string>());
            lock (payloads)
            {
                (payloads.TryGetValue(id, out var known) ? known : payloads[id] = []).Add(payload);
            }
        }

        return null;
    }

    /// <summary>How often each id was signed, as the journal says.</summary>
    private Dictionary<string, int> Signed() => cloud.Journal().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
        .Where(record => (string?)record["event"] == "signed").CountBy(record => (string)record["id"]!).ToDictionary();

    private static string WithId(string pending, string id)
    {
        var json = JsonNode.Parse(pending)!.AsObject();
        json["id"] = id;
        return json.ToJsonString();
    }
}
