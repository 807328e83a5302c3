using System.Collections.Concurrent;

namespace KmsCloud.Signing;

/// <summary>
/// When a transaction that may be out is sent again: after pauses that double, from a cycle to ten minutes. In memory: after a restart
/// they begin small, since sending the same bytes once more does no harm.
/// </summary>
public sealed class ResendPauses
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Next, TimeSpan Pause)> pauses = new(StringComparer.Ordinal);
    private const long FirstAside = 60_000; // milliseconds
    private const long LongestAside = 24 * 3_600_000;
    private readonly ConcurrentDictionary<string, (long End, long Pause)> aside = new(StringComparer.Ordinal);
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

    /// <summary>How long a request that could not be read in time is still set aside, or null.</summary>
    internal TimeSpan? SetAsideFor(string id) =>
        aside.TryGetValue(id, out var until) && until.End - Environment.TickCount64 is > 0 and var left ? TimeSpan.FromMilliseconds(left) : null;

    /// <summary>It could not be read in time.</summary>
    internal void SetAside(string id) => aside.AddOrUpdate(
        id,
        _ => (Environment.TickCount64 + FirstAside, FirstAside),
        (_, before) => Math.Min(before.Pause * 2, LongestAside) is var pause ? (Environment.TickCount64 + pause, pause) : before);

    /// <summary>Since when its account's count has been seen past its number.</summary>
    internal TimeSpan OvertakenSince(string id, DateTimeOffset now) => now - overtaken.GetOrAdd(id, now);

    /// <summary>The count was not past it.</summary>
    internal void ForgetOvertaken(string id) => overtaken.TryRemove(id, out _);
}
