using System.Diagnostics;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Cli;

/// <summary>Users of tatum-kms move over without losing a key; and files of many keys stay quick.</summary>
public sealed class MigrateTests : IDisposable
{
    private const string Password = "correct horse battery staple";
    private readonly TempFolder folder = new();
    private readonly Dictionary<string, string?> environment = new() { ["TATUM_KMS_PASSWORD"] = Password };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_wallet_of_every_chain_comes_over_with_its_id_and_address()
    {
        var entries = new Dictionary<string, JsonElement>();
        foreach (var chain in ChainCatalog.All.Keys)
        {
            foreach (var vector in Vectors.Read(chain).GetProperty("signing").EnumerateArray())
            {
                foreach (var entry in vector.GetProperty("walletStore").EnumerateObject())
                {
                    entries[entry.Name] = entry.Value;
                }
            }
        }

        var json = "{" + string.Join(',', entries.Select(entry => $"\"{entry.Key}\":{entry.Value.GetRawText()}"))
            + "," + """
              "bad-1":{"chain":"ETH","testnet":true},
              "bad-2":{"chain":"NOPE","testnet":true,"privateKey":"x"},
              "bad-3":{"chain":"ETH","testnet":true,"privateKey":"0x00"},
              "bad-4":"text","bad-5":[{"mnemonic":"x"}]}
              """;
        File.WriteAllBytes(folder.File("old.dat"), LegacyWallet.Encrypt(json, Password));
        var before = File.ReadAllBytes(folder.File("old.dat"));
        var run = Kms("migrate", folder.File("old.dat"), "--path", folder.File("new.dat"));
        Assert.True(run.ExitCode == 4, run.Error); // the bad ones stayed behind
        var result = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(before, File.ReadAllBytes(folder.File("old.dat")));
        Assert.True(entries.Count == result.GetProperty("imported").GetInt32(), run.Output);
        Assert.Equal(entries.Count, result.GetProperty("addressesCompared").GetInt32());
        Assert.Equal(["bad-1", "bad-2", "bad-3", "bad-4", "bad-5"], result.GetProperty("skippedEntries").EnumerateArray().Select(entry => entry.Text("signatureId")).Order());
        Assert.All(result.GetProperty("skippedEntries").EnumerateArray(), entry => Assert.NotEmpty(entry.Text("reason")!));

        using var password = SecretBytes.FromString(Password);
        using var store = WalletStore.Open(folder.File("new.dat"), password, ChainCatalog.WalletsOf);
        foreach (var (id, entry) in entries)
        {
            Assert.Equal(entry.Text("mnemonic"), store.Get(id).Entry.Mnemonic?.Reveal());
            Assert.Equal(entry.Text("privateKey"), store.Get(id).Entry.PrivateKey?.Reveal());
            Assert.Equal(entry.Text("secret"), store.Get(id).Entry.Secret?.Reveal());
        }

        // a second time nothing is new, and nothing is lost
        var again = JsonDocument.Parse(Kms("migrate", folder.File("old.dat"), "--path", folder.File("new.dat")).Output).RootElement;
        Assert.Equal(0, again.GetProperty("imported").GetInt32());
        Assert.Equal(0, Kms("verify", "--path", folder.File("new.dat")).ExitCode);
    }

    [Fact]
    public void In_place_the_old_file_is_kept_and_an_interrupted_run_goes_on()
    {
        const string json = """{"8b1f6c1a-0000-4000-8000-000000000002":{"chain":"ETH","testnet":true,"privateKey":"0xce7b6cdbdf83d81f3c0eddf93de838c6389a531c56003bd237a18b406fce428f"}}""";
        var path = folder.File("wallet.dat");
        var old = LegacyWallet.Encrypt(json, Password);
        File.WriteAllBytes(path, old);
        File.WriteAllBytes(path + ".tatum-kms", old); // kept by a run that ended before its new file was written
        var run = Kms("migrate", path, "--path", path);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(old, File.ReadAllBytes(path + ".tatum-kms"));
        Assert.Equal(["wallet.dat", "wallet.dat.tatum-kms"], Directory.GetFiles(folder.Root, "wallet.dat*").Select(Path.GetFileName).Where(name => !name!.EndsWith(".lock", StringComparison.Ordinal)).Order());
        Assert.Equal(0, Kms("verify", "--path", path).ExitCode);
        Assert.Contains("0xbd4e8b760b3f866ce308dc48be589b22ec08d6ab", Kms("getaddress", "8b1f6c1a-0000-4000-8000-000000000002", "--path", path).Output, StringComparison.Ordinal);
        Assert.Equal(2, Kms("migrate", path, "--path", path).ExitCode);
    }

