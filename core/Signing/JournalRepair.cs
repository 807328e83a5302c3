using System.Text;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Signing;

/// <summary>A line of the journal that its reader refuses.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Problem">Why.</param>
/// <param name="Start">How it begins, fit to be shown.</param>
public sealed record DamagedLine(long Number, string Problem, string Start);

/// <summary>Sets lines aside that keep the journal from opening: under the eyes of an operator, who was shown each.</summary>
public static class JournalRepair
{
    private const string Name = "journal.jsonl";
    private const string AsideName = "journal.set-aside.jsonl";
    private const int LongestStart = 120;

    /// <summary>The lines that cannot be read.</summary>
    /// <exception cref="KmsException">The file cannot be opened.</exception>
    public static IReadOnlyList<DamagedLine> Look(IStateFolder state)
    {
        using var log = state.Open(Name);
        var damage = new List<DamagedLine>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var number = 0L;
        foreach (var (_, line) in log.ReadLines())
        {
            number++;
            if (Problem(line, known) is { } problem)
            {
                var text = Encoding.UTF8.GetString(line.Span[..Math.Min(line.Length, LongestStart)]);
                damage.Add(new(number, problem, NodeWords.Shown(text, "")));
            }
        }

        return damage;
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

        using var head = StateHead.Open(state.OpenRecord(StateHead.RecordName, StateHead.Size), store.PurposeKey(StateHead.KeyPurpose));
        using (var audit = state.Open("audit.jsonl"))
        {
            head.Take(audit.ReadLines().LongCount());
        }

        new SealedLog(shrinking, Name, head).Rewrite([.. kept.Select(line => (ReadOnlyMemory<byte>)SealedLog.Payload(line.Span, out _))]);
        return kept.Count;
    }

    private static string? Problem(ReadOnlyMemory<byte> line, HashSet<string> known)
    {
        try
        {
            var record = JournalRecord.Read(line);
            if (record.Event == JournalRecord.Signed)
            {
                known.Add(record.Id);
            }

            return record.Event == JournalRecord.Renumbered || known.Contains(record.Id) ? null : $"'{record.Id}' was never signed";
        }
        catch (KmsException error)
        {
            return error.Message;
        }
    }
}
