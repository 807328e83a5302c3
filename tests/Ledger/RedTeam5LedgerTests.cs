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

/// <summary>A record is made of the state that the operator means, and of no log of another state of the same wallet file.</summary>
public sealed class RedTeam5LedgerTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString("canary-password-77aa");

    public RedTeam5LedgerTests()
    {
        using var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192));
        edit.Save();
    }

    public void Dispose()
    {
        folder.Dispose();
        password.Dispose();
    }

    [Fact]
    public void The_audit_log_of_another_state_makes_no_record()
    {
        Write("ours", "settled");
        Write("other", [.. Enumerable.Repeat("refused", 9)]);
        Build("ours");
        foreach (var name in (string[])["audit.jsonl", "audit.head"])
        {
            File.Copy(folder.File($"other/{name}"), folder.File($"ours/{name}"), overwrite: true);
        }

        Assert.Contains("audit log", Assert.Throws<KmsException>(() => Build("ours")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ledger", "build")]
    [InlineData("report", "withdrawals")]
    public void Another_state_makes_no_record_where_ours_was_written_down(string command, string verb)
    {
        var ours = Write("ours", "refused");
        Write("other", "refused");
        Dictionary<string, string?> environment = new() { ["TATUM_KMS_PASSWORD"] = "canary-password-77aa", ["KMS_STATE_ID"] = ours };
        Assert.Equal(0, Make("ours").ExitCode); // control
        var refused = Make("other");
        Assert.True(refused.ExitCode == 4, refused.Error);
        Assert.Contains("KMS_STATE_ID", refused.Error, StringComparison.Ordinal);

        Run Make(string state)
        {
            string[] more = command == "ledger" ? ["--file", folder.File("ledger.db")] : [];
            return Run.Kms([command, verb, "--path", folder.File("wallet.dat"), "--state", folder.File(state), .. more], environment: environment);
        }
    }

    private void Build(string name)
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var audit = store.PurposeKey(AuditLog.KeyPurpose);
        using var key = store.PurposeKey(StateHead.KeyPurpose);
        new LedgerBuilder(folder.File(name), audit, key).Build(folder.File("ledger.db"));
    }

    private string Write(string name, params string[] decisions)
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(folder.File(name));
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        foreach (var decision in decisions)
        {
            books.Audit.AppendAsync(json => json.WriteString("decision", decision)).GetAwaiter().GetResult();
        }

        return books.Head!.Id!;
    }
}
