using KmsCloud.Chains;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.State;

/// <summary>Whoever can write the state folder has an operator with the password run the command that the program itself recommends.</summary>
public sealed class RepairTamperTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString("canary-password-77aa");
    private readonly string state;

    public RepairTamperTests()
    {
        state = folder.File("state");
        using (var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192)))
        {
            edit.Save();
        }

        With(books =>
        {
            foreach (var id in Enumerable.Range(0, 3).Select(number => $"id-{number}"))
            {
                books.Audit.AppendAsync(json => json.WriteString("decision", "signing")).GetAwaiter().GetResult();
                var pending = new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" };
                books.Journal.RecordSignedAsync(pending, "00", new SignedTransaction("0x" + id, "0xab")).GetAwaiter().GetResult();
                books.Journal.RecordStateAsync(id, JournalState.Accepted, null, null).GetAwaiter().GetResult();
                books.Audit.AppendAsync(json => json.WriteString("decision", "broadcast")).GetAwaiter().GetResult();
            }

            return 0;
        });
    }

    private Dictionary<string, string?> Password => new() { ["TATUM_KMS_PASSWORD"] = password.Reveal() };

    public void Dispose()
    {
        folder.Dispose();
        password.Dispose();
    }

    [Fact]
    public void Repair_of_one_unreadable_line_does_not_take_a_released_line_that_somebody_else_wrote()
    {
        File.AppendAllText(
            Path.Combine(state, "journal.jsonl"),
            """{"time":"2026-11-26T00:00:00Z","event":"released","id":"id-1"}""" + "\nrubbish\n");
        var done = Run.Kms(["journal", "repair", "--path", folder.File("wallet.dat"), "--state", state], input: "set aside 1\n", environment: Password);
        Assert.Contains("line 7 cannot be read: it says 'released' of 'id-1'", done.Error, StringComparison.Ordinal);
        var again = Run.Kms(["journal", "repair", "--path", folder.File("wallet.dat"), "--state", state], input: "set aside 2\n", environment: Password);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.False(With(books => books.Journal.FindAsync("id-1").GetAwaiter().GetResult())!.MaySignAfresh, "id-1 may be signed a second time; repair said: " + done.Error + done.Output);
    }

    [Fact]
    public void Repair_does_not_drop_a_signed_line_that_somebody_else_took_away()
    {
        var journal = Path.Combine(state, "journal.jsonl");
        var lines = File.ReadAllLines(journal).Where(line => !line.Contains("id-1", StringComparison.Ordinal)).ToArray();
        File.WriteAllText(journal, string.Join('\n', lines) + "\nrubbish\n");
        var done = Run.Kms(["journal", "repair", "--path", folder.File("wallet.dat"), "--state", state], input: "set aside 1\n", environment: Password);
        var isKnown = done.ExitCode != 0 || With(books => books.Journal.FindAsync("id-1").GetAwaiter().GetResult()) is not null;
        Assert.True(isKnown || done.Error.Contains("missing", StringComparison.Ordinal), "nothing knows that id-1 was signed, and the operator was told of one line of rubbish: " + done.Error);
    }

    [Fact]
    public void Repair_says_which_signed_ids_the_journal_will_not_know()
    {
        With(books =>
        {
            books.Audit.AppendAsync(json =>
            {
                json.WriteString("decision", "signing");
                json.WriteString("id", "id-1");
            }).GetAwaiter().GetResult();
            return 0;
        });
        var journal = Path.Combine(state, "journal.jsonl");
        var lines = File.ReadAllLines(journal).Select(line => line.Contains("id-1", StringComparison.Ordinal) ? "rubbish" : line).ToArray();
        File.WriteAllText(journal, string.Join('\n', lines) + "\n");
        var shown = Run.Kms(["journal", "repair", "--path", folder.File("wallet.dat"), "--state", state], input: "no\n", environment: Password);
        Assert.Contains("the audit log says that id-1 was signed, and the journal will not know it", shown.Error, StringComparison.Ordinal);
        Assert.Contains("the seal of line 3 does not fit", shown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_its_head_a_state_that_had_one_is_not_repaired()
    {
        File.Delete(Path.Combine(state, "state.head"));
        File.AppendAllText(Path.Combine(state, "journal.jsonl"), "rubbish\n");
        var shown = Run.Kms(["journal", "repair", "--path", folder.File("wallet.dat"), "--state", state], input: "set aside 1\n", environment: Password);
        Assert.Equal(4, shown.ExitCode);
        Assert.Contains("state.head is missing", shown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_without_any_seal_is_no_restore()
    {
        // the same lines without seals, id-1 released, and one line less, so that it looks like a restore that is one line behind
        var journal = Path.Combine(state, "journal.jsonl");
        var bare = File.ReadAllLines(journal)
            .Select(line => System.Text.Encoding.UTF8.GetString(SealedLog.Payload(System.Text.Encoding.UTF8.GetBytes(line), out _)))
            .Where(line => !line.Contains("id-2", StringComparison.Ordinal)).ToList();
        bare.Add("""{"time":"2026-11-26T00:00:00Z","event":"released","id":"id-1"}""");
        File.WriteAllText(journal, string.Join('\n', bare) + "\n");
        var done = Run.Kms(["state", "accept-restore", "--path", folder.File("wallet.dat"), "--state", state], input: "accept\n", environment: Password);
        var entry = done.ExitCode == 0 ? With(books => books.Journal.FindAsync("id-1").GetAwaiter().GetResult()) : null;
        Assert.False(entry?.MaySignAfresh == true, "id-1 may be signed a second time; accept-restore said: " + done.Error + done.Output);
    }

    [Fact]
    public void Journal_list_does_not_show_what_somebody_else_wrote_as_if_it_were_ours()
    {
        File.AppendAllText(Path.Combine(state, "journal.jsonl"), """{"time":"2026-11-26T00:00:00Z","event":"rejected","id":"id-1","reason":"insufficient funds"}""" + "\n");
        var shown = Run.Kms(["journal", "list", "--path", folder.File("wallet.dat"), "--state", state], environment: Password);
        Assert.Equal(4, shown.ExitCode);
        Assert.Contains("line 7 of the journal has no seal", shown.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("rejected", shown.Output, StringComparison.Ordinal);
    }

    private T With<T>(Func<StateBooks, T> use)
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(state);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        return use(books);
    }
}
