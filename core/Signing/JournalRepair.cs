using System.Text;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Signing;

/// <summary>A line of the journal that is set aside.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Problem">Why.</param>
/// <param name="Start">How it begins, fit to be shown.</param>
public sealed record DamagedLine(long Number, string Problem, string Start);

/// <summary>What an operator should know of a damaged journal before anything is set aside.</summary>
/// <param name="Lines">What is set aside.</param>
/// <param name="Unproved">Number of the first line whose seal does not fit, or null: from there on nobody can prove what was written.</param>
/// <param name="Unknown">Pending ids that the audit log says were signed, and the journal would not know.</param>
public sealed record JournalDamage(IReadOnlyList<DamagedLine> Lines, long? Unproved, IReadOnlyList<string> Unknown);

/// <summary>
/// Sets lines aside that keep the journal from opening: under the eyes of an operator, who was shown each. Where no seal proves that a line was written
/// here, it may only hold: what says that an unknown id was signed is kept as signed and accepted, so that nothing frees it by itself, and without the
/// dates and numbers that somebody may have chosen; what says anything else of a signed one is set aside.
/// </summary>
public static class JournalRepair
{
    private const string Name = "journal.jsonl";
    private const string AuditName = "audit.jsonl";
    private const string AsideName = "journal.set-aside.jsonl";
    private const string Unproved = ", and its seal does not fit: nobody can prove that it was written here";
    private const int LongestStart = 120;

