using System.Text;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.State;

/// <summary>
/// <see cref="KmsCloud.State.StateFile"/> and <see cref="KmsCloud.State.LinkedFileException"/>.
/// Whoever can write the state folder puts links there to files outside of it, which the daemon's user can write: nothing outside is cut, written or added
/// to, and above all not the wallet file.
/// </summary>
public sealed class LinkedFilesTests : IDisposable
{
    private const string Victim = "first line\nTATUM_API_URL=https://mine.example"; // no newline at its end
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.Copy("correct horse battery staple"u8);
    private readonly string state;

    public LinkedFilesTests()
    {
        state = folder.File("state");
        using var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192));
        edit.Save();
        Directory.CreateDirectory(state);
        File.WriteAllText(folder.File("victim"), Victim);
    }

    public static TheoryData<string> Places()
    {
        var places = new TheoryData<string>();
        foreach (var name in new[]
        {
            "journal.jsonl", "audit.jsonl", "policy.jsonl", "journal.index.jsonl", "state.head", "audit.head", "daemon.lock", "freezes.jsonl", "freezes.jsonl.lock",
            "journal.jsonl.torn", "audit.jsonl.torn", "frozen.json", "thaw.json", "set-aside.json", "frozen.json.new", "frozen.json.bak", "policy.jsonl.new", "journal.set-aside.jsonl",
        })
        {
            places.Add(name);
        }

        return places;
    }

    public void Dispose()
    {
        password.Dispose();
        folder.Dispose();
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Nothing_outside_is_written_through_a_link(string name)
    {
        var path = Path.Combine(state, name);
        if (name.EndsWith(".torn", StringComparison.Ordinal))
        {
            await UseAsync();
            File.AppendAllText(path[..^".torn".Length], "TATUM_KMS_EXTERNAL_URL=https://mine.example"); // what a power cut leaves, or somebody
        }

        Link(path, folder.File("victim"));
        await UseAsync();
        Assert.Equal(Victim, File.ReadAllText(folder.File("victim")));
    }

    [Theory]
    [InlineData("journal.jsonl")]
    [InlineData("audit.jsonl")]
    [InlineData("state.head")]
    public async Task The_wallet_file_stays_whole(string name)
    {
        var before = File.ReadAllBytes(folder.File("wallet.dat"));
        Link(Path.Combine(state, name), folder.File("wallet.dat"));
        await UseAsync();
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("wallet.dat"))), $"wallet.dat had {before.Length} bytes and has {new FileInfo(folder.File("wallet.dat")).Length}");
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_makes_no_file_there()
    {
        foreach (var name in new[] { "journal.jsonl", "audit.jsonl", "state.head", "daemon.lock", "freezes.jsonl", "freezes.jsonl.lock", "journal.jsonl.torn" })
        {
            var target = folder.File("made-by-" + name);
            Link(Path.Combine(state, name), target);
            await UseAsync();
            Assert.False(File.Exists(target), name);
            File.Delete(Path.Combine(state, name));
        }
    }

    private static void Link(string path, string target)
    {
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
    }

    /// <summary>What a daemon and an operator do in a state folder; that something there does not open is no damage.</summary>
    private async Task UseAsync()
    {
        try
        {
            using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
            using var local = new LocalStateFolder(state);
            using var books = StateBooks.Open(local, store, TimeProvider.System);
            using var policy = books.OpenPolicyLog();
            foreach (var _ in policy.ReadLines())
            {
                // read to the end, as the policy is
            }

            await policy.AppendAsync([Encoding.ASCII.GetBytes("{\"a\":1}")]);
            await books.Journal.RecordSignedAsync(
                new PendingTransaction { Id = Guid.NewGuid().ToString(), Chain = "ETH", SerializedTransaction = "{}" }, "c0ffee", new("0x" + new string('f', 40), "0x1"));
            await books.Audit.AppendAsync(json => json.WriteString("decision", "test"));
            new SetAsideList(local.Note(SetAsideList.NoteName), TimeProvider.System).Add("0123456789abcdef01234567");
            var freeze = new Freeze(state, books.Head);
            freeze.Set("a drill", "tester", DateTimeOffset.UnixEpoch);
            freeze.History!.Add("frozen", "tester", "a drill", DateTimeOffset.UnixEpoch);
            await freeze.History.DrainAsync(books.Audit.AppendAsync);
        }
        catch (KmsException)
        {
            // it does not open, which somebody will look into
        }
    }
}
