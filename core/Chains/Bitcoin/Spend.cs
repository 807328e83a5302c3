using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Wallets;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>One input with the output it spends, and how it gets unlocked.</summary>
internal abstract class Spend(TransactionOutput output)
{
    // DER of a low-S signature has at most 71 bytes, and the hash type is one more
    protected const int SignatureSize = 72;

    /// <summary>The output that is spent, as the pending transaction describes it.</summary>
    public TransactionOutput Output => output;

    /// <summary>Whether the signature covers the amount, so that a wrong amount gives an invalid transaction and not another fee.</summary>
    public abstract bool CommitsToAmount { get; }

    /// <summary>Whether a key of the request takes part, so that coins paid to the same script come back to us.</summary>
    public virtual bool IsOurs => true;

    /// <summary>Most bytes the scriptSig will have.</summary>
    public abstract int ScriptSize { get; }

    /// <summary>Most bytes the witness will have; 0 for none.</summary>
    public virtual int WitnessSize => 0;

    /// <summary>Refuses signatures of others that are not valid here.</summary>
    public virtual void Check(SignatureHashes hashes, int input)
    {
    }

    /// <summary>Signs and verifies.</summary>
    public abstract Unlocking Unlock(SignatureHashes hashes, int input);

    /// <summary>An ECDSA signature as scripts carry it: strict DER (BIP-66) and the hash type.</summary>
    protected static byte[] Sign(SigningKey key, ReadOnlySpan<byte> digest) =>
        [.. Secp256k1.ToDer(Secp256k1.Sign(key.Secret.Span, digest)), SignatureHashes.All];
}

/// <summary>The locking scripts that one key can unlock.</summary>
internal enum KeyForm
{
    /// <summary>P2PKH.</summary>
    KeyHash,

    /// <summary>P2PK.</summary>
    PublicKey,

    /// <summary>P2WPKH.</summary>
    Witness,

    /// <summary>P2WPKH inside P2SH (BIP-141).</summary>
    NestedWitness,
}

/// <summary>An input that one of our keys unlocks alone.</summary>
internal class KeySpend(TransactionOutput output, KeyForm form, SigningKey key) : Spend(output)
{
    /// <summary>The key.</summary>
    public SigningKey Key => key;

    public override bool CommitsToAmount => form is KeyForm.Witness or KeyForm.NestedWitness;

    public override int ScriptSize => form switch
    {
        KeyForm.KeyHash => 1 + SignatureSize + 1 + key.PublicKey.Length,
        KeyForm.PublicKey => 1 + SignatureSize,
        KeyForm.NestedWitness => 23,
        _ => 0,
    };

    public override int WitnessSize => CommitsToAmount ? 1 + 1 + SignatureSize + 1 + key.PublicKey.Length : 0;

    /// <summary>The scripts of a key and the way it unlocks them.</summary>
    public static IEnumerable<(byte[] Script, KeyForm Form)> Forms(SigningKey key, BitcoinCoin coin)
    {
        var publicKey = key.PublicKey.ToArray();
        var hash = Digests.Hash160(publicKey);
        yield return (Script.ToKeyHash(hash), KeyForm.KeyHash);
        yield return (Script.ToPublicKey(publicKey), KeyForm.PublicKey);
        if (coin.Segwit && publicKey.Length == Secp256k1.CompressedSize) // BIP-143 restricts segwit to compressed keys
        {
            yield return (Script.ToWitness(hash), KeyForm.Witness);
            yield return (Script.ToScriptHash(Script.ToWitness(hash)), KeyForm.NestedWitness);
        }
    }

    public override Unlocking Unlock(SignatureHashes hashes, int input)
    {
        if (!CommitsToAmount)
        {
            var plain = Sign(key, hashes.Legacy(input, Output.Script));
            return new(form is KeyForm.KeyHash ? [.. Script.Push(plain), .. Script.Push(key.PublicKey)] : Script.Push(plain), []);
        }

        var hash = Digests.Hash160(key.PublicKey);
        var signature = Sign(key, hashes.Segwit(input, Script.ToKeyHash(hash), Output.Satoshis));
        return new(form is KeyForm.NestedWitness ? Script.Push(Script.ToWitness(hash)) : [], [signature, key.PublicKey.ToArray()]);
    }
}

/// <summary>An input that another party has signed already: P2PKH or P2PK. It is kept as it is, once its signature is verified.</summary>
internal sealed class KeptSpend(TransactionOutput output, byte[] script) : Spend(output)
{
    public override bool CommitsToAmount => false;

    public override bool IsOurs => false;

    public override int ScriptSize => script.Length;

    public override void Check(SignatureHashes hashes, int input)
    {
        var kind = Script.Kind(Output.Script);
        var pushes = Script.Pushes(script);
        var publicKey = (kind, pushes) switch
        {
            (ScriptKind.KeyHash, [_, var key]) when Script.ToKeyHash(Digests.Hash160(key)).AsSpan().SequenceEqual(Output.Script) => key,
            (ScriptKind.PublicKey, [_]) => Script.Payload(Output.Script, kind).ToArray(),
            _ => throw KmsException.Refused($"input {input} is not signed, and none of the keys named for this transaction owns it"),
        };
        if (!IsSignature(pushes[0], publicKey, hashes.Legacy(input, Output.Script)) || !script.AsSpan().SequenceEqual(pushes.SelectMany(push => Script.Push(push)).ToArray()))
        {
            throw KmsException.Refused($"input {input} carries a signature of another party that is not valid");
        }
    }

    public override Unlocking Unlock(SignatureHashes hashes, int input) => new(script, []);

    /// <summary>Whether bytes from outside are a signature over all of the transaction, in the form that nodes relay.</summary>
    public static bool IsSignature(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest) =>
        signature is [.., SignatureHashes.All] && Secp256k1.TryFromDer(signature[..^1], out var plain)
        && Secp256k1.IsValid(publicKey, digest, plain);
}
