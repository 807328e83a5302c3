using System.Collections.Concurrent;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// Outputs of transactions whose hash was checked, so that nobody need be asked for them again: a payment of many
/// inputs that ran out of time goes on where it was. The hash is over all of it, so that it does not matter who gave
/// it, or for which coin.
/// </summary>
internal static class ProvedOutputs
{
    private const int Most = 50_000;
    private const int LongestScript = 100; // what wallets have; others are asked for again
    private static readonly ConcurrentDictionary<Outpoint, TransactionOutput> Known = new();
    private static readonly ConcurrentQueue<Outpoint> Order = new();

    /// <summary>Remembers an output.</summary>
    internal static void Add(Outpoint place, TransactionOutput output)
    {
        if (output.Script.Length > LongestScript || !Known.TryAdd(place, output))
        {
            return;
        }

        Order.Enqueue(place);
        while (Order.Count > Most && Order.TryDequeue(out var oldest))
        {
            Known.TryRemove(oldest, out _);
        }
    }

    /// <summary>A transaction with the outputs that are spent of it; null unless all of them are remembered.</summary>
    internal static PreviousTransaction? Find(string id, IEnumerable<Outpoint> spent)
    {
        var outputs = new Dictionary<uint, TransactionOutput>();
        foreach (var place in spent)
        {
            if (!Known.TryGetValue(place, out var output))
            {
                return null;
            }

            outputs[place.Index] = output;
        }

        return PreviousTransaction.Of(id, outputs);
    }
}
