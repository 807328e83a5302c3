using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Store;

/// <summary>
/// Two states of one wallet file have one key: a log of one is no log of the other, and what an operator wrote down
/// counts whatever else is set.
/// </summary>
public sealed class RedTeam5StateTests : IDisposable
{
    private const string Password = "canary-password-77aa";
    private const string Legacy = """
        {"8b1f6c1a-0000-4000-8000-000000000002":{"chain":"ETH","testnet":true,"privateKey":
        "0xce7b6cdbdf83d81f3c0eddf93de838c6389a531c56003bd237a18b406fce428f"}}
        """;
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString(Password);

    public RedTeam5StateTests()
    {
        using (var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192)))
        {
            edit.Save();
        }

        File.WriteAllBytes(folder.File("legacy.dat"), LegacyWallet.Encrypt(Legacy, Password));
    }

    public void Dispose()
    {
        password.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void An_id_that_was_written_down_counts_also_where_an_unsealed_state_is_accepted()
    {
        var ours = Use("ours", "legacy.dat", "signing");
        Directory.Move(folder.File("ours"), folder.File("away"));
        var emptied = Assert.Throws<KmsException>(() => Use("ours", "legacy.dat", expected: ours, acceptsLegacy: true));
        Assert.Contains("KMS_STATE_ID", emptied.Message, StringComparison.Ordinal);
        Use("other", "legacy.dat");
        var exchanged = Assert.Throws<KmsException>(() => Use("other", "legacy.dat", expected: ours, acceptsLegacy: true));
        Assert.Contains("KMS_STATE_ID", exchanged.Message, StringComparison.Ordinal);
        Directory.Delete(folder.File("ours"), recursive: true);
        Directory.Move(folder.File("away"), folder.File("ours"));
        Assert.Equal(ours, Use("ours", "legacy.dat", expected: ours, acceptsLegacy: true));
    }

    [Fact]
    public void The_audit_log_of_another_state_is_not_taken_for_ours()
    {
        var ours = Use("ours", "wallet.dat", "signing", "broadcast");
        Use("other", "wallet.dat", [.. Enumerable.Repeat("refused", 9)]); // longer than ours, and it names no signature
        Exchange();
        var error = Assert.Throws<KmsException>(() => Use("ours", "wallet.dat", expected: ours));
        Assert.Contains("audit log", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nor_does_an_operator_take_it_for_a_restore()
    {
        Use("ours", "wallet.dat", "signing", "broadcast");
        Use("other", "wallet.dat", [.. Enumerable.Repeat("refused", 9)]);
        Exchange();
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(folder.File("ours"));
        Assert.Throws<KmsException>(() => StateBooks.AcceptRestore(local, store, _ => true));
    }

    [Fact]
    public void A_head_of_before_which_knows_only_the_number_of_lines_learns_the_rest()
    {
        Use("ours", "wallet.dat", "signing");
        Forget("ours");
        Use("ours", "wallet.dat", "broadcast");
        Use("other", "wallet.dat", [.. Enumerable.Repeat("refused", 9)]);
        Exchange();
        Assert.Throws<KmsException>(() => Use("ours", "wallet.dat"));
    }

    private void Exchange()
    {
        foreach (var name in (string[])["audit.jsonl", "audit.head"])
        {
            File.Copy(folder.File($"other/{name}"), folder.File($"ours/{name}"), overwrite: true);
        }
    }

    /// <summary>What the head said of the audit log before it knew its last line.</summary>
    private void Forget(string name)
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(folder.File(name));
        using var head = StateHead.Open(local.OpenRecord(StateHead.RecordName, StateHead.Size), store.PurposeKey(StateHead.KeyPurpose));
        head.Set("audit.jsonl", head.Of("audit.jsonl")! with { Hash = "" }, flush: true);
    }

    private string? Use(string name, string wallet, params string[] decisions) => Use(name, wallet, null, false, decisions);

    private string? Use(string name, string wallet, string? expected, bool acceptsLegacy = false, params string[] decisions)
    {
        using var store = WalletStore.Open(folder.File(wallet), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(folder.File(name), expected);
        using var books = StateBooks.Open(local, store, TimeProvider.System, acceptsLegacy);
        foreach (var decision in decisions)
        {
            books.Audit.AppendAsync(json => json.WriteString("decision", decision)).GetAwaiter().GetResult();
        }

        return books.Head?.Id;
    }
}
