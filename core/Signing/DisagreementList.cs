using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// Requests that the second reader read otherwise than they were shown: set aside for good, so that they are not signed
/// again. Kept in a note of the state folder. Whoever takes the note away gains a signature that is compared again and
/// does not leave; whoever writes it keeps requests from being signed, as he could with <c>frozen.json</c>.
/// </summary>
public sealed class DisagreementList
{
    /// <summary>The note's name in a state folder.</summary>
    public const string NoteName = "second-reader.json";

    private const int Most = 100; // which stays below the largest note
    private const int LongestReason = 400;
    private readonly Dictionary<string, string> reasons = new(StringComparer.Ordinal);
    private readonly KeptNote kept;
    private readonly Lock gate = new();

    /// <summary>A list.</summary>
    /// <param name="note">Where it is kept, or null for memory alone.</param>
    public DisagreementList(IStateNote? note)
    {
        kept = new(note, NoteName);
        if (!kept.TryRead(Take))
        {
            reasons.Clear(); // each is compared again
        }
    }

    /// <summary>What was found about a request, or null.</summary>
    /// <param name="request">
    /// The request's digest, its id included: the same payment under another id is compared afresh.
    /// </param>
    internal string? Find(string request)
    {
        lock (gate)
        {
            return reasons.GetValueOrDefault(request);
        }
    }

    /// <summary>Sets a request aside.</summary>
    internal void Add(string request, string reason)
    {
        lock (gate)
        {
            if (reasons.Count < Most) // what has no place is signed, compared and stopped in every cycle
            {
                reasons[request] = reason.Length <= LongestReason ? reason : reason[..LongestReason];
                kept.Write(Write);
            }
        }
    }

    private void Take(StrictObject list)
    {
        foreach (var request in list.Names.Take(Most))
        {
            reasons[request] = Printable.Line(list.String(request));
        }
    }

    private void Write(Utf8JsonWriter json)
    {
        foreach (var (request, reason) in reasons)
        {
            json.WriteString(request, reason);
        }
    }
}
