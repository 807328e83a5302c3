using KmsCloud.Audit;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Signing;

/// <summary>
/// The books of a state folder, opened in the one right order and held against each other: head, audit log, journal,
/// and the policy's log
/// when it is asked for. Nothing older, foreign or cut short opens.
/// </summary>
public sealed class StateBooks : IDisposable
{
    private const string JournalName = "journal.jsonl";
    private const string AuditName = "audit.jsonl";
    private const string PolicyName = "policy.jsonl";
    private readonly Stack<IDisposable> held = new();
    private readonly IStateFolder state;

    private StateBooks(IStateFolder state) => this.state = state;

    /// <summary>The journal.</summary>
    public Journal Journal { get; private set; } = null!;

    /// <summary>The audit log.</summary>
    public AuditLog Audit { get; private set; } = null!;

    /// <summary>
    /// The head, or null where an operator goes on with a tatum-kms file on a state that another file sealed.
    /// </summary>
    public StateHead? Head { get; private set; }

    /// <summary>What an operator should know at each start, or null.</summary>
    public string? Warning { get; private set; }

    /// <summary>Opens the books. The state folder stays its owner's.</summary>
    /// <exception cref="KmsException">One of them is behind, foreign or damaged.</exception>
    public static StateBooks Open(
        IStateFolder state,
        WalletStore store,
        TimeProvider clock,
        bool acceptsLegacy = false,
        string? expectedHead = null)
    {
        var books = new StateBooks(state);
        try
        {
            books.Fill(store, clock, acceptsLegacy, expectedHead);
            return books;
        }
        catch
        {
            books.Dispose();
            throw;
        }
    }

    /// <summary>The policy's log. This object owns it.</summary>
    public IAppendLog OpenPolicyLog() => Sealed(PolicyName);

    /// <inheritdoc/>
    public void Dispose()
    {
        while (held.TryPop(out var next))
        {
            next.Dispose();
        }
    }

    /// <summary>What is behind in a state that was restored, in words; empty when nothing is.</summary>
    /// <param name="state">The state folder.</param>
    /// <param name="store">The wallet file.</param>
    /// <param name="accept">Called with what is behind; true takes the state as it is.</param>
    /// <returns>Whether it was taken.</returns>
    /// <exception cref="KmsException">A line was changed: that is no restore.</exception>
    public static bool AcceptRestore(IStateFolder state, WalletStore store, Func<IReadOnlyList<string>, bool> accept)
    {
        using var head = StateHead.Open(
            state.OpenRecord(StateHead.RecordName, StateHead.Size), store.PurposeKey(StateHead.KeyPurpose), state.ExpectedId);
        var behind = new List<string>();
        var ends = new Dictionary<string, LogHead>(StringComparer.Ordinal);
        (long Journal, long Head) marks;
        bool wasSealed;
        using (var auditLog = state.Open(AuditName))
        {
            using var auditHead = new AuditHead(state.OpenRecord(AuditHead.RecordName));
            using var audit = AuditLog.Open(
                auditLog,
                TimeProvider.System,
                store.PurposeKey(AuditLog.KeyPurpose),
                auditHead,
                head.LastOf(AuditName));
            (marks, wasSealed) = (audit.LastMarks, audit.WasSealed);
            ends[AuditName] = new(audit.Number, Hex.Lower(audit.Last.Span), 0);
            Compare(AuditName, audit.Number);
        }

        foreach (var name in new[] { JournalName, PolicyName })
        {
            using var log = state.Open(name);
            ends[name] = Measure(log, name, head, wasSealed);
            Compare(name, ends[name].Number);
        }

        if (marks.Journal > ends[JournalName].Number)
        {
            behind.Add(
                $"{JournalName} holds {ends[JournalName].Number} lines, and the audit log knows {marks.Journal}");
        }

        if (marks.Head > head.Counter)
        {
            behind.Add($"state.head is write {head.Counter}, and the audit log knows {marks.Head}");
        }

        if (store.Generation < head.Generation)
        {
            behind.Add($"the wallet file is generation {store.Generation}, {head.Generation} was seen");
        }

        if (!head.WasThere)
        {
            behind.Add("there is no state.head");
        }

        if (behind.Count == 0 || !accept(behind))
        {
            return false;
        }

        head.Accept(ends, store.Generation, marks.Head, ends[AuditName].Number);
        return true;

        void Compare(string name, long lines)
        {
            if (head.Of(name) is { } known && known.Number > lines)
            {
                behind.Add(
                    $"{name} holds {lines} lines, {known.Number} were written: {known.Number - lines} are missing");
            }
        }
    }

    private static LogHead Measure(IAppendLog log, string name, StateHead head, bool wasSealed)
    {
        try
        {
            return SealedLog.Measure(log, name, head, wasSealed);
        }
        catch (KmsException error)
        {
            throw new KmsException(
                error.Failure,
                error.Message,
                "that is no restore: put a copy of the state folder back whose lines are as they were written");
        }
    }

