using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Store;

/// <summary>
/// Secrets are in memory that cannot be swapped out, or the program says so and stops
/// (<see cref="KmsCloud.Secrets.LockedMemory"/>).
/// </summary>
public static class LockedMemoryTests
{
    private const string SetPriv = "/usr/bin/setpriv";
    private const string PrLimit = "/usr/bin/prlimit";
    private static readonly Dictionary<string, string?> Allowed = new() { ["KMS_ALLOW_SWAP"] = "true" };

    [Fact]
    public static void Without_locked_memory_nothing_is_made()
    {
        var run = Limited(["generatewallet", "ETH"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains("memory for secrets cannot be locked", run.Error, StringComparison.Ordinal);
        Assert.Contains("--allow-swap", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public static void Swap_is_accepted_aloud()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("password"), "a password of the tests\n");
        string[] command = ["generatemanagedwallet", "ETH", "--path", folder.File("wallet.dat"), "--password-file", folder.File("password")];
        var option = Limited([.. command, "--allow-swap"]);
        Assert.True(option.ExitCode == 0, option.Error);
        Assert.Contains("may be written to swap", option.Error, StringComparison.Ordinal);
        var variable = Limited(command, Allowed);
        Assert.True(variable.ExitCode == 0, variable.Error);
        Assert.Contains("may be written to swap", variable.Error, StringComparison.Ordinal);
    }

    [Fact]
    public static void With_locked_memory_nothing_is_said() // the control
    {
        var run = Run.Kms(["generatewallet", "ETH"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Empty(run.Error);
    }

    private static Run Limited(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? more = null)
    {
        Assert.SkipUnless(File.Exists(SetPriv) && File.Exists(PrLimit), "NOT CHECKED: setpriv or prlimit is not installed");
        string[] privileges = Environment.IsPrivilegedProcess ? ["--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"] : []; // root may lock without limit
        return Run.Program(SetPriv, [.. privileges, PrLimit, "--memlock=0:0", "--", Run.KmsProgram, .. arguments], environment: Run.Environment(more, null));
    }
}
