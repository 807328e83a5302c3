using System.Collections.Concurrent;
using System.Globalization;
using KmsCloud.Audit;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using Microsoft.Data.Sqlite;

namespace KmsCloud.Ledger;

/// <summary>What a ledger was made from.</summary>
/// <param name="AuditLines">Lines of the audit log.</param>
/// <param name="JournalLines">Lines of the journal.</param>
/// <param name="Last">SHA-256 of the audit log's last line, lower-case hex.</param>
/// <param name="Checked">"hash chain and MAC", or "hash chain" where no wallet file was opened.</param>
public sealed record LedgerSource(long AuditLines, long JournalLines, string Last, string Checked);

/// <summary>
/// Makes a ledger of the logs of a state folder. The logs are the truth: each line is checked before its row is
/// written, and a ledger can be made
/// anew at any time. Memory does not grow with the logs.
/// </summary>
public sealed class LedgerBuilder
{
    private const string AuditName = "audit.jsonl";
    private const int LinesAhead = 200;
    private const int LinesBetweenWords = 10_000;
    private readonly string folder;
    private readonly SecretBytes? auditKey;
    private readonly SecretBytes? stateKey;

    /// <summary>Prepares to read a state folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="auditKey">MAC key of the audit log, or null to check hash chains alone. The caller's.</param>
    /// <param name="stateKey">Key of the state's seals, or null. The caller's.</param>
    public LedgerBuilder(string folder, SecretBytes? auditKey, SecretBytes? stateKey)
    {
        this.folder = folder;
        this.auditKey = auditKey;
        this.stateKey = stateKey;
    }

    /// <summary>The identity that the state must have (KMS_STATE_ID), where its seals are read; null for any.</summary>
    public string? ExpectedId { get; init; }

    /// <summary>Told now and then how many lines of the audit log were read.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Writes a ledger and puts it in the place of one that was there.</summary>
    /// <param name="path">The database file, made with mode 0600.</param>
    /// <exception cref="KmsException">A log was changed, or the file cannot be written; a ledger of before
    /// stands.</exception>
    public LedgerSource Build(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new KmsException(
                Failure.WalletFile,
                $"the folder of '{path}' is not there",
                "check --state and --file");
        }