    private void Fill(WalletStore store, TimeProvider clock, bool acceptsLegacy, string? expectedHead)
    {
        Head = OpenHead(store, acceptsLegacy);
        if (Head is not null)
        {
            if (expectedHead is not null && !expectedHead.Equals(Head.Hash, StringComparison.OrdinalIgnoreCase))
            {
                throw new KmsException(
                    Failure.WalletFile,
                    $"the state's head is {Head.Hash}, and {expectedHead} was expected: it is not the state that was "
                    + "left",
                    "find out who put it there");
            }

            Head.Saw(store.Generation);
        }

        Warning = WarningOf(store);
        var auditHead = Hold(new AuditHead(state.OpenRecord(AuditHead.RecordName)));
        using var auditKey = Head is null ? null : store.PurposeKey(AuditLog.KeyPurpose);
        var auditNumber = auditHead.Read(auditKey)?.Number ?? 0;
        Audit = Hold(
            AuditLog.Open(
                Hold(state.Open(AuditName)),
                clock,
                Head is null ? null : store.PurposeKey(AuditLog.KeyPurpose),
                auditHead,
                Head?.LastOf(AuditName)));
        if (Head is { WasThere: false } && Audit.WasSealed)
        {
            throw new KmsException(
                Failure.WalletFile,
                "state.head is missing, and the audit log says that this state has one",
                "put it back; if this is a restore you made, see: kms state accept-restore");
        }

        var lines = Sealed(JournalName);
        Journal = Journal.Open(lines, Head is null ? null : (SealedLog)Sealed(JournalCheckpoints.Name), clock);
        Hold(new OldLines(Journal));
        if (Head is not null && lines is SealedLog journal)
        {
            if (Audit.Number > Head.TakenAt)
            {
                CheckMarks(Audit.LastMarks, journal.Number, Head.Counter);
            }

            Audit.Permits = Head.RequireNewest;
            Audit.Marks = () => (journal.Number, Head.FlushedCounter);
        }

        if (Head is not null && !Audit.WasSealed)
        {
            Audit.AppendAsync(json =>
            {
                json.WriteString("decision", AuditLog.SealedDecision);
                json.WriteNumber("journalEntries", Journal.Count);
            }).GetAwaiter().GetResult(); // from here on a state without a head does not open
        }

        if (Head is { } head)
        {
            head.Require(AuditName, Audit.Number);
            head.Require(AuditName, auditNumber, AuditHead.RecordName);
            Audit.Written = () => head.Count(AuditName, Audit.Number, Audit.Last);
            head.Count(AuditName, Audit.Number, Audit.Last);
            head.Name();
        }
    }

    /// <summary>
    /// The audit log's last line names what was durable then: journal and head together put back are behind it.
    /// </summary>
    private static void CheckMarks((long Journal, long Head) marks, long journal, long head)
    {
        if (marks.Journal > journal || marks.Head > head)
        {
            var what = marks.Journal > journal
                ? $"journal.jsonl holds {journal} lines, and the audit log knows {marks.Journal}"
                : $"state.head is write {head}, and the audit log knows {marks.Head}";
            throw new KmsException(
                Failure.WalletFile,
                what + ": an older one was put back",
                "if this is a restore you made, see: kms state accept-restore");
        }
    }

    /// <summary>
    /// The head under the wallet file's key; null where a tatum-kms file did not seal it and an operator goes on all
    /// the same.
    /// </summary>
    private StateHead? OpenHead(WalletStore store, bool acceptsLegacy)
    {
        var places = Hold(state.OpenRecord(StateHead.RecordName, StateHead.Size));
        var key = store.PurposeKey(StateHead.KeyPurpose);
        if (!store.IsLegacy)
        {
            return Hold(StateHead.Open(places, key, state.ExpectedId));
        }

        try
        {
            return Hold(StateHead.Open(places, key, state.ExpectedId));
        }
        catch (KmsException error) when (error.Failure is Failure.WalletFile && state.ExpectedId is not null)
        {
            throw; // which state it is, an operator wrote down: none that cannot prove it is gone on with
        }
        catch (KmsException error) when (acceptsLegacy && error.Failure is Failure.WalletFile)
        {
            return null;
        }
        catch (KmsException error) when (error.Failure is Failure.WalletFile)
        {
            throw new KmsException(
                Failure.WalletFile,
                "this state was sealed under another wallet file or password, and the wallet file is one of "
                + "tatum-kms: it may have been put in its place",
                "put the right file back, or go on unsealed with KMS_ACCEPT_LEGACY_WALLET=true");
        }
    }

    private string? WarningOf(WalletStore store)
    {
        if (!store.IsLegacy)
        {
            return null;
        }

        return Head is null
            ? "KMS_ACCEPT_LEGACY_WALLET: the wallet file did not seal this state, so an older journal put into the "
                + "state folder is not noticed"
            : "the state is sealed under the password of a tatum-kms wallet file, which itself can be changed unseen; "
                + "move to the new format with: kms migrate";
    }

    private IAppendLog Sealed(string name)
    {
        var log = Hold(state.Open(name));
        return Head is null ? log : new SealedLog(log, name, Head, flushesHead: name == PolicyName);
    }

    /// <summary>
    /// Looks through the journal's older lines beside the work; that, and what is being written, ends before the
    /// journal is closed.
    /// </summary>
    private sealed class OldLines : IDisposable
    {
        private readonly Journal journal;
        private readonly CancellationTokenSource stop = new();
        private readonly Thread thread;

        internal OldLines(Journal journal)
        {
            this.journal = journal;
            thread = new(() => journal.VerifyOld(stop.Token))
            {
                IsBackground = true,
                Name = "journal check",
                Priority = ThreadPriority.BelowNormal,
            };
            thread.Start();
        }

        public void Dispose()
        {
            stop.Cancel();
            thread.Join();
            stop.Dispose();
            journal.DrainAsync().GetAwaiter().GetResult();
        }
    }

    private T Hold<T>(T item)
        where T : IDisposable
    {
        held.Push(item);
        return item;
    }
}
