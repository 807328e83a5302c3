using KmsCloud.Chains;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Signing;

/// <summary>
/// Two states of one wallet file share its key: the token that thawed one is worth nothing in the other, however whoever writes the folders counts.
/// </summary>
public sealed class ThawOfAnotherStateTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.Copy("correct horse battery staple"u8);

    public ThawOfAnotherStateTests()
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
    public void A_token_of_another_state_thaws_nothing()
    {
        var token = TokenOfAnother();
        using var world = new Running(this, "ours");
        world.Freeze.Set("stop", "somebody", DateTimeOffset.UnixEpoch);
        Assert.NotNull(world.Freeze.Reason);
        for (var turn = 0; turn < 100; turn++)
        {
            File.WriteAllText(world.Note, $$"""{"reason":"{{turn}}","operator":"x","time":"x"}"""); // each note is another freeze, which counts on
            Assert.NotNull(world.Freeze.Reason);
            File.Delete(world.Note);
            File.WriteAllBytes(world.Token, token);
            Assert.True(world.Freeze.Reason is not null, $"thawed without a password after {turn} notes");
        }
    }

    /// <summary>An app that was frozen and thawed once, later in its life.</summary>
    private byte[] TokenOfAnother()
    {
        using var other = new Running(this, "other");
        for (var turn = 0; turn < 20; turn++)
        {
            other.Freeze.Set($"{turn}", "somebody", DateTimeOffset.UnixEpoch);
            Assert.NotNull(other.Freeze.Reason);
        }

        var thaw = Run.Kms(
            ["thaw", "--path", folder.File("wallet.dat"), "--state", Path.GetDirectoryName(other.Note)!],
            environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = "correct horse battery staple" });
        Assert.True(thaw.ExitCode == 0, thaw.Error);
        var token = File.ReadAllBytes(other.Token);
        Assert.Null(other.Freeze.Reason); // control: it is the right one there
        return token;
    }

    /// <summary>What a running daemon holds open.</summary>
    private sealed class Running : IDisposable
    {
        private readonly WalletStore store;
        private readonly LocalStateFolder local;
        private readonly StateBooks books;
        private readonly string state;

        internal Running(ThawOfAnotherStateTests tests, string name)
        {
            state = tests.folder.File(name);
            store = WalletStore.Open(tests.folder.File("wallet.dat"), tests.password, ChainCatalog.WalletsOf);
            local = new(state);
            books = StateBooks.Open(local, store, TimeProvider.System);
            Freeze = new(state, books.Head);
        }

        internal Freeze Freeze { get; }

        internal string Note => Path.Combine(state, Freeze.NoteName);

        internal string Token => Path.Combine(state, Freeze.ThawName);

        public void Dispose()
        {
            books.Dispose();
            local.Dispose();
            store.Dispose();
        }
    }
}
