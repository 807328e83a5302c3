using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Store;

/// <summary>Two states of one wallet file have one key: only what the operator wrote down elsewhere tells them apart.</summary>
public sealed class StateIdTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.Copy("correct horse battery staple"u8);

    public StateIdTests()
    {
        using var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192));
        edit.Save();
    }

    public void Dispose()
    {
        password.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Each_state_has_its_own_and_keeps_it()
    {
        var ours = Use("ours");
        Assert.Matches("^[0-9a-f]{32}$", ours);
        Assert.Equal(ours, Use("ours", expected: ours.ToUpperInvariant()));
        Assert.NotEqual(ours, Use("other"));
    }

    [Fact]
    public void A_state_that_was_exchanged_or_emptied_does_not_open()
    {
        var ours = Use("ours");
        Use("other");
        Directory.Move(folder.File("ours"), folder.File("away"));
        Directory.Move(folder.File("other"), folder.File("ours"));
        Assert.Contains("KMS_STATE_ID says " + ours, Assert.Throws<KmsException>(() => Use("ours", ours)).Message, StringComparison.Ordinal);
        Directory.Delete(folder.File("ours"), recursive: true);
        Assert.StartsWith("here is none", Assert.Throws<KmsException>(() => Use("ours", ours)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("ours/audit.jsonl"))); // nothing was begun
        Directory.Delete(folder.File("ours"), recursive: true);
        Directory.Move(folder.File("away"), folder.File("ours"));
        Assert.Equal(ours, Use("ours", ours));
    }

    [Fact]
    public void Thawing_writes_no_token_for_the_head_of_another_state()
    {
        var ours = Use("ours", frozen: true);
        Use("other", frozen: true);
        File.Copy(folder.File("other/state.head"), folder.File("ours/state.head"), overwrite: true); // while somebody thaws ours
        var environment = new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = "correct horse battery staple" };
        string[] thaw = ["thaw", "--path", folder.File("wallet.dat"), "--state", folder.File("ours")];
        Assert.Equal(0, Run.Kms(thaw, environment: environment).ExitCode); // control: the other's token is out
        Assert.True(File.Exists(folder.File("ours/thaw.json")));
        File.Delete(folder.File("ours/thaw.json"));
        environment["KMS_STATE_ID"] = ours;
        var refused = Run.Kms(thaw, environment: environment);
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("KMS_STATE_ID", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("ours/thaw.json")));
    }

    [Fact]
    public void Only_the_operators_who_write_it_down_are_asked_for_it()
    {
        Use("ours");
        Directory.Delete(folder.File("ours"), recursive: true);
        Assert.NotEmpty(Use("ours"));
    }

    [Fact]
    public void A_head_that_was_written_without_the_audit_logs_word_for_it_gets_it_at_the_next_start()
    {
        using (var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf))
        using (var local = new LocalStateFolder(folder.File("ours")))
        using (var head = StateHead.Open(local.OpenRecord(StateHead.RecordName, StateHead.Size), store.PurposeKey(StateHead.KeyPurpose)))
        {
            head.Saw(1); // and here the power went
        }

        Use("ours");
        File.Delete(folder.File("ours/state.head"));
        Assert.Contains("state.head is missing", Assert.Throws<KmsException>(() => Use("ours")).Message, StringComparison.Ordinal);
    }

    private string Use(string name, string? expected = null, bool frozen = false)
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(folder.File(name), expected);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        if (frozen)
        {
            var freeze = new Freeze(folder.File(name), books.Head);
            freeze.Set("stop", "somebody", DateTimeOffset.UnixEpoch);
            Assert.NotNull(freeze.Reason);
        }

        return books.Head!.Id!;
    }
}
