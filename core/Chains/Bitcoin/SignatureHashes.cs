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

    private byte[]? prevouts;
    private byte[]? sequences;
    private byte[]? outputs;
    private byte[]? bare;

    private byte[] Prevouts => prevouts ??= Hash(transaction.Inputs, (wire, input) => Transaction.Write(wire, input.Outpoint));

    private byte[] Sequences => sequences ??= Hash(transaction.Inputs, (wire, input) => wire.UInt32(input.Sequence));

    private byte[] Outputs => outputs ??= Hash(transaction.Outputs, Transaction.Write);

    private byte[] Bare => bare ??= [.. transaction.Serialize([.. transaction.Inputs.Select(_ => Unlocking.Nothing)]), All, 0, 0, 0];

    /// <summary>The digest of inputs without segwit: the transaction with this input's script in place of its scriptSig.</summary>
    public byte[] Legacy(int input, ReadOnlySpan<byte> scriptCode)
    {
        var wire = new WireWriter();
        wire.Slice(scriptCode);
        var template = Bare.AsSpan();
        var script = 4 + WireWriter.SizeOf(transaction.Inputs.Length) + (input * Transaction.BareInputSize) + 36;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(template[..script]);
        hash.AppendData(wire.Written);
        hash.AppendData(template[(script + 1)..]); // the empty scriptSig is one length byte
        return SHA256.HashData(hash.GetHashAndReset());
    }

    /// <summary>The digest of BIP-143, which covers the input's amount.</summary>
    public byte[] Segwit(int input, ReadOnlySpan<byte> scriptCode, long satoshis, byte hashType = All)
    {
        var wire = new WireWriter();
        wire.Int32(transaction.Version);
        wire.Bytes(Prevouts);
        wire.Bytes(Sequences);
        Transaction.Write(wire, transaction.Inputs[input].Outpoint);
        wire.Slice(scriptCode);
        wire.Int64(satoshis);
        wire.UInt32(transaction.Inputs[input].Sequence);
        wire.Bytes(Outputs);
        wire.UInt32(transaction.LockTime);
        wire.UInt32(hashType);
        return Digests.Sha256d(wire.Written);
    }

    private static byte[] Hash<T>(T[] items, Action<WireWriter, T> write)
    {
        var wire = new WireWriter();
        foreach (var item in items)
        {
            write(wire, item);
        }

        return Digests.Sha256d(wire.Written);
    }
}
