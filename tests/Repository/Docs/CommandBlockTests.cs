using System.Diagnostics;
using System.Globalization;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Docs;

/// <summary>The blocks of the pages that are marked <c>run</c>, run as a person would who has nothing but the page.</summary>
public sealed class CommandBlockTests : IDisposable
{
    /// <summary>The marks, each with a test here.</summary>
    internal static readonly string[] Marks = ["getting-started", "getting-started gateway", "sandbox", "install", "migrate", "backup", "ledger", "ledger queries"];

    private const string Password = "at least twelve characters";
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void From_the_checkout_to_the_first_signature_with_only_what_the_page_says()
    {
        var page = Page.Read("docs/getting-started.md");
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        Assert.StartsWith("cli/install --prefix", page.Script("getting-started"), StringComparison.Ordinal);
        var script = Prepared(page.Script("getting-started")).Replace("3050", port, StringComparison.Ordinal);
        using var gateway = Gateway(page.Script("getting-started gateway").Replace("3050", port, StringComparison.Ordinal));
        var watch = Stopwatch.StartNew();
        var run = Shell(script);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("\"state\": \"accepted\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("transfer: 0.01 ETH to 0x7dB98c08E0bAF33cb04FE43cC17bBeE99fFEBC6A", run.Error, StringComparison.Ordinal);
        Assert.Contains("loses the keys in it for good", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("the gateway names", run.Error, StringComparison.Ordinal); // no alarm in a newcomer's first hour
        TestContext.Current.TestOutputHelper?.WriteLine($"from install to signature: {watch.Elapsed.TotalSeconds:0.0} s, without the build");
    }

    [Fact]
    public void The_readme_installs_and_shows_the_sandbox()
    {
        var page = Page.Read("README.md");
        Assert.Equal("cli/kms sandbox\n", page.Script("sandbox"));
        var run = Shell(Prepared(page.Script("install")) + "kms sandbox --all --output json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("Wallets:", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"verified\": 55", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_wallet_file_is_moved_as_the_page_says()
    {
        var home = Directory.CreateDirectory(folder.File(".tatumrc")).FullName;
        File.WriteAllBytes(Path.Combine(home, "wallet.dat"), LegacyWallet.Encrypt(File.ReadAllText(Path.Combine(Peer.SourceRoot, "tests/Cli/Scripts/wallets.json")), Password));
        File.SetUnixFileMode(Path.Combine(home, "wallet.dat"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var run = Shell(OnPath + Page.Read("docs/migrate.md").Script("migrate"));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.True(File.Exists(Path.Combine(home, "wallet.dat.tatum-kms")));
        Assert.Contains("\"signatureId\": \"words\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_is_made_and_proved_as_the_page_says()
    {
        var run = Shell(OnPath + "kms generatemanagedwallet BTC >made\n" + Page.Read("docs/backup-and-recovery.md").Script("backup"));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("is a copy of every wallet", run.Error, StringComparison.Ordinal);
        Assert.Contains("\"chain\": \"BTC\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_and_a_report_are_made_as_the_page_says()
    {
        Assert.Equal(0, Shell(OnPath + "kms generatemanagedwallet BTC").ExitCode);
        using (var password = Secrets.SecretBytes.FromString(Password))
        using (var store = Wallets.WalletStore.Open(new Wallets.LocalWallet(folder.File(".tatumrc/wallet.dat")), password, KmsCloud.Chains.ChainCatalog.WalletsOf))
        using (var state = new KmsCloud.State.LocalStateFolder(folder.File(".tatumrc/state")))
        using (var books = KmsCloud.Signing.StateBooks.Open(state, store, TimeProvider.System))
        {
            await books.Audit.AppendAsync(json => SimulatedYear.Write(json, "signing", "a", "BTC", "bob", "150000000", 8, "BTC", []));
            await books.Audit.AppendAsync(json => SimulatedYear.Write(json, "broadcast", "a", "BTC", "bob", "150000000", 8, "BTC", []));
        }

        var run = Shell(OnPath + Page.Read("docs/ledger.md").Script("ledger"));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("\"checked\": \"hash chain and MAC\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"payments\":1", run.Output, StringComparison.Ordinal);
        Assert.Contains(",bob,1.5,150000000,8,BTC", await File.ReadAllTextAsync(folder.File("withdrawals.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("its MAC under the wallet file", await File.ReadAllTextAsync(folder.File("withdrawals.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_queries_to_paste_are_understood()
    {
        await SimulatedYear.WriteAsync(folder.Root, 100);
        using var key = SimulatedYear.Key();
        new KmsCloud.Ledger.LedgerBuilder(folder.Root, key, null).Build(folder.File("ledger.db"));
        using var ledger = KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"));
        var results = 0;
        ledger.Query(Page.Read("docs/ledger.md").Script("ledger queries"), _ => results++, _ => { });
        Assert.Equal(6, results);
    }

    private static string OnPath => $"export PATH=\"{Path.GetDirectoryName(Run.KmsProgram)}:$PATH\" TATUM_KMS_PASSWORD='{Password}'\n";

    /// <summary>The page's installation, of the program that is built already.</summary>
    private static string Prepared(string script) =>
        script.Replace("cli/install ", $"{Path.Combine(Peer.SourceRoot, "cli", "install")} --from {Path.GetDirectoryName(Run.KmsProgram)} ", StringComparison.Ordinal);

    private Run Shell(string script) => Run.Program("/bin/sh", ["-euc", script], environment: Environment(), folder: folder.Root);

    private Dictionary<string, string?> Environment()
    {
        var environment = Run.Environment(null, folder.Root);
        environment["KMS_ANY_IDS"] = null; // as it comes
        return environment;
    }

    /// <summary>The page's gateway, in its other terminal, once it listens.</summary>
    private Other Gateway(string script)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-euc", $"export PATH=\"{Path.GetDirectoryName(Run.KmsProgram)}:$PATH\"\nexec {script.Trim()}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder.Root,
        };
        foreach (var (name, value) in Environment())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        while (process.StandardError.ReadLine() is { } line && !line.Contains("export TATUM_API_URL", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("error", line, StringComparison.Ordinal);
        }

        _ = process.StandardError.ReadToEndAsync();
        return new(process);
    }

    private sealed class Other(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
