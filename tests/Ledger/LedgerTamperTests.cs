using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Ledger;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Ledger;

/// <summary>Red team 4: what a start refuses, a ledger and a report are not made from ("one changed line, and there is neither").</summary>
public sealed class LedgerTamperTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString("canary-password-77aa");
    private readonly string state;
    private readonly string older;

    public LedgerTamperTests()
    {
        state = folder.File("state");
        older = folder.File("older");
        using (var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192)))
        {
            edit.Save();
        }

        Write("id-0", "id-1");
        Directory.CreateDirectory(older);
        foreach (var file in Directory.GetFiles(state))
        {
            File.Copy(file, Path.Combine(older, Path.GetFileName(file)));
        }

        Write("id-2");
    }

    public void Dispose()
    {
        folder.Dispose();
        password.Dispose();
    }

    [Fact]
    public void Control_untouched() => Build();

    [Fact]
    public void Control_a_changed_journal_line()
    {
        ChangeJournal();
        Assert.Throws<KmsException>(Build);
    }

    [Fact]
    public void A_changed_journal_line_with_the_head_taken_away()
    {
        ChangeJournal();
        File.Delete(Path.Combine(state, "state.head"));
        Assert.Throws<KmsException>(Build);
    }

    [Fact]
    public void An_older_audit_log_with_its_head()
    {
        foreach (var file in new[] { "audit.jsonl", "audit.head" })
        {
            File.Copy(Path.Combine(older, file), Path.Combine(state, file), overwrite: true);
        }

        Assert.Throws<KmsException>(Build);
    }

    [Fact]
    public void An_older_journal_with_its_head_beside_todays_audit_log()
    {
        foreach (var file in new[] { "journal.jsonl", "state.head" })
        {
            File.Copy(Path.Combine(older, file), Path.Combine(state, file), overwrite: true);
        }

        Assert.Throws<KmsException>(Build);
    }

    private void ChangeJournal()
    {
        var path = Path.Combine(state, "journal.jsonl");
        File.WriteAllText(path, File.ReadAllText(path).Replace("0xab", "0xcd", StringComparison.Ordinal));
    }

    private void Build()
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var audit = store.PurposeKey(AuditLog.KeyPurpose);
        using var key = store.PurposeKey(StateHead.KeyPurpose);
        var source = new LedgerBuilder(state, audit, key).Build(folder.File("ledger.db"));
        Assert.Equal("hash chain and MAC", source.Checked);
    }

    private void Write(params string[] ids)
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(state);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        foreach (var id in ids)
        {
            Note(books.Audit, "signing", id);
            var pending = new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" };
            books.Journal.RecordSignedAsync(pending, "00", new SignedTransaction("0x" + id, "0xab")).GetAwaiter().GetResult();
            Note(books.Audit, "broadcast", id);
        }
    }

    private static void Note(AuditLog audit, string decision, string id) => audit.AppendAsync(json =>
    {
        json.WriteString("decision", decision);
        json.WriteString("id", id);
    }).GetAwaiter().GetResult();
}
