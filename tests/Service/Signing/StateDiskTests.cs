using System.Text.Json.Nodes;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Real disks that are full, read-only or do not flush: nothing leaves that is not on them, and later everything does.</summary>
public sealed class StateDiskTests : IDisposable
{
    private const int Requests = 24;
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_full_disk_lets_nothing_out_and_loses_nothing()
    {
        Add();
        await OnSmallDiskAsync("20k", async () =>
        {
            var report = await world.RunAsync();
            Assert.True(report.Count(Verdict.Accepted) < Requests);
            Assert.Empty(Sent().Except(Journalled()));
            Assert.Empty(world.Reports); // the disk is no fault of the transactions
            Assert.Equal(0, Run.Program("mount", ["-o", "remount,size=8m", world.StateFolder]).ExitCode);
            Assert.Equal(Requests, (await world.RunAsync()).Count(Verdict.Accepted));
            Assert.Equal(Requests, Sent().Distinct().Count());
            AssertAuditIsWhole();
        });
    }

    [Fact]
    public async Task On_a_read_only_disk_the_daemon_does_not_start()
    {
        Add();
        await OnSmallDiskAsync("8m", async () =>
        {
            await world.RunAsync();
            var before = Sent().Count();
            Assert.Equal(0, Run.Program("mount", ["-o", "remount,ro", world.StateFolder]).ExitCode);
            var run = Run.Program(Run.KmsProgram, Daemon(), environment: Environment());
            Assert.True(run.ExitCode == 4, run.Error);
            Assert.Equal(before, Sent().Count());
        });
    }

    [Theory]
    [InlineData("journal.jsonl")]
    [InlineData("audit.jsonl")]
    [InlineData("audit.head")]
    [InlineData("policy.jsonl")]
    public void A_flush_that_fails_lets_nothing_out(string file)
    {
        Add();
        var policy = world.WalletPath + ".policy.json";
        File.WriteAllText(policy, """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{}},"methods":{"any":["any"]}}]}""");
        var daemon = Daemon("--policy", policy);
        var run = WithoutFlush(Path.Combine(world.StateFolder, file), daemon);
        Assert.True(run.ExitCode is 4 or 7, $"exit {run.ExitCode}: {run.Error}");
        Assert.Empty(world.Broadcasts);
        Assert.Empty(world.Reports);
        Assert.Equal(0, Run.Program(Run.KmsProgram, daemon, environment: Environment()).ExitCode);
        Assert.Equal(Requests, Sent().Distinct().Count());
        AssertAuditIsWhole();
    }

    [Fact]
    public void A_wallet_that_is_not_flushed_is_not_announced()
    {
        Add();
        var before = File.ReadAllBytes(world.WalletPath);
        var run = WithoutFlush(world.WalletPath + ".new", ["generatemanagedwallet", "BTC", "--path", world.WalletPath]);
        Assert.Equal(4, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Equal(before, File.ReadAllBytes(world.WalletPath));
    }

    private string[] Daemon(params string[] more) => ["daemon", "--testnet", "--run-once", "--chain", "ETH", "--path", world.WalletPath, "--state", world.StateFolder, .. more];

    private Dictionary<string, string?> Environment() =>
        Run.Environment(new Dictionary<string, string?> { ["TATUM_API_KEY"] = CycleWorld.ApiKey, ["TATUM_API_URL"] = world.Gateway.Url.AbsoluteUri, ["TATUM_KMS_PASSWORD"] = world.Password }, null);

    /// <summary>Runs kms while every fsync of one file fails.</summary>
    private Run WithoutFlush(string path, string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "NOT CHECKED: strace is not installed");
        var run = Run.Program(
            "/usr/bin/strace",
            ["-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", Run.KmsProgram, .. arguments],
            environment: Environment());
        Assert.SkipWhen(run.Error.Contains("ptrace", StringComparison.Ordinal), "NOT CHECKED: strace may not trace here");
        return run;
    }

    private void Add()
    {
        for (var i = 0; i < Requests; i++)
        {
            var id = $"request-{i}";
            world.Add("ETH", "native-transfer-private-key", pending =>
            {
                pending["id"] = id;
                return pending;
            });
        }
    }

    private IEnumerable<string> Sent() => world.Broadcasts.Select(request => JsonNode.Parse(request.Body)!["signatureId"]!.GetValue<string>());

    private IEnumerable<string> Journalled() =>
        File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonNode.Parse(line)!).Where(line => line["event"]!.GetValue<string>() == "signed").Select(line => line["id"]!.GetValue<string>());

    private void AssertAuditIsWhole()
    {
        var verified = Run.Kms(["audit", "verify", "--path", world.WalletPath, "--state", world.StateFolder], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password });
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    private async Task OnSmallDiskAsync(string size, Func<Task> test)
    {
        Directory.CreateDirectory(world.StateFolder);
        var mount = Run.Program("mount", ["-t", "tmpfs", "-o", "size=" + size, "tmpfs", world.StateFolder]);
        Assert.SkipWhen(mount.ExitCode != 0, "NOT CHECKED: only root can mount the small disk of this test");
        try
        {
            await test();
        }
        finally
        {
            Run.Program("umount", ["-l", world.StateFolder]);
        }
    }
}
