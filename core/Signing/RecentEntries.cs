namespace KmsCloud.Signing;

/// <summary>
/// Entries that ended lately, whole: they are the ones most likely asked for again. The oldest goes first.
/// </summary>
internal sealed class RecentEntries
{
    private const int Most = 4096;
    private readonly Dictionary<string, JournalEntry> entries = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>An entry; null when it ended long ago, or not.</summary>
    internal JournalEntry? Find(string id) => entries.GetValueOrDefault(id);

    /// <summary>Keeps an entry.</summary>
    internal void Keep(JournalEntry entry)
    {
        if (entries.TryAdd(entry.Id, entry))
        {
            order.Enqueue(entry.Id);
        }
        else
        {
            entries[entry.Id] = entry;
        }

        while (order.Count > Most && order.TryDequeue(out var oldest))
        {
            entries.Remove(oldest);
        }
    }

    /// <summary>Lets go of an entry.</summary>
    internal void Forget(string id) => entries.Remove(id);
}