        try
        {
            LedgerSource source = null!;
            AtomicFile.Make(path, overwrite: true, fresh => source = Fill(fresh));
            return source;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new KmsException(
                Failure.WalletFile, $"'{path}' cannot be written: {Why(error)}", "choose another place with --file", error);
        }
    }

    private static string Why(Exception error) =>
        error is SqliteException database ? Ledger.Why(database) : AtomicFile.Why(error);

    private LedgerSource Fill(string path)
    {
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        database.Open();
        // it has another name until it is whole and flushed, so nothing of it needs a journal or a flush of its own
        Ledger.Run(database, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;");
        Ledger.Run(database, "BEGIN;" + LedgerSchema.Tables);
        using var rows = new LedgerRows(database);
        var source = AddLogs(rows);
        foreach (var (name, value) in new[]
        {
            ("schema", LedgerSchema.Version),
            ("audit_lines", source.AuditLines.ToString(CultureInfo.InvariantCulture)),
            ("audit_last", source.Last),
            ("journal_lines", source.JournalLines.ToString(CultureInfo.InvariantCulture)),
            ("checked", source.Checked),
        })
        {
            rows.AddAbout(name, value);
        }

        Ledger.Run(database, LedgerSchema.Indexes + "COMMIT;");
        return source;
    }

    private LedgerSource AddLogs(LedgerRows rows)
    {
        // heads before their logs, the journal before the audit log, which knows an id first: a daemon may append meanwhile
        using var stateHead = OpenStateHead();
        var journal = AddSealed("journal.jsonl", stateHead, (n, line) => rows.AddJournal(n, JournalRecord.Read(line)));
        AddSealed("policy.jsonl", stateHead, (n, line) => AddPolicyUse(rows, n, line));
        var check = AddAudit(rows, stateHead?.LastOf(AuditName), out var end);
        RequireWhole(stateHead, end, check.Lines);
        rows.RequireJournalInAudit();
        return new(check.Lines, journal, Hex.Lower(check.Last), auditKey is null ? "hash chain" : "hash chain and MAC");
    }

    /// <summary>What a start refuses of heads and ends of logs is no ground for a record either.</summary>
    private void RequireWhole(StateHead? before, AuditEnd end, long auditLines)
    {
        if (before is null)
        {
            return;
        }

        if (!before.WasThere && end.WasSealed)
        {
            throw new KmsException(
                Failure.WalletFile,
                "state.head is missing, and the audit log says that this state has one",
                "restore the state folder from a backup");
        }

        before.Require(AuditName, auditLines);
        using var now = OpenStateHead()!; // a daemon may have gone on since the first look
        if (auditLines > now.TakenAt && end.HeadWrites > now.Counter)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"state.head is write {now.Counter}, and the audit log knows {end.HeadWrites}: an older one was put back",
                "restore the state folder from a backup");
        }
    }

    private StateHead? OpenStateHead() => stateKey is null ? null
        : StateHead.Open(
            FileRecordPlaces.OpenForReading(Path.Combine(folder, StateHead.RecordName), StateHead.Size),
            SecretBytes.Copy(stateKey.Span),
            ExpectedId);

    /// <summary>One thread checks and reads lines, another one writes rows.</summary>
    private AuditCheck AddAudit(LedgerRows rows, (long Number, string Hash)? known, out AuditEnd end)
    {
        using var lines = new BlockingCollection<LedgerLine>(LinesAhead);
        using var stop = new CancellationTokenSource();
        var checking = Task.Run(() => CheckAudit(lines, known, stop.Token));
        var read = new AuditEnd(false, 0);
        try
        {
            foreach (var line in lines.GetConsumingEnumerable())
            {
                read = new(read.WasSealed || line.Decision == AuditLog.SealedDecision, line.HeadWrites);
                rows.Add(line);
            }
        }
        finally
        {
            stop.Cancel();
            Task.WaitAny(checking); // its log and keys are the caller's to close
        }

        end = read;
        return checking.GetAwaiter().GetResult();
    }

    private AuditCheck CheckAudit(
        BlockingCollection<LedgerLine> lines, (long Number, string Hash)? known, CancellationToken cancel)
    {
        try
        {
            // the head first: a daemon that appends meanwhile makes the log longer than the head says, never shorter
            using var head = AuditHead.OpenForReading(folder);
            head.Read(auditKey);
            using var log = FileAppendLog.OpenForReading(Path.Combine(folder, AuditName));
            var check = new AuditCheck(auditKey) { Known = known };
            foreach (var (_, bytes) in log.ReadLines())
            {
                check.Next(bytes.Span, head);
                RequireNoProblem(check);
                lines.Add(LedgerLine.Read(bytes), cancel);
                if (check.Lines % LinesBetweenWords == 0)
                {
                    Progress?.Invoke(check.Lines);
                }
            }

            check.End(head);
            RequireNoProblem(check);
            return check;
        }
        finally
        {
            lines.CompleteAdding();
        }
    }

    private static void RequireNoProblem(AuditCheck check)
    {
        if (check.Problems is [var problem, ..])
        {
            throw new KmsException(
                Failure.WalletFile,
                problem,
                "a record made from a changed log proves nothing; see: kms audit verify");
        }
    }

    /// <summary>Goes through a log whose lines have seals. Without the key they are taken as they are.</summary>
    private long AddSealed(string name, StateHead? head, Action<long, byte[]> add)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return 0;
        }

        using var log = FileAppendLog.OpenForReading(path);
        var number = 0L;
        foreach (var (payload, isProved) in Lines(log, name, head))
        {
            number++;
            if (!isProved)
            {
                throw new KmsException(
                    Failure.WalletFile, $"line {number} of {name} was changed, or written under another wallet file",
                    "a record made from a changed log proves nothing; see: kms journal repair");
            }

            add(number, payload);
        }

        RequireAll(name, head, number);
        return number;
    }

    private static void RequireAll(string name, StateHead? head, long lines)
    {
        if (head?.Of(name) is { } known && known.Number > lines && known.Next?.Number != lines)
        {
            throw new KmsException(
                Failure.WalletFile, $"{name} holds {lines} lines, and {known.Number} were written", "restore the state folder from a backup");
        }
    }

    private static IEnumerable<(byte[] Payload, bool IsProved)> Lines(FileAppendLog log, string name, StateHead? head) =>
        head is { WasThere: true } ? SealedLog.Walk(log, name, head, wasSealed: true)
            : log.ReadLines().Select(line => (SealedLog.Payload(line.Line.Span, out _), true));

    private static void AddPolicyUse(LedgerRows rows, long number, byte[] line)
    {
        var json = new StrictObject(StrictJson.Parse(line, "the policy line"), "the policy line");
        var id = json.String("key").Split(' ')[0]; // the pending id, a blank and the request's digest
        var (time, rule, chain, paid) = (json.String("time"), json.String("rule"), json.String("chain"), json.Object("paid"));
        foreach (var asset in paid.Names)
        {
            rows.AddPolicyUse(new(number, time, id, rule, chain, asset, paid.String(asset)));
        }
    }

    /// <summary>
    /// What the audit log says of the state: whether it got a head, and that head's writes by its last line.
    /// </summary>
    private readonly record struct AuditEnd(bool WasSealed, long HeadWrites);
}
