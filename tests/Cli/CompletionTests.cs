using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>The completion scripts are taken by their shells, and complete commands, inner commands, chains, options and their values.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TempFolder folder = new();

    public static TheoryData<string, string> Lines => new()
    {
        { "kms generatemanagedw", "generatemanagedwallet" },
        { "kms journal f", "forget" },
        { "kms journal list --outp", "--output" },
        { "kms generatewallet DO", "DOGE" },
        { "kms generatewallet BTC --log-format js", "json" },
        { "kms completion ba", "bash" },
        { "kms daemon --external-url-method PO", "POST" },
        { "kms audit verify --chain", "--chain-only" },
        { "kms getaddress id --type ta", "taproot" },
        { "kms report withdrawals --output ht", "html" },
        { "kms ledger export --output par", "parquet" },
        { "kms journal list --output ta", "table" },
        { "kms daemon --chain DO", "DOGE" },
        { "kms daemon --freeze-on se", "second-reader" },
        { "kms export --output js", "json" },
    };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Lines))]
    public void Bash_completes(string line, string expected) => Assert.Equal(expected, InBash(line).Output.Trim());

    [Fact]
    public void Bash_offers_every_command_and_falls_back_to_files()
    {
        var commands = InBash("kms ").Output.Split('\n');
        Assert.All(KmsCloud.Cli.Program.CreateRoot().Subcommands, command => Assert.Contains(command.Name, commands));
        File.WriteAllText(folder.File("old-wallet.dat"), "");
        Assert.Equal("old-wallet.dat", InBash("kms migrate old-w").Output.Trim());
    }

    [Theory, MemberData(nameof(Lines))]
    public void Fish_completes(string line, string expected)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/fish"), "NOT CHECKED IN FISH: it is not installed");
        Write("fish");
        var run = Run.Program("/usr/bin/fish", ["--no-config", "-c", $"source kms.fish; complete -C '{line}'"], environment: Run.Environment(null, folder.Root), folder: folder.Root);
        Assert.True(run.ExitCode == 0 && run.Error.Length == 0, run.Error);
        Assert.Equal(expected, Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), offer => offer.Split('\t')[0] == expected).Split('\t')[0]);
    }

    [Theory, MemberData(nameof(Lines))]
    public void Zsh_completes(string line, string expected)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/zsh"), "NOT CHECKED IN ZSH: it is not installed");
        Write("zsh");
        var run = Run.Program(
            "/usr/bin/python3",
            [Path.Combine(Peer.Scripts, "zsh_complete.py"), folder.File("kms.zsh"), line, expected],
            environment: Run.Environment(null, folder.Root), folder: folder.Root);
        Assert.True(run.Output == "completed\n", run.Output + run.Error);
    }

    private Run InBash(string line)
    {
        Write("bash");
        var words = line.Split(' ');
        var run = Run.Program(
            "/bin/bash",
            ["--norc", "-c", $"source kms.bash && complete -p kms >/dev/null && COMP_WORDS=({string.Join(' ', words.Select(word => $"'{word}'"))}) COMP_CWORD={words.Length - 1} && _kms; printf '%s\\n' \"${{COMPREPLY[@]}}\""],
            environment: Run.Environment(null, folder.Root), folder: folder.Root);
        Assert.True(run.ExitCode == 0 && run.Error.Length == 0, run.Error);
        return run;
    }

    private void Write(string shell) => File.WriteAllText(folder.File("kms." + shell), Run.Kms(["completion", shell], folder: folder.Root).Output);
}
