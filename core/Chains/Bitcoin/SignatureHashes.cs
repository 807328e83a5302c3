using System.Security.Cryptography;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// What the signatures of one transaction sign. Everything that several inputs share is hashed once; only the legacy form
/// has to hash the whole transaction for each input, as Satoshi made it.
/// </summary>
internal sealed class SignatureHashes(Transaction transaction)
{
    /// <summary>SIGHASH_ALL.</summary>
    public const byte All = 0x01;

    /// <summary>SIGHASH_ALL and SIGHASH_FORKID of Bitcoin Cash.</summary>
    public const byte AllForkId = 0x41;

    private readonly Lazy<byte[]> prevouts = new(() => Hash(wire =>
    {
        foreach (var input in transaction.Inputs)
        {
            Transaction.Write(wire, input.Outpoint);
        }
    }));

    private readonly Lazy<byte[]> sequences = new(() => Hash(wire =>
    {
        foreach (var input in transaction.Inputs)
        {
            wire.UInt32(input.Sequence);
        }
    }));

    private readonly Lazy<byte[]> outputs = new(() => Hash(wire =>
    {
        foreach (var output in transaction.Outputs)
        {
            Transaction.Write(wire, output);
        }
    }));

    private readonly Lazy<byte[]> bare = new(() =>
        [.. transaction.Serialize([.. transaction.Inputs.Select(_ => Unlocking.Nothing)]), All, 0, 0, 0]);

    /// <summary>The digest of inputs without segwit: the transaction with this input's script in place of its scriptSig.</summary>
    public byte[] Legacy(int input, ReadOnlySpan<byte> scriptCode)
    {
        var wire = new WireWriter();
        wire.Slice(scriptCode);
        var template = bare.Value.AsSpan();
        var script = 4 + WireWriter.SizeOf(transaction.Inputs.Count) + (input * Transaction.BareInputSize) + 36;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(template[..script]);
        hash.AppendData(wire.ToArray());
        hash.AppendData(template[(script + 1)..]); // the empty scriptSig is one length byte
        return SHA256.HashData(hash.GetHashAndReset());
    }

    /// <summary>The digest of BIP-143, which covers the input's amount.</summary>
    public byte[] Segwit(int input, ReadOnlySpan<byte> scriptCode, long satoshis, byte hashType = All)
    {
        var wire = new WireWriter();
        wire.Int32(transaction.Version);
        wire.Bytes(prevouts.Value);
        wire.Bytes(sequences.Value);
        Transaction.Write(wire, transaction.Inputs[input].Outpoint);
        wire.Slice(scriptCode);
        wire.Int64(satoshis);
        wire.UInt32(transaction.Inputs[input].Sequence);
        wire.Bytes(outputs.Value);
        wire.UInt32(transaction.LockTime);
        wire.UInt32(hashType);
        return Digests.Sha256d(wire.ToArray());
    }

    private static byte[] Hash(Action<WireWriter> write)
    {
        var wire = new WireWriter();
        write(wire);
        return Digests.Sha256d(wire.ToArray());
    }
}
