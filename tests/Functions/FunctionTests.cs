using System.IO.Compression;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Functions;

/// <summary>The built function under a host, with storage account, Key Vault, identity, gateway and approver around it.</summary>
public sealed class FunctionTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Tables = ["tcp", "tcp6"];
    private readonly CloudWorld cloud = new();
    private FunctionsHost? host;

    public void Dispose()
    {
        host?.Dispose();
        cloud.Dispose();
    }

    [Fact]
    public async Task Signs_and_broadcasts_every_chain()
    {
        var chains = cloud.AddAllChains();
        await StartAsync(("KMS_POLL_SCHEDULE", "*/2 * * * * *"));
        await host!.RunScheduleAsync(_ => true, TestContext.Current.CancellationToken);
        var tick = host.Invocations.Single().Invocation;
        Assert.True(tick.IsSuccess, tick.Text);
        Assert.True(tick.Count("broadcast") == chains.Count, tick.Text);
        var journal = cloud.Journal();
        Assert.Equal(chains.Count, journal.Split('\n').Count(line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal)));
        Assert.Equal(chains.Count, cloud.Audit().Split('\n').Count(line => line.Contains("\"decision\":\"broadcast\"", StringComparison.Ordinal)));
        Assert.Equal(chains.Count, cloud.World.Approver.Requests.Count);
        Assert.Contains(tick.Logs, line => line.StartsWith("Cycle done", StringComparison.Ordinal));
        Assert.Empty(host.Errors);
        Assert.All(host.Output, line => Assert.IsType<JsonObject>(JsonNode.Parse(line)));
        var said = string.Concat(host.Output) + string.Concat(tick.Logs);
        Assert.DoesNotContain(CycleWorld.ApiKey, said, StringComparison.Ordinal);
        Assert.DoesNotContain(cloud.World.Password, said, StringComparison.Ordinal);
        Assert.Equal(200, await host.StopAsync());
        output.WriteLine($"{chains.Count} chains, {chains.Count} transactions, {cloud.World.Broadcasts.Count()} broadcasts, {cloud.World.Approver.Requests.Count} approvals, 0 kills");
    }

    [Fact]
    public async Task A_worker_killed_in_the_middle_loses_and_doubles_nothing()
    {
        var chains = cloud.AddAllChains();
        await StartAsync(("KMS_POLL_SCHEDULE", "*/2 * * * * *"));
        var broadcasts = 0;
        cloud.World.OnBroadcast = _ =>
        {
            if (Interlocked.Increment(ref broadcasts) == 5)
            {
                host!.Worker.Kill(); // signed and recorded, and the answer of this broadcast is lost
            }

            return new(200, """{"txId":"accepted"}""");
        };
        Assert.False((await host!.TickAsync()).IsSuccess);
        await host.RunScheduleAsync(tick => tick.Count("broadcast") > 0, TestContext.Current.CancellationToken); // the host starts it again, and the old lease runs out
        var tick = host.Invocations.Last().Invocation;
        Assert.True(tick.Count("broadcast") == chains.Count, tick.Text);
        Assert.Equal(2, host.Starts);
        foreach (var sent in cloud.World.Broadcasts.GroupBy(request => $"{request.Path} {string.Join(' ', JsonNode.Parse(request.Body)!.AsObject().Select(member => member.Key))}"))
        {
            // FLOW posts twice to one path, {txData, proposalKey} and {txData, signatureId}: each of the two is always the same
            Assert.Single(sent.Select(request => request.Body).Distinct());
        }

        Assert.Equal(chains.Count, cloud.Journal().Split('\n').Count(line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal)));
        output.WriteLine($"{chains.Count} chains, {chains.Count} transactions, {cloud.World.Broadcasts.Count()} broadcasts, 1 kill, {host.Starts} starts, {host.Invocations.Count} ticks");
    }

    [Fact]
    public async Task Keeps_wallets_open_and_asks_for_the_password_only_when_it_must()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        await StartAsync();
        Assert.Equal(1, (await host!.TickAsync()).Count("broadcast"));
        var asked = cloud.Vault.Requests.Count();
        cloud.World.Pending["ETH"].Clear();
        cloud.World.Add("BTC", "p2wpkh-one-input-change"); // the same file, one generation on
        cloud.Upload();
        var second = await host.TickAsync();
        Assert.True(second.Count("broadcast") == 1, second.Text);
        Assert.Contains(second.Logs, line => line.Contains("replaced and read again", StringComparison.Ordinal));
        Assert.Equal(asked, cloud.Vault.Requests.Count());

        File.Delete(cloud.World.WalletPath); // another file altogether: another data key
        cloud.World.Pending["BTC"].Clear();
        cloud.World.Add("ETH", "fee-market-type-2");
        cloud.Upload();
        var third = await host.TickAsync();
        Assert.False(third.IsSuccess); // its state was sealed under the other file's key
        Assert.Contains("state.head is not of this wallet file", third.Text, StringComparison.Ordinal);
        Assert.True(cloud.Vault.Requests.Count() > asked);
    }

    [Fact]
    public async Task Fails_what_is_no_tick_and_says_nothing_of_it()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        await StartAsync();
        foreach (var body in new[] { "", "{", "[]", "7", "\"canary-body\"", "{\"IsPastDue\":\"canary-body\"}", new string('[', 100_000) })
        {
            var invocation = await host!.InvokeAsync("PollPending", new() { ["json"] = body }, []);
            Assert.False(invocation.IsSuccess, body);
            Assert.Matches("^internal error [A-Za-z]+$", invocation.Why!);
        }

        Assert.Empty(cloud.World.Broadcasts);
        Assert.DoesNotContain("canary-body", string.Concat(host!.Output) + string.Concat(host.Invocations.Select(one => one.Invocation.Text)), StringComparison.Ordinal);
        var late = await host.TickAsync(pastDue: true);
        Assert.True(late.IsSuccess);
        Assert.Contains("past due", late.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Never_runs_twice_at_once_and_drains_on_SIGTERM()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.OnBroadcast = _ => new(200, """{"txId":"accepted"}""") { Delay = TimeSpan.FromSeconds(2) };
        await StartAsync();
        var first = host!.TickAsync();
        while (!cloud.World.Broadcasts.Any())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        var second = await host.TickAsync();
        Assert.True(second.IsSuccess);
        Assert.Contains("busy", second.Text, StringComparison.Ordinal);
        var stopped = host.StopAsync();
        Assert.Equal(1, (await first).Count("broadcast"));
        Assert.Equal(200, await stopped);
        Assert.Single(cloud.World.Broadcasts);
    }

    [Fact]
    public async Task Signs_nothing_while_disabled_or_without_vault()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        await StartAsync(("KMS_ENABLED", "false"));
        Assert.Contains("disabled", (await host!.TickAsync()).Text, StringComparison.Ordinal);
        host.Dispose();
        cloud.Vault.Secrets.Clear();
        await StartAsync();
        var tick = await host.TickAsync();
        Assert.False(tick.IsSuccess);
        Assert.Contains("no such secret", tick.Text, StringComparison.Ordinal);
        Assert.Empty(cloud.World.Broadcasts);
    }

    [Fact]
    public async Task Two_apps_share_the_chains_and_never_one_chain()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.World.Add("BTC", "p2wpkh-one-input-change");
        cloud.Upload();
        await StartAsync(("KMS_CHAINS", "ETH,BSC"), ("KMS_STATE_NAME", "evm"));
        Assert.Equal(1, (await host!.TickAsync()).Count("broadcast"));
        using var other = new FunctionsHost(cloud.Package(), cloud.Settings(("KMS_CHAINS", "BTC"), ("KMS_STATE_NAME", "bitcoin")));
        await other.StartAsync();
        Assert.Equal(1, (await other.TickAsync()).Count("broadcast"));
        using var wrong = new FunctionsHost(cloud.Package(), cloud.Settings(("KMS_CHAINS", "BTC,ETH"), ("KMS_STATE_NAME", "third")));
        await wrong.StartAsync();
        Assert.Contains("belongs to another journal", (await wrong.TickAsync()).Text, StringComparison.Ordinal);
        Assert.Equal(2, cloud.World.Broadcasts.Count());
    }

    [Fact]
    public async Task Queue_mode_emits_pointers_and_signs_by_message()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.World.Add("BTC", "p2wpkh-one-input-change");
        cloud.Upload();
        host = new(cloud.Package(queue: true), cloud.Settings(("KMS_MODE", "queue"), ("KMS_QUEUE", "kms-pending")));
        Assert.Equal(["PollPending", "SignPending"], host.Functions.Keys.Order());
        Assert.Equal("*/15 * * * * *", host.Resolved((string)host.Functions["PollPending"].Single(binding => binding!["schedule"] is not null)!["schedule"]!));
        await host.StartAsync();
        var messages = (await host.TickAsync()).Messages;
        Assert.Equal(2, messages.Count);
        Assert.DoesNotContain("serializedTransaction", string.Concat(messages), StringComparison.Ordinal);
        Assert.All(messages, message => Assert.False(JsonNode.Parse(message)!.AsObject().ContainsKey("id"), "the host would put it in the place of the message's own id"));
        Assert.Empty(cloud.World.Broadcasts);
        Assert.Empty((await host.TickAsync()).Messages); // under way already
        foreach (var message in messages)
        {
            Assert.Equal(1, (await host.MessageAsync("SignPending", message)).Count("broadcast"));
        }

        Assert.Equal(2, cloud.World.Broadcasts.Count());
        var refused = await host.MessageAsync("SignPending", "{\"chain\":\"ETH\",\"pendingId\":\"x\",\"wallets\":7}");
        Assert.False(refused.IsSuccess);
        Assert.Equal("not a message of PollPending", refused.Why);
        var unknown = await host.MessageAsync("SignPending", """{"chain":"ETH","pendingId":"never-listed","wallets":[]}""");
        Assert.True(unknown.IsSuccess);
        Assert.Equal(0, unknown.Count("broadcast"));
    }

    [Fact]
    public async Task The_timers_package_says_that_it_has_no_queue()
    {
        await StartAsync(("KMS_MODE", "queue"), ("KMS_QUEUE", "kms-pending"));
        var tick = await host!.TickAsync();
        Assert.False(tick.IsSuccess);
        Assert.Contains("functions/publish --queue", tick.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_zip_runs_from_an_empty_folder_with_a_minimal_environment()
    {
        var chains = cloud.AddAllChains();
        using var folder = new TempFolder();
        var made = Run.Program(Path.Combine(CloudWorld.Repository, "functions", "publish"), [folder.File("package.zip")]);
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.False(File.Exists(Path.Combine(CloudWorld.Built, "libcoreclr.so")), "the package was built where other tests copy from");
        var root = folder.File("wwwroot");
        ZipFile.ExtractToDirectory(folder.File("package.zip"), root);
        Assert.True(File.GetUnixFileMode(Path.Combine(root, "kms-functions")).HasFlag(UnixFileMode.OtherExecute));
        Assert.True(File.Exists(Path.Combine(root, "libcoreclr.so")), "the runtime is not in the package");
        host = new(root, cloud.Settings(("KMS_POLL_SCHEDULE", "*/2 * * * * *")));
        Assert.Equal(["PollPending"], host.Functions.Keys);
        await host.StartAsync();
        var broadcasts = 0;
        cloud.World.OnBroadcast = _ =>
        {
            if (Interlocked.Increment(ref broadcasts) == 5)
            {
                host!.Worker.Kill();
            }

            return new(200, """{"txId":"accepted"}""");
        };
        Assert.False((await host.TickAsync()).IsSuccess);
        await host.RunScheduleAsync(tick => tick.Count("broadcast") > 0, TestContext.Current.CancellationToken);
        Assert.Equal(chains.Count, host.Invocations.Last().Invocation.Count("broadcast"));
        Assert.Equal(chains.Count, cloud.Journal().Split('\n').Count(line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal)));
        var maps = await File.ReadAllTextAsync($"/proc/{host.Worker.Id}/maps", TestContext.Current.CancellationToken);
        foreach (var library in new[] { "libsodium.so", "libsecp256k1.so", "libcoreclr.so" })
        {
            Assert.Contains(Path.Combine(root, library), maps, StringComparison.Ordinal); // its own, not the machine's
        }

        Assert.InRange(new FileInfo(folder.File("package.zip")).Length, 1 << 20, 52 << 20);
        foreach (var name in new[] { "createdump", "libmscordbi.so", "libmscordaccore.so", "libcoreclrtraceptprovider.so" })
        {
            Assert.False(File.Exists(Path.Combine(root, name)), $"{name} of debuggers and dumps is in the package");
        }

        Assert.Empty(DiagnosticPort.Of(host.Worker.Id));
        output.WriteLine($"{new FileInfo(folder.File("package.zip")).Length >> 20} MiB zip, worker ready after {host.ReadyAfter.TotalSeconds:F2} s, {chains.Count} chains, {chains.Count} transactions, {cloud.World.Broadcasts.Count()} broadcasts, 1 kill, {host.Starts} starts");
    }

    [Fact]
    public async Task Listens_nowhere()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        await StartAsync(); // with ASPNETCORE_URLS=http://+:80
        Assert.Equal(1, (await host!.TickAsync()).Count("broadcast"));
        var sockets = Directory.GetFiles($"/proc/{host.Worker.Id}/fd").Select(path => new FileInfo(path).LinkTarget ?? "").Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
        Assert.NotEmpty(sockets);
        Assert.DoesNotContain(Tables.SelectMany(kind => File.ReadLines($"/proc/{host.Worker.Id}/net/{kind}").Skip(1)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), fields => fields[3] == "0A" && sockets.Contains(fields[9]));
    }

    private async Task StartAsync(params (string Name, string? Value)[] more)
    {
        host = new(cloud.Package(), cloud.Settings(more));
        Assert.Equal(["PollPending"], host.Functions.Keys);
        await host.StartAsync();
    }
}
