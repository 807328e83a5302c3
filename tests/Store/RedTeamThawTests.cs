using KmsCloud.Chains;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Store;

/// <summary>Whoever can write the state folder thaws without the password.</summary>
public sealed class RedTeamThawTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString("canary-password-77aa");

    public void Dispose()
    {
        folder.Dispose();
        password.Dispose();
    }

    // an earlier freeze was thawed in order, and the attacker kept what lay in the folder then: frozen.json and thaw.json
    [Fact]
    public void The_thaw_of_an_earlier_freeze_does_not_thaw_a_later_one()
    {
        var state = Fill();
        var (frozen, thaw) = (Path.Combine(state, "frozen.json"), Path.Combine(state, "thaw.json"));
        var environment = new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = password.Reveal() };
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(state);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        var freeze = new Freeze(state, books.Head);
        Assert.Equal(0, Run.Kms(["freeze", "--state", state, "--reason", "a drill"], environment: environment).ExitCode);
        Assert.NotNull(freeze.Reason);
        var oldNote = File.ReadAllBytes(frozen);
        Assert.Equal(0, Run.Kms(["thaw", "--path", folder.File("wallet.dat"), "--state", state], environment: environment).ExitCode);
        var oldThaw = File.ReadAllBytes(thaw);
        Assert.Null(freeze.Reason);

        Assert.Equal(0, Run.Kms(["freeze", "--state", state, "--reason", "we are robbed"], environment: environment).ExitCode);
        Assert.Contains("robbed", freeze.Reason, StringComparison.Ordinal); // the daemon has seen and remembered it

        File.WriteAllBytes(frozen, oldNote); // without the password, from here on
        Assert.Contains("drill", freeze.Reason, StringComparison.Ordinal);
        File.WriteAllBytes(thaw, oldThaw);
        File.Delete(frozen);
        Assert.NotNull(freeze.Reason);
    }

    // frozen while no daemon runs: nothing but the note says so
    [Fact]
    public void A_freeze_while_no_daemon_runs_is_not_taken_away()
    {
        var state = Fill();
        Assert.Equal(0, Run.Kms(["freeze", "--state", state, "--reason", "we are robbed"]).ExitCode);
        File.Delete(Path.Combine(state, "frozen.json"));
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(state);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        Assert.NotNull(new Freeze(state, books.Head).Reason);
    }

    private string Fill()
    {
        using (var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192)))
        {
            edit.Save();
        }

        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(folder.File("state"));
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        return folder.File("state");
    }
}
