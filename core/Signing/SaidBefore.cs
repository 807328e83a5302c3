using System.Collections.Concurrent;

namespace KmsCloud.Signing;

/// <summary>
/// What the audit log was told last about each pending id, so that a transaction that waits for a day does not fill it
/// with one line a cycle. In memory only: after a restart everything is said once more.
/// </summary>
internal sealed class SaidBefore
{
    private const int Most = 50_000;
    private readonly ConcurrentDictionary<string, string> last = new(StringComparer.Ordinal);

    /// <summary>Under what an outcome is remembered; what has no id is known by its reason.</summary>
    internal static string Key(string? id, string chain, string? reason) => id ?? $"{chain}: {reason}";

    /// <summary>Whether an outcome is the one that was said last.</summary>
    internal bool Is(string id, string outcome) => last.TryGetValue(id, out var said) && said == outcome;

    /// <summary>Remembers what was said, once it is on disk.</summary>
    internal void Set(string id, string outcome)
    {
        if (last.Count >= Most)
        {
            last.Clear(); // forgetting says some things once more
        }

        last[id] = outcome;
    }

    /// <summary>Forgets what is no longer listed.</summary>
    internal void KeepOnly(IReadOnlySet<string> listed)
    {
        foreach (var id in last.Keys.Where(id => !listed.Contains(id)))
        {
            last.TryRemove(id, out _);
        }
    }
}
