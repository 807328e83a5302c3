using System.Buffers.Binary;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>A signed transaction read back from its bytes, by a reader that shares nothing with the product's writer.</summary>
internal sealed record ParsedTransaction(
    int Version, IReadOnlyList<ParsedInput> Inputs, IReadOnlyList<(long Satoshis, byte[] Script)> Outputs, uint LockTime, string Id)
{
    public static ParsedTransaction Read(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var at = 0;
        var version = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
        var segwit = bytes[at] == 0 && bytes[at + 1] == 1;
        at += segwit ? 2 : 0;
        var body = at;
        List<ParsedInput> inputs = [.. Enumerable.Range(0, Count()).Select(_ => Input()).ToList()];
        List<(long, byte[])> outputs = [.. Enumerable.Range(0, Count()).Select(_ => (BinaryPrimitives.ReadInt64LittleEndian(Take(8)), Take(Count()))).ToList()];
        byte[] legacy = [.. bytes[..4], .. bytes[body..at], .. bytes[^4..]];
        for (var input = 0; segwit && input < inputs.Count; input++)
        {
            inputs[input] = inputs[input] with { Witness = [.. Enumerable.Range(0, Count()).Select(_ => Take(Count())).ToList()] };
        }

        var lockTime = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        Assert.Equal(bytes.Length, at);
        var id = Digests.Sha256d(legacy);
        Array.Reverse(id);
        return new(version, inputs, outputs, lockTime, Convert.ToHexStringLower(id));

        ParsedInput Input()
        {
            var id = Take(32);
            Array.Reverse(id);
            return new(Convert.ToHexStringLower(id), BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), Take(Count()), BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), []);
        }

        byte[] Take(int length)
        {
            at += length;
            return bytes[(at - length)..at];
        }

        int Count() => Take(1)[0] switch
        {
            0xfd => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
            0xfe => BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
            var small => small,
        };
    }
}

internal sealed record ParsedInput(string TransactionId, uint Index, byte[] Script, uint Sequence, IReadOnlyList<byte[]> Witness)
{
    /// <summary>What the scriptSig pushes, and the witness.</summary>
    public IReadOnlyList<byte[]> Pushes
    {
        get
        {
            var pushes = new List<byte[]>();
            for (var at = 0; at < Script.Length;)
            {
                var (start, length) = Script[at] switch
                {
                    0x4c => (at + 2, Script[at + 1]),
                    0x4d => (at + 3, BinaryPrimitives.ReadUInt16LittleEndian(Script.AsSpan(at + 1))),
                    <= 75 and var direct => (at + 1, direct),
                    var other => throw new InvalidOperationException($"operation {other} in a scriptSig"),
                };
                pushes.Add(Script[start..(start + length)]);
                at = start + length;
            }

            return [.. pushes, .. Witness];
        }
    }

    /// <summary>Signatures with their hash type: DER, or the 65 bytes of Bitcoin Cash's Schnorr.</summary>
    public IEnumerable<byte[]> Signatures =>
        Pushes.Where(push => (push is [0x30, .., 0x01] && push.Length is > 60 and < 74) || (push.Length == 65 && push is [.., 0x41]));
}
