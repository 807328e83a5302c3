using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.State;

/// <summary>
/// The lock of a state folder is a file in it. Whoever takes it away lets a second daemon start beside the first: of the two, one signs.
/// </summary>
public sealed class TwoDaemonsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.Copy("correct horse battery staple"u8);
    private readonly string state;

    public TwoDaemonsTests()
    {
        state = folder.File("state");
        using var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192));
        edit.Save();
    }

    public void Dispose()
    {
        password.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("the lock")]
    [InlineData("the lock, and every file is a copy")]
    public async Task The_first_signs_no_more_once_a_second_has_opened_the_state(string taken)
    {
        using (var first = new Daemon(this))
        {
            await SignAsync(first, "one");
            File.Delete(Path.Combine(state, "daemon.lock"));
            foreach (var path in taken == "the lock" ? [] : Directory.GetFiles(state))
            {
                File.Copy(path, path + ".copy");
                File.Move(path + ".copy", path, overwrite: true); // what the first one holds open has no name any more
            }

            using var second = new Daemon(this);
            await Assert.ThrowsAsync<KmsException>(() => first.Books.Audit.AppendAsync(json => json.WriteString("decision", "signing")));
            var error = await Assert.ThrowsAsync<KmsException>(() => SignAsync(first, "two"));
            Assert.Equal(Failure.WalletFile, error.Failure);
            await SignAsync(second, "two");
            await second.Books.Audit.AppendAsync(json => json.WriteString("decision", "signing"));
        }

        using var again = new Daemon(this);
        Assert.Equal(2, again.Books.Journal.Count);
    }

    [Fact]
    public async Task A_head_that_was_put_back_under_a_running_daemon_stops_it()
    {
        using var daemon = new Daemon(this);
        await SignAsync(daemon, "one");
        var older = File.ReadAllBytes(Path.Combine(state, StateHead.RecordName));
        await SignAsync(daemon, "two");
        File.WriteAllBytes(Path.Combine(state, StateHead.RecordName), older);
        await Assert.ThrowsAsync<KmsException>(() => SignAsync(daemon, "three"));
    }

    private static Task<JournalEntry> SignAsync(Daemon daemon, string id) => daemon.Books.Journal.RecordSignedAsync(
        new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" }, "c0ffee", new("0xff", null));

    private sealed class Daemon : IDisposable
    {
        private readonly WalletStore store;
        private readonly LocalStateFolder local;

        internal Daemon(TwoDaemonsTests tests)
        {
            store = WalletStore.Open(tests.folder.File("wallet.dat"), tests.password, ChainCatalog.WalletsOf);
            local = new(tests.state);
            Books = StateBooks.Open(local, store, TimeProvider.System);
        }

        internal StateBooks Books { get; }

        public void Dispose()
        {
            Books.Dispose();
            local.Dispose();
            store.Dispose();
        }
    }
}
