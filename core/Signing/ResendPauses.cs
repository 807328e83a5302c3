using System.Collections.Concurrent;

namespace KmsCloud.Signing;

/// <summary>
/// When a transaction that may be out is sent again: after pauses that double, from a cycle to ten minutes. In memory:
/// after a restart they begin small, since sending the same bytes once more does no harm.
/// </summary>
public sealed class ResendPauses
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Next, TimeSpan Pause)> pauses = new(
        StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> overtaken = new(StringComparer.Ordinal);

    /// <summary>Whether it may be sent again.</summary>
    internal bool IsOver(string id, DateTimeOffset now) => !pauses.TryGetValue(id, out var pause) || now >= pause.Next;

    /// <summary>It was sent.</summary>
    internal void Sent(string id, DateTimeOffset now) => pauses.AddOrUpdate(
        id,
        _ => (now, First),
        (_, before) => before.Pause * 2 is var doubled && doubled < Longest ? (now + before.Pause, doubled) : (now + Longest, Longest));

    /// <summary>It came to an end.</summary>
    internal void Ended(string id)
    {
        pauses.TryRemove(id, out _);
        overtaken.TryRemove(id, out _);
    }

    /// <summary>Since when its account's count has been seen past its number.</summary>
    internal TimeSpan OvertakenSince(string id, DateTimeOffset now) => now - overtaken.GetOrAdd(id, now);

    /// <summary>The count was not past it.</summary>
    internal void ForgetOvertaken(string id) => overtaken.TryRemove(id, out _);
}
