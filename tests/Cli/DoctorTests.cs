using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>kms doctor finds what is wrong and says what to do about it.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Dictionary<string, string?> environment = new() { ["TATUM_KMS_PASSWORD"] = "correct horse battery staple", ["TATUM_API_KEY"] = "canary-key" };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_is_well()
    {
        using var gateway = new LoopbackServer(request => request.Headers["x-api-key"] == "canary-key" ? new(200, "[]") : new(401));
        using var approver = new LoopbackServer(_ => new(404));
        var run = Doctor(gateway, approver);
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.DoesNotContain("\"wrong\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("asked directly, refused a random id", run.Output, StringComparison.Ordinal);
        Assert.Contains("cost 5760 credits a day", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Reminds_of_a_backup_until_a_copy_of_the_file_as_it_is_was_opened()
    {
        using var gateway = new LoopbackServer(_ => new(200, "[]"));
        using var approver = new LoopbackServer(_ => new(404));
        Assert.Contains("no copy was proved", Doctor(gateway, approver).Output, StringComparison.Ordinal);
        var wallet = folder.File("wallet.dat");
        File.Copy(wallet, folder.File("copy.dat"));
        Assert.Equal(0, Run.Kms(["verify", "--path", folder.File("copy.dat"), "--copy-of", wallet], null, environment, folder.Root).ExitCode);
        Assert.Contains("a copy was proved at 20", Doctor(gateway, approver, create: false).Output, StringComparison.Ordinal);
        Assert.Equal(0, Run.Kms(["generatemanagedwallet", "BTC", "--testnet", "--path", wallet], null, environment, folder.Root).ExitCode);
        Assert.Contains("is of generation 1, the file of 2", Doctor(gateway, approver, create: false).Output, StringComparison.Ordinal);
        var changed = Run.Kms(["verify", "--path", folder.File("copy.dat"), "--copy-of", wallet], null, environment, folder.Root);
        Assert.Equal(4, changed.ExitCode); // the new wallet is not in the old copy
    }

    [Fact]
    public void Finds_an_approver_that_approves_anything_a_bad_key_a_wrong_clock_and_loose_modes()
    {
        using var gateway = new LoopbackServer(_ => new(401) { Headers = new Dictionary<string, string> { ["Date"] = "Mon, 01 Jan 2024 00:00:00 GMT" } });
        using var approver = new LoopbackServer(_ => new(200));
        Run.Kms(["generatemanagedwallet", "ETH", "--testnet", "--path", folder.File("wallet.dat")], environment: environment, folder: folder.Root);
        File.SetUnixFileMode(folder.File("wallet.dat"), (UnixFileMode)0b110_100_100);
        var run = Doctor(gateway, approver, create: false);
        Assert.Equal(2, run.ExitCode);
        foreach (var expected in new[] { "it approved a random id", "HTTP 401", "check TATUM_API_KEY", "ahead of the gateway", "can be read or written by others", "chmod 600" })
        {
            Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_the_file_that_values_are_from()
    {
        using var gateway = new LoopbackServer(_ => new(200, "[]"));
        using var approver = new LoopbackServer(_ => new(404));
        File.WriteAllText(folder.File(".env"), "TATUM_KMS_DEBUG_MODE=1\nTATUM_API_KEY=of-the-file\n");
        var run = Doctor(gateway, approver);
        Assert.Contains("'./.env' gives TATUM_KMS_DEBUG_MODE", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("DEBUG_MODE, ", run.Output, StringComparison.Ordinal); // the key is the environment's
    }

    [Theory]
    [InlineData(302)]
    [InlineData(502)]
    public void An_approver_that_is_broken_has_refused_nothing(int status)
    {
        using var gateway = new LoopbackServer(_ => new(200, "[]"));
        using var approver = new LoopbackServer(_ => new(status));
        var run = Doctor(gateway, approver);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"the approver answered {status}", run.Output, StringComparison.Ordinal);
        Assert.Contains("check --external-url and that the approver runs", run.Output, StringComparison.Ordinal);
    }

    private Run Doctor(LoopbackServer gateway, LoopbackServer approver, bool create = true)
    {
        environment["TATUM_API_URL"] = gateway.Url.AbsoluteUri;
        if (create)
        {
            Run.Kms(["generatemanagedwallet", "ETH", "--testnet", "--path", folder.File("wallet.dat")], environment: environment, folder: folder.Root);
        }

        return Run.Kms(["doctor", "--testnet", "--path", folder.File("wallet.dat"), "--external-url", approver.Url.AbsoluteUri], environment: environment, folder: folder.Root);
    }
}
