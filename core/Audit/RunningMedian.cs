using KmsCloud.Codecs;

namespace KmsCloud.Audit;

/// <summary>The upper median of amounts as they come: a step takes time by the logarithm of their number.</summary>
internal sealed class RunningMedian
{
    private static readonly Comparer<ExactSum> Rising = Comparer<ExactSum>.Create((left, right) => left.Exceeds(right, 1) ? 1 : right.Exceeds(left, 1) ? -1 : 0);
    private static readonly Comparer<ExactSum> Falling = Comparer<ExactSum>.Create((left, right) => Rising.Compare(right, left));
    private readonly PriorityQueue<ExactSum, ExactSum> lower = new(Falling);
    private readonly PriorityQueue<ExactSum, ExactSum> upper = new(Rising); // as many as in the lower half, or one more

    /// <summary>How many amounts there were.</summary>
    internal int Count => lower.Count + upper.Count;

    /// <summary>The one in the middle; of two, the larger.</summary>
    internal ExactSum Middle => upper.Peek();

    /// <summary>Takes an amount in.</summary>
    internal void Add(ExactSum amount)
    {
        var (into, other) = upper.Count > lower.Count ? (lower, upper) : (upper, lower);
        var moved = other.Count == 0 ? amount : other.EnqueueDequeue(amount, amount);
        into.Enqueue(moved, moved);
    }
}
