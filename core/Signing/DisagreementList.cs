using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// Requests that the second reader read otherwise than they were shown: set aside for good, so that they are not signed again. Kept in a note of the state
/// folder. Whoever takes the note away gains a signature that is compared again and does not leave; whoever writes it keeps requests from being
/// signed, as he could with <c>frozen.json</c>.
/// </summary>
public sealed class DisagreementList
{
    /// <summary>The note's name in a state folder.</summary>
    public const string NoteName = "second-reader.json";

    private const int Most = 100; // which stays below the largest note
    private const int LongestReason = 400;
    private readonly Dictionary<string, string> reasons = new(StringComparer.Ordinal);
    private readonly IStateNote? note;
    private readonly Lock gate = new();

    /// <summary>A list.</summary>
    /// <param name="note">Where it is kept, or null for memory alone.</param>
    public DisagreementList(IStateNote? note)
    {
        this.note = note;
        Load();
    }

    /// <summary>What was found about a request, or null.</summary>
    /// <param name="content">The request's digest (<see cref="Journal.ContentOf"/>).</param>
    internal string? Find(string content)
    {
        lock (gate)
        {
            return reasons.GetValueOrDefault(content);
        }
    }

    /// <summary>Sets a request aside.</summary>
    internal void Add(string content, string reason)
    {
        lock (gate)
        {
            if (reasons.Count < Most) // what has no place is signed, compared and stopped in every cycle
            {
                reasons[content] = reason.Length <= LongestReason ? reason : reason[..LongestReason];
                Save();
            }
        }
    }

    private void Load()
    {
        try
        {
            if (note?.Read() is not { } bytes)
            {
                return;
            }

            var list = new StrictObject(StrictJson.Parse(bytes, NoteName), NoteName);
            foreach (var content in list.Names.Take(Most))
            {
                reasons[content] = Printable.Line(list.String(content));
            }
        }
        catch (KmsException)
        {
            reasons.Clear(); // each is compared again
        }
    }

    private void Save()
    {
        try
        {
            note?.Write(CompactJson.Utf8(Write));
        }
        catch (KmsException)
        {
            // memory has it
        }
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (content, reason) in reasons)
        {
            json.WriteString(content, reason);
        }

        json.WriteEndObject();
    }
}
