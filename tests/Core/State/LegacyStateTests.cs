using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.State;

/// <summary>A state folder beside a wallet.dat of tatum-kms is sealed too, under a key made from the password, and goes along when the wallets are migrated.</summary>
public sealed class LegacyStateTests : IDisposable
{
    private const string Password = "canary-password-77aa";
    private const string Wallets = """{"8b1f6c1a-0000-4000-8000-000000000002":{"chain":"ETH","testnet":true,"privateKey":"0xce7b6cdbdf83d81f3c0eddf93de838c6389a531c56003bd237a18b406fce428f"}}""";
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString(Password);
    private readonly string state;

    public LegacyStateTests()
    {
        state = folder.File("state");
        File.WriteAllBytes(folder.File("wallet.dat"), LegacyWallet.Encrypt(Wallets, Password));
    }

    public void Dispose()
    {
        password.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void An_older_a_deleted_and_a_longer_journal_do_not_open_beside_a_tatum_kms_file()
    {
        using var store = Store("wallet.dat");
        Sign(store, "id-0");
        var older = File.ReadAllBytes(Journal);
        Sign(store, "id-1");
        var whole = File.ReadAllBytes(Journal);
        File.WriteAllBytes(Journal, older);
        Refused(store);
        File.Delete(Journal);
        Refused(store);
        File.WriteAllBytes(Journal, [.. whole, .. """{"time":"2026-11-26T00:00:00Z","event":"released","id":"id-1"}"""u8, (byte)'\n']);
        Refused(store);
        File.WriteAllBytes(Journal, whole);
        Assert.Equal(2, Count(store));
    }

    [Fact]
    public void A_state_of_before_is_taken_over_once_and_another_password_does_not_open_it()
    {
        Directory.CreateDirectory(state);
        var line = """{"time":"2026-11-01T00:00:00Z","event":"signed","id":"one","chain":"ETH","content":"00","data":"0xf86b01"}""" + "\n";
        File.WriteAllText(Journal, line);
        using (var store = Store("wallet.dat"))
        {
            Assert.Equal(1, Count(store));
            File.AppendAllText(Journal, line.Replace("one", "two", StringComparison.Ordinal));
            Refused(store);
            File.WriteAllText(Journal, line);
        }

        File.WriteAllBytes(folder.File("foreign.dat"), LegacyWallet.Encrypt(Wallets, "another"));
        using var other = SecretBytes.FromString("another");
        using var foreign = WalletStore.Open(folder.File("foreign.dat"), other, ChainCatalog.WalletsOf);
        Assert.Contains("put in its place", Refused(foreign), StringComparison.Ordinal);
    }

    [Fact]
    public void Migrated_wallets_open_the_state_of_the_old_file_and_its_audit_log()
    {
        using (var store = Store("wallet.dat"))
        {
            Sign(store, "id-0");
        }

        var environment = new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = Password };
        var migrated = Run.Kms(["migrate", folder.File("wallet.dat"), "--path", folder.File("new.dat")], environment: environment);
        Assert.True(migrated.ExitCode == 0, migrated.Error);
        using (var store = Store("new.dat"))
        {
            Assert.Equal(1, Count(store));
            Sign(store, "id-1");
            Assert.Equal(2, Count(store));
        }

        var verified = Run.Kms(["audit", "verify", "--path", folder.File("new.dat"), "--state", state], environment: environment);
        Assert.True(verified.ExitCode == 0, verified.Error + verified.Output);

        using var old = Store("wallet.dat");
        Assert.Contains("an older file was put back", Refused(old), StringComparison.Ordinal); // it lacks what was made since
    }

    [Fact]
    public void Migrating_again_warns_only_where_the_state_does_not_come_along()
    {
        var environment = new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = Password };
        Assert.DoesNotContain("state folder", Migrate("wallet.dat", "new.dat").Error, StringComparison.Ordinal);
        var more = Wallets.Replace("000000000002", "000000000003", StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("wallet.dat"), LegacyWallet.Encrypt(more, Password));
        Assert.DoesNotContain("state folder", Migrate("wallet.dat", "new.dat").Error, StringComparison.Ordinal);
        Assert.Equal(0, Run.Kms(["generatemanagedwallet", "BTC", "--testnet", "--path", folder.File("there.dat")], environment: environment).ExitCode);
        Assert.Contains("state folder", Migrate("wallet.dat", "there.dat").Error, StringComparison.Ordinal);

        (int ExitCode, string Error) Migrate(string from, string to)
        {
            var run = Run.Kms(["migrate", folder.File(from), "--path", folder.File(to)], environment: environment);
            Assert.True(run.ExitCode == 0, run.Error);
            return (run.ExitCode, run.Error);
        }
    }

    [Fact]
    public void An_operator_may_go_on_unsealed_on_a_state_that_another_file_sealed()
    {
        using (var store = Store("wallet.dat"))
        {
            Sign(store, "id-0");
        }

        File.WriteAllBytes(folder.File("foreign.dat"), LegacyWallet.Encrypt(Wallets, "another"));
        using var other = SecretBytes.FromString("another");
        using var foreign = WalletStore.Open(folder.File("foreign.dat"), other, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(state);
        using var books = StateBooks.Open(local, foreign, TimeProvider.System, acceptsLegacy: true);
        Assert.Equal(1, books.Journal.Count);
        Assert.Null(books.Head);
        Assert.Contains("not noticed", books.Warning, StringComparison.Ordinal);
    }

    private string Journal => Path.Combine(state, "journal.jsonl");

    private WalletStore Store(string name) => WalletStore.Open(folder.File(name), password, ChainCatalog.WalletsOf);

    private string Refused(WalletStore store)
    {
        var error = Assert.Throws<KmsException>(() => Count(store));
        Assert.Equal(Failure.WalletFile, error.Failure);
        return error.Message;
    }

    private int Count(WalletStore store)
    {
        using var local = new LocalStateFolder(state);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        return books.Journal.Count;
    }

    private void Sign(WalletStore store, string id)
    {
        using var local = new LocalStateFolder(state);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        books.Audit.AppendAsync(json =>
        {
            json.WriteString("decision", "signing");
            json.WriteString("id", id);
        }).GetAwaiter().GetResult();
        var pending = new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" };
        books.Journal.RecordSignedAsync(pending, "00", new SignedTransaction("0x" + id, "0xab")).GetAwaiter().GetResult();
    }
}
