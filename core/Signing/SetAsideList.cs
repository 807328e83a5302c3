using System.Globalization;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// Requests that could not be read in time, and until when each is left alone: a pause that doubles from a minute to a
/// day. Kept in a note of the state folder, so that a restart does not begin with the very request that kept it busy.
/// Whoever writes the note delays or hurries a reading, nothing else.
/// </summary>
public sealed class SetAsideList
{
    /// <summary>The note's name in a state folder.</summary>
    public const string NoteName = "set-aside.json";

    private const int Most = 500; // which stays below the largest note
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private readonly Dictionary<string, (DateTimeOffset Until, TimeSpan Pause)> entries = new(StringComparer.Ordinal);
    private readonly KeptNote kept;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();

    /// <summary>A list.</summary>
    /// <param name="note">Where it is kept, or null for memory alone.</param>
    /// <param name="clock">The time.</param>
    public SetAsideList(IStateNote? note, TimeProvider clock)
    {
        this.clock = clock;
        kept = new(note, NoteName);
        if (!kept.TryRead(Take))
        {
            entries.Clear(); // at worst a request is read in vain once more
        }
    }

    /// <summary>How much longer a request is left alone; null when it is read now.</summary>
    internal TimeSpan? Left(string id)
    {
        lock (gate)
        {
            return entries.TryGetValue(id, out var entry) && entry.Until - clock.GetUtcNow() is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>It could not be read in time.</summary>
    internal void Add(string id)
    {
        lock (gate)
        {
            var pause = entries.TryGetValue(id, out var before) ? before.Pause * 2 : First;
            pause = pause < Longest ? pause : Longest;
            entries[id] = (clock.GetUtcNow() + pause, pause);
            DropOld();
            kept.Write(Write);
        }
    }

    private void DropOld()
    {
        foreach (var (id, _) in entries.OrderByDescending(entry => entry.Value.Until).Skip(Most).ToList())
        {
            entries.Remove(id);
        }
    }

    private void Take(StrictObject list)
    {
        foreach (var id in list.Names)
        {
            var entry = list.Object(id);
            var pause = TimeSpan.FromSeconds(entry.Integer("pause", 1, (long)Longest.TotalSeconds));
            if (!DateTimeOffset.TryParse(entry.String("until"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var until))
            {
                throw entry.Bad("until", "is not a time");
            }

            var latest = clock.GetUtcNow() + Longest;
            entries[id] = (until < latest ? until : latest, pause);
        }

        DropOld();
    }

    private void Write(Utf8JsonWriter json)
    {
        foreach (var (id, (until, pause)) in entries)
        {
            json.WriteStartObject(id);
            json.WriteString("until", until);
            json.WriteNumber("pause", (long)pause.TotalSeconds);
            json.WriteEndObject();
        }
    }
}
