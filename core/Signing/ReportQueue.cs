using System.Collections.Concurrent;

namespace KmsCloud.Signing;

/// <summary>
/// Failures of one chain on their way to the gateway, a bounded number of them: a flood neither fills memory nor delays
/// what follows.
/// </summary>
internal sealed class ReportQueue
{
    /// <summary>Most failures that wait, and so most that one cycle sends.</summary>
    internal const int Most = 1000;

    private readonly ConcurrentDictionary<string, string> waiting = new(StringComparer.Ordinal);
    private int dropped;

    /// <summary>Ids that wait.</summary>
    internal IEnumerable<string> Ids => waiting.Keys;

    /// <summary>Adds a failure; beyond the bound it is only counted.</summary>
    internal void Add(string id, string reason)
    {
        if (waiting.Count < Most || waiting.ContainsKey(id))
        {
            waiting[id] = reason;
            return;
        }

        Interlocked.Increment(ref dropped);
    }

    /// <summary>It was told, or is overtaken by what came of the id since.</summary>
    internal void Forget(string id) => waiting.TryRemove(id, out _);

    /// <summary>What waits.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> All() => [.. waiting];

    /// <summary>How many were only counted since this was asked last.</summary>
    internal int TakeDropped() => Interlocked.Exchange(ref dropped, 0);
}