    [Fact]
    public void In_place_another_kept_file_or_a_wrong_password_changes_nothing()
    {
        var path = folder.File("wallet.dat");
        var old = LegacyWallet.Encrypt("""{"a":{"chain":"ETH","testnet":true,"privateKey":"0xce7b6cdbdf83d81f3c0eddf93de838c6389a531c56003bd237a18b406fce428f"}}""", Password);
        File.WriteAllBytes(path, old);
        File.WriteAllText(path + ".tatum-kms", "another");
        Assert.Equal(4, Kms("migrate", path, "--path", path).ExitCode);
        Assert.Equal(old, File.ReadAllBytes(path));
        Assert.Equal("another", File.ReadAllText(path + ".tatum-kms"));
        File.Delete(path + ".tatum-kms");
        environment["TATUM_KMS_PASSWORD"] = "wrong";
        Assert.Equal(3, Kms("migrate", path, "--path", path).ExitCode);
        Assert.Equal(old, File.ReadAllBytes(path));
        Assert.False(File.Exists(path + ".tatum-kms"));
    }

    [Fact]
    public void A_tatum_kms_file_is_read_where_it_lies_and_never_written()
    {
        const string json = """{"8b1f6c1a-0000-4000-8000-000000000002":{"chain":"ETH","testnet":true,"privateKey":"0xce7b6cdbdf83d81f3c0eddf93de838c6389a531c56003bd237a18b406fce428f"}}""";
        File.WriteAllBytes(folder.File("wallet.dat"), LegacyWallet.Encrypt(json, Password));
        var before = File.ReadAllBytes(folder.File("wallet.dat"));
        var run = Kms("getaddress", "8b1f6c1a-0000-4000-8000-000000000002", "--path", folder.File("wallet.dat"));
        Assert.Contains("0xbd4e8b760b3f866ce308dc48be589b22ec08d6ab", run.Output, StringComparison.Ordinal);
        Assert.Contains("kms migrate", run.Error, StringComparison.Ordinal);
        run = Kms("generatemanagedwallet", "ETH", "--path", folder.File("wallet.dat"));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("kms migrate", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder.File("wallet.dat")));
    }

    [Fact]
    public void Ten_thousand_keys_are_one_write_and_a_look_up_among_them_needs_no_more_than_the_password()
    {
        var path = folder.File("many.dat");
        var lines = Kms("generatemanagedprivatekeybatch", "ETH", "10000", "--testnet", "--path", path).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10_000, lines.Length);
        using var password = SecretBytes.FromString(Password);
        using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
        Assert.Equal(1, store.Generation);
        var last = JsonDocument.Parse(lines[^1]).RootElement;
        Assert.Equal(last.Text("address"), JsonDocument.Parse(Kms("getaddress", last.Text("signatureId")!, "--path", path).Output).RootElement.Text("address"));
    }

    [Fact]
    public async Task Ctrl_c_in_a_batch_leaves_a_whole_file_and_says_how_many_were_stored()
    {
        var path = folder.File("many.dat");
        using var process = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", Run.KmsProgram, "generatemanagedprivatekeybatch", "ETH", "1000000", "--testnet", "--path", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TATUM_KMS_PASSWORD"] = Password, ["HOME"] = folder.Root },
        })!;
        var printed = new List<string> { (await process.StandardOutput.ReadLineAsync())! }; // the first batch is durable
        Run.Program("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        var error = process.StandardError.ReadToEndAsync();
        printed.AddRange((await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains($"interrupted: {printed.Count} of 1000000 keys were stored", await error, StringComparison.Ordinal);
        using var password = SecretBytes.FromString(Password);
        using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
        Assert.Equal(printed.Count, store.Count);
    }

    private Run Kms(params string[] arguments) => Run.Kms(arguments, environment: environment, folder: folder.Root);
}
