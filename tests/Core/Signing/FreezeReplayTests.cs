using KmsCloud.Chains;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Signing;

/// <summary>What ended one freeze ends no other: note and token, kept by whoever can write the state folder, are worth nothing later.</summary>
public sealed class FreezeReplayTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.Copy("correct horse battery staple"u8);
    private readonly string state;

    public FreezeReplayTests()
    {
        state = folder.File("state");
        using var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192));
        edit.Save();
    }

    private string Note => Path.Combine(state, Freeze.NoteName);

    private string Token => Path.Combine(state, Freeze.ThawName);

    public void Dispose()
    {
        password.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_old_note_and_its_token_do_not_end_a_later_freeze(bool isSwappedUnseen)
    {
        using var world = new Running(this);
        var (note, token) = Ended(world, "first");
        world.Freeze.Set("second", "somebody", DateTimeOffset.UnixEpoch);
        if (!isSwappedUnseen)
        {
            Assert.NotNull(world.Freeze.Reason);
        }

        File.WriteAllBytes(Note, note);
        Assert.NotNull(world.Freeze.Reason);
        File.Delete(Note);
        File.WriteAllBytes(Token, token);
        Assert.NotNull(world.Freeze.Reason);
        Thaw();
        Assert.Null(world.Freeze.Reason);
    }

    [Fact]
    public void A_token_kept_back_from_its_own_freeze_does_not_end_the_next()
    {
        using var world = new Running(this);
        world.Freeze.Set("first", "somebody", DateTimeOffset.UnixEpoch);
        Assert.NotNull(world.Freeze.Reason);
        Thaw();
        var kept = File.ReadAllBytes(Token);
        File.Delete(Token); // the daemon does not see it
        world.Freeze.Set("second", "somebody", DateTimeOffset.UnixEpoch);
        Assert.NotNull(world.Freeze.Reason);
        File.Delete(Note);
        File.WriteAllBytes(Token, kept);
        Assert.NotNull(world.Freeze.Reason);
    }

    [Fact]
    public void Frozen_twice_it_is_thawed_by_one_command()
    {
        using var world = new Running(this);
        foreach (var reason in new[] { "first", "second" })
        {
            world.Freeze.Set(reason, "somebody", DateTimeOffset.UnixEpoch);
            Assert.NotNull(world.Freeze.Reason);
        }

        world.Freeze.Set("third", "somebody", DateTimeOffset.UnixEpoch); // not seen by the daemon before it is thawed
        Thaw();
        Assert.Null(world.Freeze.Reason);
    }

    [Fact]
    public void Thawed_before_a_daemon_saw_it_no_token_is_left_to_keep()
    {
        using (new Running(this))
        {
            // there is a head now
        }

        new Freeze(state).Set("unseen", "somebody", DateTimeOffset.UnixEpoch);
        Thaw();
        Assert.False(File.Exists(Token));
    }

    private (byte[] Note, byte[] Token) Ended(Running world, string reason)
    {
        world.Freeze.Set(reason, "somebody", DateTimeOffset.UnixEpoch);
        Assert.NotNull(world.Freeze.Reason);
        var note = File.ReadAllBytes(Note);
        Thaw();
        var token = File.ReadAllBytes(Token);
        Assert.Null(world.Freeze.Reason);
        return (note, token);
    }

    private void Thaw()
    {
        var thaw = Run.Kms(
            ["thaw", "--path", folder.File("wallet.dat"), "--state", state],
            environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = "correct horse battery staple" });
        Assert.True(thaw.ExitCode == 0, thaw.Error);
    }

    /// <summary>What a running daemon holds open.</summary>
    private sealed class Running : IDisposable
    {
        private readonly WalletStore store;
        private readonly LocalStateFolder local;
        private readonly StateBooks books;

        internal Running(FreezeReplayTests tests)
        {
            store = WalletStore.Open(tests.folder.File("wallet.dat"), tests.password, ChainCatalog.WalletsOf);
            local = new(tests.state);
            books = StateBooks.Open(local, store, TimeProvider.System);
            Freeze = new(tests.state, books.Head);
        }

        internal Freeze Freeze { get; }

        public void Dispose()
        {
            books.Dispose();
            local.Dispose();
            store.Dispose();
        }
    }
}
