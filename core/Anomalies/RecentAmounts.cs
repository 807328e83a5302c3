using KmsCloud.Codecs;

namespace KmsCloud.Anomalies;

/// <summary>The last amounts of one wallet and asset, and what is in their middle.</summary>
internal sealed class RecentAmounts
{
    private const int Most = 200;
    private static readonly Comparer<ExactSum> Rising = Comparer<ExactSum>.Create(Compare);
    private readonly Queue<(DateTimeOffset Time, ExactSum Amount)> order = new();
    private readonly List<ExactSum> sorted = [];

    /// <summary>How many there are.</summary>
    internal int Count => sorted.Count;

    /// <summary>The upper median. There must be one.</summary>
    internal ExactSum Middle => sorted[sorted.Count / 2];

    /// <summary>Adds one; the oldest of too many goes.</summary>
    internal void Add(DateTimeOffset time, ExactSum amount)
    {
        order.Enqueue((time, amount));
        sorted.Insert(Place(amount), amount);
        if (sorted.Count > Most)
        {
            Drop();
        }
    }

    /// <summary>Drops what is older.</summary>
    internal void KeepAfter(DateTimeOffset oldest)
    {
        while (order.TryPeek(out var first) && first.Time <= oldest)
        {
            Drop();
        }
    }

    private void Drop() => sorted.RemoveAt(Place(order.Dequeue().Amount));

    /// <summary>Where a number is, or goes.</summary>
    private int Place(ExactSum amount)
    {
        var found = sorted.BinarySearch(amount, Rising);
        return found < 0 ? ~found : found;
    }

    private static int Compare(ExactSum left, ExactSum right)
    {
        if (left.Exceeds(right, 1))
        {
            return 1;
        }

        return right.Exceeds(left, 1) ? -1 : 0;
    }
}
