using System.Diagnostics;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Functions;

/// <summary>What happens around the cycle: several instances, a schedule, a worker that hangs or crashes.</summary>
public sealed class FunctionHostTests : IDisposable
{
    private readonly CloudWorld cloud = new();
    private readonly List<FunctionsHost> hosts = [];

    public void Dispose()
    {
        hosts.ForEach(host => host.Dispose());
        cloud.Dispose();
    }

    [Theory]
    [InlineData("*/15 * * * * *", "2026-11-20T10:00:15Z", "2026-11-20T10:00:30Z")]
    [InlineData("*/7 * * * * *", "2026-11-20T10:00:56Z", "2026-11-20T10:01:00Z")] // uneven, as the host's
    [InlineData("0 */5 * * * *", "2026-11-20T10:59:59Z", "2026-11-20T11:00:00Z")]
    [InlineData("30 0 9-17/4 * * 1-5", "2026-11-20T17:00:30Z", "2026-11-23T09:00:30Z")]
    [InlineData("0 0 0 1 1,7 *", "2026-11-20T00:00:00Z", "2027-01-01T00:00:00Z")]
    public static void Reads_schedules_as_the_host_does(string schedule, string after, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, null), Ncrontab.Parse(schedule).Next(DateTimeOffset.Parse(after, null)));

    [Fact]
    public async Task A_second_instance_stands_by_and_takes_over_when_the_first_is_gone()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        var (first, second) = (await StartAsync(), await StartAsync());
        Assert.Equal(1, (await first.TickAsync()).Count("broadcast"));
        var standby = await second.TickAsync();
        Assert.True(standby.IsSuccess, standby.Text); // no failed invocation: one that signs is enough
        Assert.Equal("standby", standby.Outcome);
        Assert.Contains("held by another instance", standby.Text, StringComparison.Ordinal);
        Assert.False(Lines(second, "KmsInvocation").Single()["good"]!.GetValue<bool>());
        Assert.Contains(Lines(second, "KmsMetrics").SelectMany(line => line["metrics"]!.AsArray()), metric => metric!["name"]!.GetValue<string>() == "kms.invocations" && metric["outcome"]!.GetValue<string>() == "standby");
        var asked = cloud.Vault.Requests.Count();
        Assert.Equal("standby", (await second.TickAsync()).Outcome);
        Assert.Equal(asked, cloud.Vault.Requests.Count()); // it keeps its wallets open, and its password unasked for

        first.Worker.Kill();
        cloud.World.Pending["ETH"].Clear();
        cloud.World.Add("BTC", "p2wpkh-one-input-change");
        cloud.Upload();
        await second.RunScheduleAsync(tick => !tick.IsSuccess || tick.Count("broadcast") == 1, TestContext.Current.CancellationToken);
        Assert.Equal(2, cloud.World.Broadcasts.Count());
        Assert.True(Lines(second, "KmsInvocation").Last()["good"]!.GetValue<bool>());
        Assert.DoesNotContain(cloud.Vault.Requests.Skip(asked), request => request.Path.Contains("kms-password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mounted_share_serves_as_well_with_one_signer_at_a_time()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        (string, string?)[] local =
        [
            ("KMS_WALLET", cloud.World.WalletPath), ("KMS_STATE", null), ("KMS_PASSWORD_SOURCE", "environment"), ("TATUM_KMS_PASSWORD", cloud.World.Password),
            ("KMS_API_KEY_SECRETNAME", null), ("TATUM_API_KEY", CycleWorld.ApiKey),
        ];
        var (first, second) = (await StartAsync(local), await StartAsync(local));
        Assert.Equal(1, (await first.TickAsync()).Count("broadcast"));
        Assert.Equal("standby", (await second.TickAsync()).Outcome);
        Assert.Empty(cloud.Vault.Requests);
        Assert.True(File.Exists(Path.Combine(cloud.World.StateFolder, "audit.head")));
        Assert.Equal(200, await first.StopAsync());
        Assert.Equal(1, (await second.TickAsync()).Count("broadcast")); // the same bytes again
        Assert.Single(cloud.World.Broadcasts.Select(request => request.Body).Distinct());
    }

    [Fact]
    public async Task In_queue_mode_polling_takes_no_lease_and_a_waiting_message_is_signed_when_the_lease_comes_free()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.World.Add("BTC", "p2wpkh-one-input-change");
        cloud.Upload();
        (string, string?)[] queue = [("KMS_MODE", "queue"), ("KMS_QUEUE", "kms-pending"), ("KMS_LEASE_SECONDS", "60"), ("KMS_TICK_SECONDS", "120")];
        FunctionsHost[] instances = [await StartAsync(true, queue), await StartAsync(true, queue), await StartAsync(true, queue)];
        var emitted = (await instances[0].TickAsync()).Messages;
        Assert.Equal(2, emitted.Count);
        Assert.Equal(1, (await instances[1].MessageAsync("SignPending", emitted[0])).Count("broadcast")); // the polling instance holds nothing
        var waiting = instances[2].MessageAsync("SignPending", emitted[1]);
        await Task.Delay(2000, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted); // not given back at once
        Assert.Equal(200, await instances[1].StopAsync());
        var signed = await waiting;
        Assert.True(signed.Count("broadcast") == 1, signed.Text);
        Assert.Equal(2, cloud.World.Broadcasts.Count());
    }

    [Fact]
    public async Task A_message_whose_lease_never_comes_free_goes_back_into_the_queue()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        (string, string?)[] queue = [("KMS_MODE", "queue"), ("KMS_QUEUE", "kms-pending"), ("KMS_TICK_SECONDS", "20")];
        FunctionsHost[] instances = [await StartAsync(true, queue), await StartAsync(true, queue)];
        var message = (await instances[0].TickAsync()).Messages.Single();
        Assert.True((await instances[0].MessageAsync("SignPending", message)).IsSuccess);
        var refused = await instances[1].MessageAsync("SignPending", message);
        Assert.False(refused.IsSuccess); // else the host would delete it
        Assert.Equal("standby", Lines(instances[1], "KmsInvocation").Last()["outcome"]!.GetValue<string>());
        Assert.Single(cloud.World.Broadcasts);
    }

    [Fact]
    public async Task A_worker_that_hangs_is_killed_by_the_host_and_its_transaction_goes_out_once()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        var host = await StartAsync();
        host.FunctionTimeout = TimeSpan.FromSeconds(6); // host.json says five minutes
        cloud.World.OnBroadcast = _ => new(200, """{"txId":"accepted"}""") { Delay = TimeSpan.FromSeconds(60) };
        var hung = await host.TickAsync();
        Assert.Contains("timed out", hung.Text, StringComparison.Ordinal);
        cloud.World.OnBroadcast = _ => new(200, """{"txId":"accepted"}""");
        host.FunctionTimeout = TimeSpan.FromMinutes(5);
        await host.RunScheduleAsync(tick => tick.Count("broadcast") == 1, TestContext.Current.CancellationToken);
        Assert.Equal(2, host.Starts);
        Assert.Single(cloud.World.Broadcasts.Select(request => request.Body).Distinct());
        Assert.Single(cloud.Journal().Split('\n'), line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_stops_lets_the_broadcast_under_way_end()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.OnBroadcast = _ => new(200, """{"txId":"accepted"}""") { Delay = TimeSpan.FromSeconds(2) };
        var host = await StartAsync();
        var tick = host.TickAsync();
        await UntilBroadcastAsync();
        Assert.Equal(200, await host.ShutDownAsync());
        Assert.Equal(1, (await tick).Count("broadcast"));
        Assert.Single(cloud.World.Broadcasts);
    }

    [Fact]
    public async Task A_broadcast_that_outlasts_the_hosts_patience_goes_out_again_as_the_same_bytes()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.OnBroadcast = _ => new(200, """{"txId":"accepted"}""") { Delay = TimeSpan.FromSeconds(60) };
        var host = await StartAsync();
        var tick = host.TickAsync();
        await UntilBroadcastAsync();
        await host.ShutDownAsync(); // ten seconds, cancelled, five more, killed
        Assert.True(host.Worker.HasExited);
        cloud.World.OnBroadcast = _ => new(200, """{"txId":"accepted"}""");
        var next = await StartAsync();
        await next.RunScheduleAsync(again => again.Count("broadcast") == 1, TestContext.Current.CancellationToken);
        Assert.Single(cloud.World.Broadcasts.Select(request => request.Body).Distinct());
        Assert.Single(cloud.Journal().Split('\n'), line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_whose_host_is_gone_ends_by_itself()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        var host = await StartAsync(under: "/bin/sh"); // the shell stands for the host's process
        Assert.Equal(1, (await host.TickAsync()).Count("broadcast"));
        using var worker = Process.GetProcessById(host.WorkerId());
        host.Worker.Kill();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await worker.WaitForExitAsync(patience.Token);
    }

    [Fact]
    public async Task A_cancelled_tick_begins_nothing_new()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.Approve = () => new(200) { Delay = TimeSpan.FromSeconds(3) };
        var host = await StartAsync();
        host.FunctionTimeout = TimeSpan.FromSeconds(2);
        var tick = await host.TickAsync();
        Assert.Equal(0, tick.Count("broadcast"));
        Assert.False(host.Worker.HasExited, tick.Text); // it answered in time
        Assert.Empty(cloud.World.Broadcasts);
        Assert.Empty(Lines(host, "Signed"));
    }

    [Fact]
    public async Task A_worker_that_cannot_start_says_why_in_one_line()
    {
        var host = new FunctionsHost(cloud.Package(), cloud.Settings(("KMS_WALLET", null)));
        hosts.Add(host);
        var failed = await Assert.ThrowsAnyAsync<Exception>(host.StartAsync);
        Assert.Contains("KMS_WALLET is not set", failed.Message, StringComparison.Ordinal);
        Assert.Single(host.Errors);
        Assert.Empty(host.Output);
        Assert.Equal(2, host.Worker.ExitCode);
    }

    [Fact]
    public async Task Frozen_in_the_state_container_nothing_is_signed_until_it_is_thawed()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        var state = BlobUrl("default");
        Assert.Equal(0, Kms("freeze", "--state", state, "--reason", "drill").ExitCode);
        var host = await StartAsync();
        var frozen = await host.TickAsync();
        Assert.Equal(1, frozen.Count("waiting"));
        Assert.Contains("drill", frozen.Text, StringComparison.Ordinal);
        Assert.Empty(cloud.World.Broadcasts);
        Assert.Contains(Metrics(host), metric => metric["name"]!.GetValue<string>() == "kms.frozen" && metric["value"]!.GetValue<double>() == 1);
        var thawed = Kms("thaw", "--state", state, "--azure", "--path", cloud.Wallet.AbsoluteUri);
        Assert.True(thawed.ExitCode == 0, thawed.Error);
        await host.RunScheduleAsync(tick => tick.Count("broadcast") == 1, TestContext.Current.CancellationToken);
        Assert.Contains("\"decision\":\"frozen\"", cloud.Audit(), StringComparison.Ordinal);
        Assert.Contains("\"decision\":\"thawed\"", cloud.Audit(), StringComparison.Ordinal);
        Assert.Contains("nothing was frozen", Kms("thaw", "--state", state, "--azure", "--path", cloud.Wallet.AbsoluteUri).Error, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonObject> Lines(FunctionsHost host, string name) =>
        host.Output.Select(line => JsonNode.Parse(line)!.AsObject()).Where(line => line["event"]!.GetValue<string>() == name);

    private static IEnumerable<JsonObject> Metrics(FunctionsHost host) => Lines(host, "KmsMetrics").SelectMany(line => line["metrics"]!.AsArray()).Select(metric => metric!.AsObject());

    private string BlobUrl(string name) => $"{cloud.State.AbsoluteUri}/{name}";

    private Run Kms(params string[] arguments) => Run.Kms(arguments, environment: cloud.Settings());

    private async Task UntilBroadcastAsync()
    {
        while (!cloud.World.Broadcasts.Any())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Task<FunctionsHost> StartAsync(params (string Name, string? Value)[] more) => StartAsync(false, more);

    private async Task<FunctionsHost> StartAsync(bool queue = false, (string Name, string? Value)[]? more = null, string? under = null)
    {
        var host = new FunctionsHost(cloud.Package(queue), cloud.Settings([("KMS_POLL_SCHEDULE", "* * * * * *"), .. more ?? []])) { Under = under };
        hosts.Add(host);
        await host.StartAsync();
        return host;
    }
}
