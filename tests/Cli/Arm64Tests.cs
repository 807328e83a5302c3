using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>
/// The offline program for arm64, linked here and run in an emulator: self-test, and every recorded wallet and key of every chain through the file. Minutes, so
/// only <c>tests/run --long</c> asks for it: <c>KMS_ARM64</c> names a folder with Debian's libssl for arm64 (tests/arm64-libssl).
/// </summary>
public sealed class Arm64Tests : IDisposable
{
    private const string Emulator = "/usr/bin/qemu-aarch64";
    private const string Loader = "/usr/aarch64-linux-gnu";

    private readonly TempFolder folder = new();
    private readonly string? libraries = Environment.GetEnvironmentVariable("KMS_ARM64");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_program_for_arm64_passes_its_self_test_and_gives_the_recorded_addresses_and_keys()
    {
        Assert.SkipUnless(libraries is not null && File.Exists(Path.Combine(libraries, "libssl.so.3")), "NOT CHECKED: tests/run --long asks for this");
        Assert.SkipUnless(File.Exists(Emulator) && Directory.Exists(Loader), "NOT CHECKED: qemu-user or the compiler for arm64 is not installed");
        var program = folder.File("arm64");
        var built = Run.Program(Path.Combine(Peer.SourceRoot, "cli", "build-offline"), [program, "linux-arm64"]);
        Assert.True(built.ExitCode == 0, built.Output + built.Error);
        Assert.Equal([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1], File.ReadAllBytes(Path.Combine(program, "kms"))[..6]);
        Assert.Equal(0xb7, File.ReadAllBytes(Path.Combine(program, "kms"))[18]); // EM_AARCH64
        Assert.Contains("\"selfTest\": \"passed\"", Kms("version", "--json"), StringComparison.Ordinal);

        var (entries, expected) = Recorded();
        TranscriptPlayer.MakeWallet(folder.File("wallet.dat"), Canaries.Password, entries.ToJsonString());
        Assert.True(expected.Count > ChainCatalog.All.Count);
        Assert.Equal(ChainCatalog.All.Keys.Order(StringComparer.Ordinal), expected.Select(one => one.Chain).Distinct().Order(StringComparer.Ordinal));
        Kms("verify", "--path", folder.File("wallet.dat"));
        foreach (var (chain, id, index, address, key) in expected)
        {
            string[] place = index is null ? [id] : [id, index];
            Assert.Equal((chain, address), (chain, Member(Kms(["getaddress", .. place, "--path", folder.File("wallet.dat")]), "address")));
            if (key is not null)
            {
                Assert.Equal((chain, key), (chain, Member(Kms(["getprivatekey", .. place, "--path", folder.File("wallet.dat")]), "privateKey")));
            }
        }

        string Kms(params string[] arguments)
        {
            var run = Run.Program(
                Emulator,
                ["-L", Loader, "-E", $"LD_LIBRARY_PATH={libraries}", Path.Combine(program, "kms"), .. arguments],
                environment: Run.Environment(new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = Canaries.Password }, folder.Root));
            Assert.True(run.ExitCode == 0, string.Join(' ', arguments) + ": " + run.Error);
            return run.Output;
        }
    }

    /// <summary>For each chain the last mnemonic of the usual form and the last single key, as a wallet file and as what they must give.</summary>
    private static (JsonObject Entries, List<(string Chain, string Id, string? Index, string? Address, string? Key)> Expected) Recorded()
    {
        var entries = new JsonObject();
        var expected = new List<(string, string, string?, string?, string?)>();
        foreach (var chain in ChainCatalog.All.Keys)
        {
            var vectors = Vectors.Read(chain);
            if (vectors.GetProperty("wallets").EnumerateArray().LastOrDefault(IsUsual) is { ValueKind: JsonValueKind.Object } wallet)
            {
                var id = $"{chain}-words";
                var key = wallet.GetProperty("keys").EnumerateArray().Last();
                entries[id] = new JsonObject { ["mnemonic"] = wallet.Text("mnemonic"), ["xpub"] = wallet.Text("xpub"), ["testnet"] = wallet.Flag("testnet"), ["chain"] = chain };
                expected.Add((chain, id, key.GetProperty("index").GetRawText(), key.Text("address"), key.Text("privateKey")));
            }

            if (vectors.GetProperty("keypairs").EnumerateArray().LastOrDefault() is { ValueKind: JsonValueKind.Object } pair)
            {
                var id = $"{chain}-key";
                entries[id] = new JsonObject { ["privateKey"] = pair.Text("secret"), ["testnet"] = pair.Flag("testnet"), ["chain"] = chain };
                expected.Add((chain, id, null, pair.Text("address"), null));
            }
        }

        return (entries, expected);
    }

    private static bool IsUsual(JsonElement wallet) => wallet.Text("mnemonic") is not null && wallet.TryGetProperty("keys", out _) && !wallet.Flag("invalidChecksum")
        && wallet.Text("format")?.StartsWith("legacy", StringComparison.Ordinal) != true;

    private static string? Member(string json, string name) => JsonElement.Parse(json).Text(name);
}