    /// <summary>What is damaged.</summary>
    /// <exception cref="KmsException">A file cannot be opened, or the journal lacks lines: that is a case for a backup.</exception>
    public static JournalDamage Look(IStateFolder state, WalletStore store)
    {
        using var head = OpenHead(state, store);
        var (signed, wasSealed) = ReadAudit(state, store, head.LastOf(AuditName));
        using var log = state.Open(Name);
        var lines = SealedLog.Walk(log, Name, head, wasSealed).ToList();
        RequireAll(head, lines.Count, wasSealed);
        var plan = Plan(lines, out var known);
        var damage = plan.Where(line => line.Problem is not null).Select(line => new DamagedLine(line.Number, line.Problem!, Beginning(lines[(int)line.Number - 1].Payload))).ToList();
        signed.ExceptWith(known);
        var unproved = lines.FindIndex(line => !line.IsProved);
        return new(damage, unproved < 0 ? null : unproved + 1, [.. signed.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Moves the lines into a log of their own and writes the journal anew, sealed.</summary>
    /// <returns>How many lines were kept.</returns>
    /// <exception cref="KmsException">It could not be done; the old journal stands.</exception>
    public static int SetAside(IStateFolder state, WalletStore store, IReadOnlyList<DamagedLine> damage)
    {
        using var head = OpenHead(state, store);
        var (_, wasSealed) = ReadAudit(state, store, head.LastOf(AuditName));
        using var log = state.Open(Name);
        var lines = SealedLog.Walk(log, Name, head, wasSealed).ToList();
        var plan = Plan(lines, out _);
        if (!plan.Where(line => line.Problem is not null).Select(line => line.Number).SequenceEqual(damage.Select(line => line.Number)))
        {
            throw new KmsException(Failure.WalletFile, "the journal changed since it was shown", "run the command again");
        }

        var aside = log.ReadLines().Select(line => line.Line).Index().Where(line => plan[line.Index].Problem is not null).Select(line => line.Item).ToList();
        var kept = plan.SelectMany(line => line.Kept).ToList();
        using (var other = state.Open(AsideName))
        {
            other.AppendAsync(aside).GetAwaiter().GetResult();
        }

        if (log is not IShrinkingLog shrinking)
        {
            throw KmsException.Refused("only a journal in a local state folder is repaired; take an operator's copy");
        }

        using (var audit = state.Open(AuditName))
        {
            head.Take(audit.ReadLines().LongCount());
        }

        new SealedLog(shrinking, Name, head).Rewrite(kept);
        return kept.Count;
    }

    private static StateHead OpenHead(IStateFolder state, WalletStore store) =>
        StateHead.Open(state.OpenRecord(StateHead.RecordName, StateHead.Size), store.PurposeKey(StateHead.KeyPurpose), state.ExpectedId);

    /// <summary>What the audit log, which has seals of its own, says was signed; and whether the state had a head.</summary>
    private static (HashSet<string> Signed, bool WasSealed) ReadAudit(
        IStateFolder state, WalletStore store, (long Number, string Hash)? known)
    {
        using var log = state.Open(AuditName);
        using var auditHead = new AuditHead(state.OpenRecord(AuditHead.RecordName));
        using var audit = AuditLog.Open(log, TimeProvider.System, store.PurposeKey(AuditLog.KeyPurpose), auditHead, known);
        var signed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, line) in log.ReadLines())
        {
            if (AuditRecord.Read(line) is { Decision: "signing", Id: { Length: > 0 } id })
            {
                signed.Add(id);
            }
        }

        return (signed, audit.WasSealed);
    }

    private static void RequireAll(StateHead head, int lines, bool wasSealed)
    {
        if (!head.WasThere && wasSealed)
        {
            throw new KmsException(Failure.WalletFile, "state.head is missing, and the audit log says that this state has one", "restore the state folder; see: kms state accept-restore");
        }

        if (head.Of(Name) is { } known && known.Number > lines && known.Next?.Number != lines)
        {
            throw new KmsException(
                Failure.WalletFile, $"{Name} holds {lines} lines, and {known.Number} were written: {known.Number - lines} are missing", "restore the state folder from a backup; see: kms state accept-restore");
        }
    }

    private static string Beginning(byte[] payload) => NodeWords.Shown(Encoding.UTF8.GetString(payload.AsSpan(0, Math.Min(payload.Length, LongestStart))), "");

    private static List<RepairedLine> Plan(List<(byte[] Payload, bool IsProved)> lines, out HashSet<string> known)
    {
        var (plan, ids) = (new List<RepairedLine>(lines.Count), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (payload, isProved) in lines)
        {
            plan.Add(Plan(payload, isProved, ids) with { Number = plan.Count + 1 });
        }

        known = ids;
        return plan;
    }

    private static RepairedLine Plan(byte[] payload, bool isProved, HashSet<string> known)
    {
        try
        {
            var record = JournalRecord.Read(payload);
            if (record.Event == JournalRecord.Signed)
            {
                if (!isProved && known.Contains(record.Id))
                {
                    return new($"it says once more that '{record.Id}' was signed{Unproved}", []);
                }

                var kept = isProved ? [payload] : Held(record);
                known.Add(record.Id); // only what is really kept
                return new(null, kept);
            }

            if (record.Event != JournalRecord.Renumbered && !known.Contains(record.Id))
            {
                return new($"'{record.Id}' was never signed", []);
            }

            return isProved || Holds(record) ? new(null, [payload]) : new($"it says '{record.Event}' of '{record.Id}'{Unproved}", []);
        }
        catch (KmsException error)
        {
            return new(error.Message, []);
        }
    }

    /// <summary>A line that only keeps what was signed from being signed once more.</summary>
    private static IReadOnlyList<ReadOnlyMemory<byte>> Held(JournalRecord record)
    {
        var held = record with { IsDated = false, ValidUntil = null, Account = null, Sequence = null, IsSequenceBrought = false, Number = null, Spent = null };
        var end = new JournalRecord(record.Time, "accepted", record.Id) { Reason = "its seal did not fit: kept by kms journal repair, so that it is not signed again" };
        return [held.Write(), end.Write()];
    }

    private static bool Holds(JournalRecord record) => record.Event == "accepted" || record is { Event: JournalRecord.Heard, Doubt: JournalDoubt.None };

    /// <summary>What becomes of a line.</summary>
    /// <param name="Problem">Why it is set aside; null when it is kept.</param>
    /// <param name="Kept">What is written in its place.</param>
    private sealed record RepairedLine(string? Problem, IReadOnlyList<ReadOnlyMemory<byte>> Kept)
    {
        /// <summary>Its number, from 1.</summary>
        internal long Number { get; init; }
    }
}
