using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>An output of an earlier transaction.</summary>
/// <param name="TransactionId">Its transaction, 64 lower-case hex digits in display order.</param>
/// <param name="Index">Its number there.</param>
internal readonly record struct Outpoint(string TransactionId, uint Index)
{
    public override string ToString() => $"{TransactionId}:{Index}";
}

/// <summary>An input without the means to unlock it.</summary>
internal readonly record struct TransactionInput(Outpoint Outpoint, uint Sequence)
{
    public const uint Final = 0xffffffff;
}

/// <summary>An amount and the script that locks it.</summary>
internal sealed record TransactionOutput(long Satoshis, byte[] Script);

/// <summary>What unlocks an input: its scriptSig and its witness, either possibly empty.</summary>
internal sealed record Unlocking(byte[] Script, IReadOnlyList<byte[]> Witness)
{
    public static Unlocking Nothing { get; } = new([], []);
}

/// <summary>A transaction of the family.</summary>
internal sealed record Transaction(int Version, TransactionInput[] Inputs, TransactionOutput[] Outputs, uint LockTime)
{
    /// <summary>Bytes of an input without its scriptSig, but with the scriptSig's length byte.</summary>
    public const int BareInputSize = 41;

    /// <summary>
    /// The wire form; BIP-144's when an input has a witness and <paramref name="witnesses"/> are wanted.
    /// </summary>
    public byte[] Serialize(Unlocking[] unlocking, bool witnesses = true)
    {
        var extended = witnesses && unlocking.Any(input => input.Witness.Count > 0);
        var wire = new WireWriter();
        wire.Int32(Version);
        if (extended)
        {
            wire.Bytes([0, 1]);
        }

        wire.Size(Inputs.Length);
        for (var input = 0; input < Inputs.Length; input++)
        {
            Write(wire, Inputs[input].Outpoint);
            wire.Slice(unlocking[input].Script);
            wire.UInt32(Inputs[input].Sequence);
        }

        wire.Size(Outputs.Length);
        foreach (var output in Outputs)
        {
            Write(wire, output);
        }

        foreach (var unlock in extended ? unlocking : [])
        {
            wire.Size(unlock.Witness.Count);
            foreach (var item in unlock.Witness)
            {
                wire.Slice(item);
            }
        }

        wire.UInt32(LockTime);
        return wire.ToArray();
    }

    /// <summary>The wire form without signatures, and behind it the outputs that are spent.</summary>
    public byte[] Unsigned(IEnumerable<TransactionOutput> spent)
    {
        var wire = new WireWriter();
        wire.Bytes(Serialize([.. Inputs.Select(_ => Unlocking.Nothing)]));
        foreach (var output in spent)
        {
            Write(wire, output);
        }

        return wire.ToArray();
    }

    /// <summary>The transaction id as people write it; it does not cover witnesses.</summary>
    public string Id(Unlocking[] unlocking)
    {
        var hash = Digests.Sha256d(Serialize(unlocking, witnesses: false));
        Array.Reverse(hash);
        return Hex.Lower(hash);
    }

    public static void Write(WireWriter wire, Outpoint outpoint)
    {
        var id = Convert.FromHexString(outpoint.TransactionId);
        Array.Reverse(id);
        wire.Bytes(id);
        wire.UInt32(outpoint.Index);
    }

    public static void Write(WireWriter wire, TransactionOutput output)
    {
        wire.Int64(output.Satoshis);
        wire.Slice(output.Script);
    }
}
