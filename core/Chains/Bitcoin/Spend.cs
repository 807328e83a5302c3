using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>One input with the output it spends, and how it gets unlocked.</summary>
internal abstract class Spend(TransactionOutput output)
{
    // DER of a low-S signature has at most 71 bytes, and the hash type is one more
    protected const int SignatureSize = 72;

    /// <summary>The output that is spent, as the pending transaction describes it.</summary>
    public TransactionOutput Output => output;

    /// <summary>
    /// Whether the signature covers the amount, so that a wrong amount gives an invalid transaction and not another
    /// fee.
    /// </summary>
    public abstract bool CommitsToAmount { get; }

    /// <summary>
    /// Whether the signature covers the amounts and scripts of all inputs (BIP-341). If the output is what it is said
    /// to be, nobody can do without this signature, and so no input can hold other than it is said to.
    /// </summary>
    public virtual bool CommitsToAllAmounts => false;

    /// <summary>Most bytes the scriptSig will have.</summary>
    public abstract int ScriptSize { get; }

    /// <summary>Most bytes the witness will have; 0 for none.</summary>
    public virtual int WitnessSize => 0;

    /// <summary>Refuses signatures of others that are not valid here.</summary>
    public virtual void Check(SignatureHashes hashes, int input)
    {
    }

    /// <summary>Signs and verifies.</summary>
    public abstract Unlocking Unlock(SignatureHashes hashes, int input, ISigningKeys keys);

    /// <summary>An ECDSA signature as scripts carry it: strict DER (BIP-66) and the hash type.</summary>
    protected static byte[] Sign(ISigningKey key, ReadOnlySpan<byte> digest) =>
        [.. Secp256k1.ToDer(key.SignEcdsa(digest)), SignatureHashes.All];
}
