using System.Security.Cryptography;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// What the signatures of one transaction sign. Everything that several inputs share is hashed once; only the legacy
/// form has to hash the whole transaction for each input, as Satoshi made it.
/// </summary>
/// <param name="transaction">The transaction.</param>
/// <param name="spends">What it spends, an element for each input.</param>
internal sealed class SignatureHashes(Transaction transaction, IReadOnlyList<Spend> spends)
{
    /// <summary>
    /// SIGHASH_DEFAULT of taproot: it signs what SIGHASH_ALL signs, and is not written behind the signature.
    /// </summary>
    public const byte Default = 0x00;

    /// <summary>SIGHASH_ALL.</summary>
    public const byte All = 0x01;

    /// <summary>SIGHASH_ALL and SIGHASH_FORKID of Bitcoin Cash.</summary>
    public const byte AllForkId = 0x41;

    private const byte Epoch = 0;
    private const byte KeyPath = 0; // no script, no annex

    private Shared? prevouts;
    private Shared? sequences;
    private Shared? outputs;
    private byte[]? amounts;
    private byte[]? scripts;
    private byte[]? bare;

    private Shared Prevouts =>
        prevouts ??= new(Hash(transaction.Inputs, (wire, input) => Transaction.Write(wire, input.Outpoint)));

    private Shared Sequences =>
        sequences ??= new(Hash(transaction.Inputs, (wire, input) => wire.UInt32(input.Sequence)));

    private Shared Outputs => outputs ??= new(Hash(transaction.Outputs, Transaction.Write));

    private byte[] Amounts => amounts ??= Hash(spends, (wire, spend) => wire.Int64(spend.Output.Satoshis));

    private byte[] Scripts => scripts ??= Hash(spends, (wire, spend) => wire.Slice(spend.Output.Script));

    private byte[] Bare =>
        bare ??= [.. transaction.Serialize([.. transaction.Inputs.Select(_ => Unlocking.Nothing)]), All, 0, 0, 0];

    /// <summary>
    /// The digest of inputs without segwit: the transaction with this input's script in place of its scriptSig.
    /// </summary>
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
        wire.Bytes(Prevouts.Twice);
        wire.Bytes(Sequences.Twice);
        Transaction.Write(wire, transaction.Inputs[input].Outpoint);
        wire.Slice(scriptCode);
        wire.Int64(satoshis);
        wire.UInt32(transaction.Inputs[input].Sequence);
        wire.Bytes(Outputs.Twice);
        wire.UInt32(transaction.LockTime);
        wire.UInt32(hashType);
        return Digests.Sha256d(wire.Written);
    }

    /// <summary>
    /// The digest of BIP-341 for an input that is spent by its key: it covers amount and script of every input.
    /// </summary>
    public byte[] Taproot(int input, byte hashType = Default)
    {
        var wire = new WireWriter();
        wire.Bytes([Epoch, hashType]);
        wire.Int32(transaction.Version);
        wire.UInt32(transaction.LockTime);
        wire.Bytes(Prevouts.Once);
        wire.Bytes(Amounts);
        wire.Bytes(Scripts);
        wire.Bytes(Sequences.Once);
        wire.Bytes(Outputs.Once);
        wire.Bytes([KeyPath]);
        wire.UInt32((uint)input);
        return Digests.Tagged("TapSighash"u8, wire.Written);
    }

    private static byte[] Hash<T>(IEnumerable<T> items, Action<WireWriter, T> write)
    {
        var wire = new WireWriter();
        foreach (var item in items)
        {
            write(wire, item);
        }

        return SHA256.HashData(wire.Written);
    }

    /// <summary>
    /// A hash of parts of the transaction: BIP-143 takes SHA-256 of it again, BIP-341 takes it as it is.
    /// </summary>
    private sealed class Shared(byte[] once)
    {
        private byte[]? twice;

        public byte[] Once => once;

        public byte[] Twice => twice ??= SHA256.HashData(once);
    }
}
