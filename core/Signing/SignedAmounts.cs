using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>
/// What inputs were said to hold when they were signed. A BIP-143 signature covers the amount of its own input alone,
/// so that two signings of one transaction with a wrong amount each would make one valid transaction with a hidden fee.
/// </summary>
internal sealed class SignedAmounts
{
    /// <summary>Most outpoints that are remembered; the oldest go first.</summary>
    internal const int Most = 200_000;

    private readonly Dictionary<UInt128, long> units = [];
    private readonly Queue<UInt128> order = new();
    private readonly Lock gate = new();

    /// <summary>Checks and remembers in one step.</summary>
    /// <exception cref="KmsException">
    /// Another amount was signed for one of them, and this one is not proved.
    /// </exception>
    internal void Claim(string chain, IReadOnlyList<SpentOutput> spent)
    {
        lock (gate)
        {
            Check(chain, spent);
            Keep(chain, spent);
        }
    }

    /// <summary>Checks alone: before anybody is asked.</summary>
    /// <exception cref="KmsException">
    /// Another amount was signed for one of them, and this one is not proved.
    /// </exception>
    internal void Require(string chain, IReadOnlyList<SpentOutput> spent)
    {
        lock (gate)
        {
            Check(chain, spent);
        }
    }

    /// <summary>Remembers.</summary>
    internal void Remember(string chain, IReadOnlyList<SpentOutput> spent)
    {
        lock (gate)
        {
            Keep(chain, spent);
        }
    }

    /// <summary>Remembers one output by its fingerprint.</summary>
    internal void Remember(UInt128 key, long amount)
    {
        lock (gate)
        {
            Keep(key, amount);
        }
    }

    /// <summary>Fingerprints of outputs, and what they were said to hold.</summary>
    internal static IEnumerable<(UInt128 Key, long Units)> Keys(string chain, IReadOnlyList<SpentOutput> spent) =>
        spent.Select(output => (Key(chain, output), output.Units));

    private void Check(string chain, IReadOnlyList<SpentOutput> spent)
    {
        foreach (var output in spent.Where(output => !output.IsProved))
        {
            if (units.TryGetValue(Key(chain, output), out var before) && before != output.Units)
            {
                throw new KmsException(
                    Failure.Refused,
                    $"output {output.Outpoint} was signed before as holding {before} base units, and is now said to hold {output.Units}",
                    "one of the two is wrong; the transaction that made the output (prevTx) proves which");
            }
        }
    }

    private void Keep(string chain, IReadOnlyList<SpentOutput> spent)
    {
        foreach (var (key, amount) in Keys(chain, spent))
        {
            Keep(key, amount);
        }
    }

    private void Keep(UInt128 key, long amount)
    {
        if (!units.ContainsKey(key))
        {
            order.Enqueue(key);
        }

        units[key] = amount;
        while (order.Count > Most)
        {
            units.Remove(order.Dequeue());
        }
    }

    private static UInt128 Key(string chain, SpentOutput output) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes($"{chain} {output.Outpoint}")));
}
