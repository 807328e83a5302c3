using System.Text;
using System.Text.Json;
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
/// <param name="Unknown">Pending ids that the audit log says were signed, and the journal does not know afterwards.</param>
public sealed record JournalDamage(IReadOnlyList<DamagedLine> Lines, long? Unproved, IReadOnlyList<string> Unknown);

/// <summary>
/// Sets lines aside that keep the journal from opening: under the eyes of an operator, who was shown each. What frees a pending id is kept only where
/// its seal proves that it was written here; what says that something was signed is kept in any case.
/// </summary>
public static class JournalRepair
{
    private const string Name = "journal.jsonl";
    private const string AuditName = "audit.jsonl";
    private const string AsideName = "journal.set-aside.jsonl";
    private const int LongestStart = 120;

    /// <summary>What is damaged.</summary>
    /// <exception cref="KmsException">A file cannot be opened, or the journal lacks lines: that is a case for a backup.</exception>
    public static JournalDamage Look(IStateFolder state, WalletStore store)
    {
        using var head = OpenHead(state, store);
        var (signed, wasSealed) = ReadAudit(state, store);
        using var log = state.Open(Name);
        var lines = SealedLog.Walk(log, Name, head, wasSealed).ToList();
        RequireAll(head, lines.Count, wasSealed);
        var (damage, known) = (new List<DamagedLine>(), new HashSet<string>(StringComparer.Ordinal));
        for (var at = 0; at < lines.Count; at++)
        {
            if (Problem(lines[at].Payload, lines[at].IsProved, known) is { } problem)
            {
                var text = Encoding.UTF8.GetString(lines[at].Payload.AsSpan(0, Math.Min(lines[at].Payload.Length, LongestStart)));
                damage.Add(new(at + 1, problem, NodeWords.Shown(text, "")));
            }
        }

        signed.ExceptWith(known);
        var unproved = lines.FindIndex(line => !line.IsProved);
        return new(damage, unproved < 0 ? null : unproved + 1, [.. signed.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Moves the lines into a log of their own and writes the journal anew, sealed.</summary>
    /// <returns>How many lines were kept.</returns>
    /// <exception cref="KmsException">It could not be done; the old journal stands.</exception>
    public static int SetAside(IStateFolder state, WalletStore store, IReadOnlyList<DamagedLine> damage)
    {
        var numbers = damage.Select(line => line.Number).ToHashSet();
        using var log = state.Open(Name);
        var lines = log.ReadLines().Select(line => line.Line).ToList();
        var (aside, kept) = (new List<ReadOnlyMemory<byte>>(), new List<ReadOnlyMemory<byte>>());
        for (var at = 0; at < lines.Count; at++)
        {
            (numbers.Contains(at + 1) ? aside : kept).Add(lines[at]);
        }

        using (var other = state.Open(AsideName))
        {
            other.AppendAsync(aside).GetAwaiter().GetResult();
        }

        if (log is not IShrinkingLog shrinking)
        {
            throw KmsException.Refused("only a journal in a local state folder is repaired; take an operator's copy");
        }

        using var head = OpenHead(state, store);
        using (var audit = state.Open(AuditName))
        {
            head.Take(audit.ReadLines().LongCount());
        }

        new SealedLog(shrinking, Name, head).Rewrite([.. kept.Select(line => (ReadOnlyMemory<byte>)SealedLog.Payload(line.Span, out _))]);
        return kept.Count;
    }

    private static StateHead OpenHead(IStateFolder state, WalletStore store) =>
        StateHead.Open(state.OpenRecord(StateHead.RecordName, StateHead.Size), store.PurposeKey(StateHead.KeyPurpose));

    /// <summary>What the audit log, which has seals of its own, says was signed; and whether the state had a head.</summary>
    private static (HashSet<string> Signed, bool WasSealed) ReadAudit(IStateFolder state, WalletStore store)
    {
        using var log = state.Open(AuditName);
        using var auditHead = new AuditHead(state.OpenRecord(AuditHead.RecordName));
        using var audit = AuditLog.Open(log, TimeProvider.System, store.PurposeKey(AuditLog.KeyPurpose), auditHead);
        var signed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, line) in log.ReadLines())
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("decision", out var decision) && decision.ValueEquals("signing")
                && json.RootElement.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String)
            {
                signed.Add(id.GetString()!);
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

    private static string? Problem(ReadOnlyMemory<byte> line, bool isProved, HashSet<string> known)
    {
        try
        {
            var record = JournalRecord.Read(line);
            if (record.Event == JournalRecord.Signed)
            {
                known.Add(record.Id);
                return null;
            }

            if (!isProved && !Holds(record))
            {
                return $"it says '{record.Event}' of '{record.Id}', and its seal does not fit: nobody can prove that it was written here";
            }

            return record.Event == JournalRecord.Renumbered || known.Contains(record.Id) ? null : $"'{record.Id}' was never signed";
        }
        catch (KmsException error)
        {
            return error.Message;
        }
    }

    /// <summary>Whether a line only keeps what was signed from being signed once more.</summary>
    private static bool Holds(JournalRecord record) => record.Event is JournalRecord.Heard or "accepted";
}
