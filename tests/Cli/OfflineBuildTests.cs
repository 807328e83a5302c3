using System.Text;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>The offline build for key ceremonies: published once, inspected, and watched while it works.</summary>
public sealed class OfflineBuildTests(OfflineBuildTests.Published published) : IClassFixture<OfflineBuildTests.Published>
{
    [Fact]
    public void Bundle_holds_no_network_assembly_and_no_network_command()
    {
        var assemblies = published.Assemblies();
        Assert.Contains("KmsCloud.Core.dll", assemblies); // the inspection sees assemblies at all
        Assert.DoesNotContain(assemblies, name => name.StartsWith("System.Net", StringComparison.Ordinal) || name.StartsWith("Azure", StringComparison.Ordinal) || name.StartsWith("AWS", StringComparison.Ordinal) || name.StartsWith("Polly", StringComparison.Ordinal));
        var help = published.Kms(["--help"]).Output;
        Assert.DoesNotMatch("(?m)^  (daemon|sandbox|doctor|approver) ", help);
        Assert.DoesNotContain("--azure", help, StringComparison.Ordinal);
        Assert.Equal(["kms", "libsecp256k1.so.1", "libsodium.so.23"], published.Programs());
        Assert.Contains("\"flavour\": \"offline\"", published.Kms(["version", "--json"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_ceremonies_open_no_internet_socket()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "NOT CHECKED: strace is not installed");
        using var folder = new TempFolder();
        var path = folder.File("wallet.dat");
        string[][] ceremony =
        [
            ["generatewallet", "BTC"], ["generatemanagedwallet", "ETH", "--path", path], ["generatemanagedprivatekeybatch", "BTC", "3", "--path", path],
            ["verify", "--path", path], ["export", "--path", path], ["generatewallet", "ETH", "--dice-only"], ["version", "--json"], ["passwd", "--path", path, "--new-password-file", folder.File("new.txt")],
        ];
        File.WriteAllText(folder.File("new.txt"), "another password altogether");
        Run.Program("/usr/bin/strace", ["-f", "-qq", "-e", "trace=network", "-o", folder.File("trace"), "/usr/bin/python3", "-c", "import socket; socket.socket()"]);
        Assert.SkipUnless(File.Exists(folder.File("trace")), "NOT CHECKED: strace may not trace here");
        Assert.Matches("AF_INET", File.ReadAllText(folder.File("trace"))); // what is looked for below would be seen
        foreach (var arguments in ceremony)
        {
            var run = Run.Program(
                "/usr/bin/strace",
                ["-f", "-qq", "-e", "trace=network", "-o", folder.File("trace"), published.Program, .. arguments],
                Canaries.Rolls + "\n",
                environment: Run.Environment(new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = "correct horse battery staple" }, folder.Root));
            Assert.SkipWhen(run.Error.Contains("ptrace", StringComparison.Ordinal) && run.Output.Length == 0, "NOT CHECKED: strace may not trace here");
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.DoesNotMatch("AF_INET", File.ReadAllText(folder.File("trace")));
        }
    }

    [Fact]
    public void The_published_program_has_no_diagnostic_port() => DiagnosticPort.RequireNone(published.Program);

    [Fact]
    public void Both_builds_make_the_same_wallet_of_the_same_dice()
    {
        const string rolls = "6225113431524522553164363331646425216422154463155532651143622346615124551431662335416266334155214432165\n";
        using var folder = new TempFolder();
        Assert.Equal(
            published.Kms(["generatewallet", "ETH", "--dice-only"], rolls).Output,
            Run.Kms(["generatewallet", "ETH", "--dice-only"], rolls, folder: folder.Root).Output);
    }

    /// <summary>The build the README and docs/key-ceremony.md name.</summary>
    public sealed class Published : IDisposable
    {
        private readonly TempFolder folder = new();

        public Published()
        {
            var run = Run.Program("dotnet", ["publish", Path.Combine(Peer.SourceRoot, "cli"), "-c", "Release", "-r", "linux-x64", "-p:Offline=true", "-o", folder.Root, "--nologo", "-v", "quiet"]);
            Assert.True(run.ExitCode == 0, run.Output + run.Error);
        }

        public string Program => folder.File("kms");

        public void Dispose() => folder.Dispose();

        internal IReadOnlyList<string> Programs() =>
            [.. Directory.GetFiles(folder.Root).Select(path => Path.GetFileName(path)!).Where(name => !name.EndsWith(".pdb", StringComparison.Ordinal) && !name.EndsWith(".xml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

        internal IReadOnlyList<string> Assemblies() =>
            [.. Regex.Matches(Encoding.Latin1.GetString(File.ReadAllBytes(Program)), "[A-Za-z][A-Za-z0-9.]+\\.dll").Select(match => match.Value).Distinct()];

        internal Run Kms(IEnumerable<string> arguments, string? input = null) =>
            Run.Program(Program, arguments, input, Run.Environment(null, folder.Root), folder.Root);
    }
}
