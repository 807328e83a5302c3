using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>The daemon as a process: what an operator runs.</summary>
public sealed class DaemonProcessTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public void Run_once_broadcasts_exactly_the_recorded_bytes_and_exits_0()
    {
        JsonElement[] vectors = [world.Add("BTC", "p2wpkh-one-input-change"), world.Add("ETH", "native-transfer-private-key"), world.Add("ETH", "token-transfer-nonce-gas-price-missing")];
        var run = Kms("daemon", "--testnet", "--runOnce", "--path", world.WalletPath, "--externalUrl", world.Approver.Url.AbsoluteUri);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Empty(run.Output);
        foreach (var expected in vectors.Select(vector => vector.GetProperty("broadcast")))
        {
            Assert.Contains(world.Broadcasts, sent => sent.Path == expected.Text("path") && JsonElement.DeepEquals(JsonDocument.Parse(sent.Body).RootElement, expected.GetProperty("body")));
        }

        Assert.Contains("Tx was processed", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(CycleWorld.ApiKey, run.Error, StringComparison.Ordinal);
        Assert.Equal(3, world.Approver.Requests.Count);
    }

    [Fact]
    public void The_approver_may_be_asked_by_post_with_the_whole_transaction()
    {
        var vector = world.Add("ETH", "native-transfer-private-key");
        var run = Kms("daemon", "--testnet", "--run-once", "--path", world.WalletPath, "--external-url=" + world.Approver.Url, "--external-url-method=POST");
        Assert.True(run.ExitCode == 0, run.Error);
        var asked = Assert.Single(world.Approver.Requests);
        Assert.Equal("POST", asked.Method);
        Assert.Equal("/" + vector.GetProperty("pending").Text("id"), asked.Path);
        Assert.True(JsonElement.DeepEquals(vector.GetProperty("pending"), JsonDocument.Parse(asked.Body).RootElement));
    }

    [Fact]
    public void A_tatum_kms_file_signs_as_it_is()
    {
        var vector = Vectors.Case("ETH", "signing", "native-transfer-private-key");
        world.Add("ETH", "native-transfer-private-key");
        File.WriteAllBytes(world.WalletPath, LegacyWallet.Encrypt(vector.GetProperty("walletStore").GetRawText(), world.Password));
        var run = Kms("daemon", "--testnet", "--run-once", "--path", world.WalletPath);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(vector.Text("signed")!, Assert.Single(world.Broadcasts).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_transaction_is_exit_6_and_the_others_go_through()
    {
        world.Add("ETH", "native-transfer-private-key");
        world.List("ETH", """{"id":"bad","chain":"ETH","hashes":["nobody"],"serializedTransaction":"{}"}""");
        var run = Kms("daemon", "--testnet", "--run-once", "--path", world.WalletPath);
        Assert.Equal(6, run.ExitCode);
        Assert.Single(world.Broadcasts);
        Assert.Contains("Could not process transaction id bad, error: No such wallet for signatureId 'nobody'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_finishes_what_is_being_broadcast_and_exits_0()
    {
        world.Add("ETH", "native-transfer-private-key");
        var arrived = new TaskCompletionSource();
        world.OnBroadcast = _ =>
        {
            arrived.TrySetResult();
            return new(200, """{"txId":"x"}""") { Delay = TimeSpan.FromSeconds(1) };
        };
        using var daemon = Process.Start(new ProcessStartInfo(Run.KmsProgram, ["daemon", "--testnet", "--path", world.WalletPath, "--period", "60"]) { RedirectStandardError = true, Environment = { ["TATUM_KMS_PASSWORD"] = world.Password, ["TATUM_API_KEY"] = CycleWorld.ApiKey, ["TATUM_API_URL"] = world.Gateway.Url.AbsoluteUri } })!;
        var log = daemon.StandardError.ReadToEndAsync();
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Run.Program("kill", ["-TERM", daemon.Id.ToString(CultureInfo.InvariantCulture)]);
        await daemon.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, daemon.ExitCode);
        Assert.Contains("Tx was processed", await log, StringComparison.Ordinal);
        Assert.Contains(File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")), line => line.Contains("\"accepted\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_daemons_cannot_share_a_state_folder()
    {
        world.Add("ETH", "native-transfer-private-key");
        Directory.CreateDirectory(world.StateFolder);
        using var held = new FileStream(Path.Combine(world.StateFolder, "daemon.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var run = Kms("daemon", "--testnet", "--run-once", "--path", world.WalletPath);
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("locked by another process", run.Error, StringComparison.Ordinal);
        Assert.Empty(world.Broadcasts);
    }

    private Run Kms(params string[] arguments) => Run.Kms(arguments, environment: new Dictionary<string, string?>
    {
        ["TATUM_KMS_PASSWORD"] = world.Password,
        ["TATUM_API_KEY"] = CycleWorld.ApiKey,
        ["TATUM_API_URL"] = world.Gateway.Url.AbsoluteUri,
    });
}
