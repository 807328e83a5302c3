using System.Text;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>The offline build for key ceremonies: published once, inspected, and watched while it works.</summary>
public sealed class OfflineBuildTests(OfflineBuildTests.Published published) : IClassFixture<OfflineBuildTests.Published>
{
    private static readonly string[] BuiltFrom = ["core", "cli", "docs"];

    [Fact]
    public void Bundle_holds_no_network_assembly_and_no_network_command()
    {
        var imports = ElfImports.Of(published.Program);
        Assert.Contains("mlock", imports); // the inspection sees system calls at all
        Assert.Contains("socket", ElfImports.Of("/usr/bin/python3")); // and would see this one
        Assert.Empty(imports.Intersect(["socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "getaddrinfo", "gethostbyname"]));
        var bytes = published.Text();
        Assert.Contains("KmsCloud.Core", bytes, StringComparison.Ordinal); // native code keeps the names of assemblies
        Assert.DoesNotMatch("(Azure|AWSSDK|Polly|OpenTelemetry|NBitcoin|Nethereum|Newtonsoft|System\\.Net\\.(Http|Sockets|Primitives)), Version=", bytes);
        Assert.InRange(new FileInfo(published.Program).Length, 1_000_000, 10_000_000);
        var help = published.Kms(["--help"]).Output;
        Assert.DoesNotMatch("(?m)^  (daemon|sandbox|doctor|approver) ", help);
        Assert.DoesNotContain("--azure", help, StringComparison.Ordinal);
        Assert.Equal(["SHA256SUMS", "kms", "libsecp256k1.so", "libsodium.so"], published.Programs()); // nothing without a sum
        Assert.Equal(0, Run.Program("sha256sum", ["--check", "--strict", "SHA256SUMS"], folder: Path.GetDirectoryName(published.Program)).ExitCode);
        foreach (var online in new[] { "daemon", "approver", "sandbox", "doctor" })
        {
            Assert.Contains($"'{online}' is not in the offline build", published.Kms([online]).Error, StringComparison.Ordinal);
        }

        Assert.Contains("'--azure' is not in the offline build", published.Kms(["verify", "--azure"]).Error, StringComparison.Ordinal);
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
    public void The_published_program_has_no_diagnostic_port() => DiagnosticPort.RequireNone(published.Program, isNative: true);

    [Fact]
    public void A_second_builder_in_another_folder_gets_the_same_program()
    {
        using var other = new TempFolder();
        var source = other.File("source");
        var clone = Run.Program("git", ["-c", "safe.directory=*", "clone", "-q", "--no-hardlinks", Peer.SourceRoot, source]);
        Assert.SkipUnless(clone.ExitCode == 0, "NOT CHECKED: this is no git checkout: " + clone.Error);
        foreach (var path in BuiltFrom.SelectMany(part => Directory.GetFiles(Path.Combine(Peer.SourceRoot, part), "*", SearchOption.AllDirectories)).Concat(Directory.GetFiles(Peer.SourceRoot, "*.props")))
        {
            var name = Path.GetRelativePath(Peer.SourceRoot, path);
            if (!name.Split('/').Any(part => part is "bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(source, name))!);
                File.Copy(path, Path.Combine(source, name), overwrite: true); // what is not committed yet
            }
        }

        Published.Build(source, other.File("built"));
        Assert.Equal(File.ReadAllText(Path.Combine(Path.GetDirectoryName(published.Program)!, "SHA256SUMS")), File.ReadAllText(other.File("built/SHA256SUMS")));
    }

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

        public Published() => Build(Peer.SourceRoot, folder.Root);

        internal static void Build(string source, string output)
        {
            var run = Run.Program(Path.Combine(source, "cli", "build-offline"), [output]);
            Assert.True(run.ExitCode == 0, run.Output + run.Error);
        }

        public string Program => folder.File("kms");

        public void Dispose() => folder.Dispose();

        internal IReadOnlyList<string> Programs() =>
            [.. Directory.GetFiles(folder.Root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

        internal string Text() => Encoding.Latin1.GetString(File.ReadAllBytes(Program));

        internal Run Kms(IEnumerable<string> arguments, string? input = null) =>
            Run.Program(Program, arguments, input, Run.Environment(null, folder.Root), folder.Root);
    }
}
