using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>cli/install puts all of kms under a prefix, again and again the same, and cli/uninstall takes away just that.</summary>
public sealed partial class InstallTests : IDisposable
{
    private static readonly string[] Expected =
    [
        "bin/kms", "lib/kms/installed", "lib/kms/kms", "lib/kms/kms.dll", "lib/systemd/system/kms.service", "share/bash-completion/completions/kms",
        "share/doc/kms/LICENSE", "share/doc/kms/README.md", "share/doc/kms/docs/operations.md", "share/fish/vendor_completions.d/kms.fish",
        "share/man/man1/kms.1", "share/zsh/site-functions/_kms",
    ];

    private readonly TempFolder folder = new();
    private readonly string from;
    private readonly string prefix;

    public InstallTests()
    {
        from = Published(folder.File("published"));
        prefix = folder.File("prefix");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_second_install_is_as_the_first_and_an_uninstall_leaves_what_it_did_not_bring()
    {
        Install();
        var first = Files();
        Assert.Empty(Expected.Except(first));
        Assert.Equal(first.Except(["lib/kms/installed"]).Order(StringComparer.Ordinal), File.ReadLines(Path.Combine(prefix, "lib/kms/installed")).Select(line => Path.GetRelativePath(prefix, line)).Order(StringComparer.Ordinal));
        File.WriteAllText(Path.Combine(from, "new.dll"), "");
        Install();
        File.Delete(Path.Combine(from, "new.dll"));
        Install();
        Assert.Equal(first, Files()); // nothing of the version before stays
        File.WriteAllText(Path.Combine(prefix, "bin", "other"), "");
        Shell("uninstall", 0);
        Assert.Equal(["bin/other"], Files());
        Shell("uninstall", 0);
    }

    [Fact]
    public void What_is_installed_runs_by_its_name_and_its_unit_names_it()
    {
        Install();
        var run = Run.Program(Path.Combine(prefix, "bin/kms"), ["version", "--output", "json"], environment: Run.Environment(null, folder.Root), folder: folder.Root);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("\"selfTest\": \"passed\"", run.Output, StringComparison.Ordinal);
        var unit = File.ReadAllText(Path.Combine(prefix, "lib/systemd/system/kms.service"));
        Assert.Contains($"ExecStart={prefix}/lib/kms/kms daemon ", unit, StringComparison.Ordinal);
        Assert.Contains($"Documentation=file://{prefix}/share/doc/kms/docs/operations.md", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("/opt/", unit, StringComparison.Ordinal);
        Assert.StartsWith(".TH KMS 1", File.ReadAllText(Path.Combine(prefix, "share/man/man1/kms.1")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_of_an_installed_page_leads_to_something_that_is_installed()
    {
        Install();
        var docs = Path.Combine(prefix, "share/doc/kms");
        var pages = Directory.GetFiles(docs, "*.md", SearchOption.AllDirectories);
        Assert.True(pages.Length > 20);
        foreach (var page in pages)
        {
            var links = Link().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value.Split('#')[0]);
            Assert.All(
                links.Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal)),
                link => Assert.True(
                    Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link)), $"{Path.GetFileName(page)} links to {link}"));
        }

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Peer.SourceRoot, "docs/withdrawals.png")),
            File.ReadAllBytes(Path.Combine(docs, "docs/withdrawals.png")));
    }

    [Fact]
    public void A_prefix_that_is_no_path_or_a_folder_without_kms_changes_nothing()
    {
        Assert.Contains("not a path from /", Shell("install", 2, "--prefix", "here").Error, StringComparison.Ordinal);
        Assert.Contains("there is no kms in", Shell("install", 2, "--prefix", prefix, "--from", folder.Root).Error, StringComparison.Ordinal);
        Assert.Contains("usage: ", Shell("install", 2, "--nonsense").Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(prefix));
    }

    [GeneratedRegex("\\[[^\\]]+\\]\\(([^)]+)\\)")]
    private static partial Regex Link();

    private void Install() => Shell("install", 0, "--prefix", prefix, "--from", from);

    private Run Shell(string script, int exitCode, params string[] arguments)
    {
        string[] all = script == "uninstall" ? ["--prefix", prefix] : arguments;
        var run = Run.Program(Path.Combine(Peer.SourceRoot, "cli", script), all, environment: Run.Environment(null, folder.Root), folder: folder.Root);
        Assert.True(run.ExitCode == exitCode, run.Output + run.Error);
        return run;
    }

    private string[] Files() =>
        [.. Directory.GetFiles(prefix, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(prefix, file)).Order(StringComparer.Ordinal)];

    /// <summary>A copy of the program that the tests run.</summary>
    private static string Published(string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Run.KmsProgram)!))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        return target;
    }
}
