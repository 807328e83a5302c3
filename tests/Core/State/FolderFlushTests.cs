using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.State;

/// <summary>File systems that flush no folders store what they say they store; one that fails to flush stores nothing unsaid.</summary>
public sealed class FolderFlushTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("EINVAL", 0)]
    [InlineData("EOPNOTSUPP", 0)]
    [InlineData("EIO", 4)]
    public void A_wallet_is_stored_where_folders_cannot_be_flushed(string error, int exit)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "NOT CHECKED: strace is not installed");
        var wallets = folder.File("wallets");
        Directory.CreateDirectory(wallets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var run = Run.Program(
            "/usr/bin/strace",
            ["-f", "-qq", "-o", folder.File("trace"), "-P", wallets, "-e", "trace=fsync", "-e", $"inject=fsync:error={error}", Run.KmsProgram, "generatemanagedwallet", "ETH", "--testnet", "--path", Path.Combine(wallets, "wallet.dat")],
            environment: Run.Environment(new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = Canaries.Password }, folder.Root));
        Assert.SkipWhen(run.Error.Contains("ptrace", StringComparison.Ordinal), "NOT CHECKED: strace may not trace here");
        Assert.Equal(exit, run.ExitCode);
        Assert.Contains("INJECTED", File.ReadAllText(folder.File("trace")), StringComparison.Ordinal);
        if (exit == 0)
        {
            Assert.Contains("signatureId", run.Output, StringComparison.Ordinal);
        }
        else
        {
            Assert.DoesNotContain("signatureId", run.Output, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(wallets, "wallet.dat")), "a wallet is stored and its id was not printed");
        }
    }
}
