using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.State;

/// <summary>
/// Whoever can write the state folder and has no password: every file older, deleted, emptied, with a line more or less,
/// a link, or another's. What <see cref="SealCheck"/> lets pass is what was written.
/// </summary>
public sealed class StateTamperTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString("canary-password-77aa");
    private readonly string state;
    private readonly string older;
    private readonly string other;

    public StateTamperTests()
    {
        state = Fill("state", "wallet.dat", out older);
        other = Fill("other", "other.dat", out _);
    }

    public static TheoryData<string, string> Matrix()
    {
        var matrix = new TheoryData<string, string>();
        foreach (var file in new[] { "journal.jsonl", "policy.jsonl", "audit.jsonl", "state.head", "audit.head" })
        {
            foreach (var how in new[] { "older", "deleted", "emptied", "a line more", "a line less", "the first line away", "a line changed", "a link to the older one", "another state's" })
            {
                if (!file.EndsWith(".head", StringComparison.Ordinal) || !how.Contains("line", StringComparison.Ordinal) || how == "a line changed") // a head has places of a fixed size, not lines
                {
                    matrix.Add(file, how);
                }
            }
        }

        matrix.Add("journal.jsonl state.head", "older");
        matrix.Add("policy.jsonl state.head", "older");
        matrix.Add("journal.jsonl policy.jsonl state.head", "older");
        matrix.Add("journal.jsonl state.head", "deleted");
        matrix.Add("journal.jsonl policy.jsonl state.head", "deleted");
        matrix.Add("audit.jsonl audit.head", "older");
        matrix.Add("audit.jsonl audit.head", "deleted");
        matrix.Add("audit.jsonl audit.head journal.jsonl", "older");
        matrix.Add("audit.jsonl audit.head journal.jsonl", "deleted");
        return matrix;
    }

    public void Dispose()
    {
        folder.Dispose();
        password.Dispose();
    }

    [Theory, MemberData(nameof(Matrix))]
    public void What_was_changed_does_not_open(string files, string how)
    {
        foreach (var file in files.Split(' '))
        {
            Change(file, how);
        }

        var error = Assert.Throws<KmsException>(Open);
        Assert.Equal(Failure.WalletFile, error.Failure);
        Assert.Contains("kms ", error.Hint + error.Message, StringComparison.Ordinal); // what can be done is said
        Shown.Line("state, changes that are seen", $"{files}: {how}: {error.Message}");
    }

    [Fact]
    public void What_was_not_changed_opens_again_and_again()
    {
        Open();
        Open();
    }

    [Fact]
    public void A_line_that_says_released_does_not_release()
    {
        File.AppendAllText(Path.Combine(state, "journal.jsonl"), """{"time":"2026-11-26T00:00:00Z","event":"released","id":"id-1"}""" + "\n");
        Assert.Contains("no seal", Assert.Throws<KmsException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Journal_and_policy_of_before_are_taken_over_once()
    {
        var old = folder.File("unsealed");
        Directory.CreateDirectory(old);
        var line = """{"time":"2026-11-01T00:00:00Z","event":"signed","id":"one","chain":"ETH","content":"00","data":"0xf86b01"}""" + "\n";
        File.WriteAllText(Path.Combine(old, "journal.jsonl"), line);
        Assert.Equal(1, Read(old).Entries);
        File.AppendAllText(Path.Combine(old, "journal.jsonl"), line.Replace("one", "two", StringComparison.Ordinal));
        Assert.Throws<KmsException>(() => Read(old)); // from then on no line without a seal
    }

    [Fact]
    public void A_restore_is_taken_by_somebody_with_the_password_and_is_in_the_audit_log()
    {
        foreach (var file in Directory.GetFiles(state))
        {
            if (Path.GetFileName(file) is not ("audit.jsonl" or "audit.head"))
            {
                File.Copy(Path.Combine(older, Path.GetFileName(file)), file, overwrite: true);
            }
        }

        Assert.Throws<KmsException>(Open);
        var environment = new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = password.Reveal() };
        var refused = Run.Kms(["state", "accept-restore", "--path", folder.File("wallet.dat"), "--state", state], input: "no\n", environment: environment);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("journal.jsonl holds", refused.Error, StringComparison.Ordinal);
        Assert.Throws<KmsException>(Open);
        var taken = Run.Kms(["state", "accept-restore", "--path", folder.File("wallet.dat"), "--state", state], input: "accept\n", environment: environment);
        Assert.True(taken.ExitCode == 0, taken.Error);
        Open();
        Assert.Contains("restore-accepted", File.ReadAllText(Path.Combine(state, "audit.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_line_is_set_aside_under_the_eyes_of_an_operator()
    {
        var journal = Path.Combine(state, "journal.jsonl");
        var lines = File.ReadAllLines(journal);
        lines[1] = """{"time":"2026-11-01T00:00:00Z","event":"signed","id":"odd","sequence":99999999999999999999}""";
        File.WriteAllLines(journal, lines);
        var environment = new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = password.Reveal() };
        string[] repair = ["journal", "repair", "--path", folder.File("wallet.dat"), "--state", state];
        Assert.Equal(2, Run.Kms(repair, input: "\n", environment: environment).ExitCode);
        var done = Run.Kms(repair, input: "set aside 1\n", environment: environment);
        Assert.True(done.ExitCode == 0, done.Error);
        Assert.Contains("line 2 cannot be read", done.Error, StringComparison.Ordinal);
        Assert.Equal(2, Read(state).Entries);
        Assert.Contains("journal-repaired", File.ReadAllText(Path.Combine(state, "audit.jsonl")), StringComparison.Ordinal);
        Assert.Contains("odd", File.ReadAllText(Path.Combine(state, "journal.set-aside.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_wallet_file_and_one_of_tatum_kms_are_not_taken()
    {
        File.Copy(folder.File("wallet.dat.older"), folder.File("wallet.dat"), overwrite: true);
        Assert.Contains("older file was put back", Assert.Throws<KmsException>(Open).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("wallet.dat"), LegacyWallet.Encrypt("{}", password.Reveal()));
        Assert.Contains("put in its place", Assert.Throws<KmsException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Taking_the_note_away_does_not_thaw_and_kms_thaw_does()
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using (var local = new LocalStateFolder(state))
        using (var books = StateBooks.Open(local, store, TimeProvider.System))
        {
            var freeze = new Freeze(state, books.Head);
            freeze.Set("drill", "somebody", DateTimeOffset.UnixEpoch);
            Assert.Contains("drill", freeze.Reason, StringComparison.Ordinal);
            File.Delete(Path.Combine(state, "frozen.json"));
            Assert.Contains("taken away", freeze.Reason, StringComparison.Ordinal);
            File.CreateSymbolicLink(Path.Combine(state, "frozen.json"), "/nonexistent");
            Assert.NotNull(freeze.Reason);
            File.Delete(Path.Combine(state, "frozen.json"));
            File.WriteAllText(Path.Combine(state, "thaw.json"), new string('0', 64));
            Assert.NotNull(freeze.Reason);
        }

        using (var local = new LocalStateFolder(state))
        using (var books = StateBooks.Open(local, store, TimeProvider.System))
        {
            var freeze = new Freeze(state, books.Head);
            Assert.NotNull(freeze.Reason); // also after a restart
            var thaw = Run.Kms(["thaw", "--path", folder.File("wallet.dat"), "--state", state], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = password.Reveal() });
            Assert.True(thaw.ExitCode == 0, thaw.Error);
            Assert.Null(freeze.Reason);
        }
    }

    private string Fill(string name, string wallet, out string copy)
    {
        var path = folder.File(name);
        using (var edit = WalletEdit.OpenOrCreate(folder.File(wallet), password, new PasswordCost(1, 8192)))
        {
            edit.Save();
            File.Copy(folder.File(wallet), folder.File(wallet + ".older"));
            edit.Save();
        }

        Write(path, wallet, "id-0", "id-1");
        copy = folder.File(name + "-older");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(path))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        Write(path, wallet, "id-2");
        return path;
    }

    private void Write(string path, string wallet, params string[] ids)
    {
        using var store = WalletStore.Open(folder.File(wallet), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(path);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        var policy = books.OpenPolicyLog();
        _ = policy.ReadLines().Count();
        foreach (var id in ids)
        {
            Note(books.Audit, "signing", id);
            policy.AppendAsync([System.Text.Encoding.UTF8.GetBytes($$"""{"key":"{{id}}"}""")]).GetAwaiter().GetResult();
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

    private void Open() => Read(state);

    private (int Entries, string? Warning) Read(string path)
    {
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(path);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        _ = books.OpenPolicyLog().ReadLines().Count();
        return (books.Journal.Count, books.Warning);
    }

    private void Change(string file, string how)
    {
        var path = Path.Combine(state, file);
        var lines = File.ReadAllLines(path);
        switch (how)
        {
            case "older":
                File.Copy(Path.Combine(older, file), path, overwrite: true);
                break;
            case "deleted":
                File.Delete(path);
                break;
            case "emptied":
                File.WriteAllText(path, "");
                break;
            case "a line more":
                File.AppendAllText(path, lines[^1] + "\n");
                break;
            case "a line less":
                File.WriteAllLines(path, lines[..^1]);
                break;
            case "the first line away":
                File.WriteAllLines(path, lines[1..]);
                break;
            case "a line changed":
                File.WriteAllText(path, File.ReadAllText(path).Replace("id-1", "id-9", StringComparison.Ordinal).Replace("\"head\"", "\"haed\"", StringComparison.Ordinal).Replace("\"counter\"", "\"countre\"", StringComparison.Ordinal));
                break;
            case "a link to the older one":
                File.Delete(path);
                File.CreateSymbolicLink(path, Path.Combine(older, file));
                break;
            default:
                File.Copy(Path.Combine(other, file), path, overwrite: true);
                break;
        }
    }
}
