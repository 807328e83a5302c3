using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

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

    /// <summary>P2TR without scripts (BIP-86), by its key (BIP-341).</summary>
    Taproot,
}

/// <summary>An input that one of our keys unlocks alone.</summary>
internal class KeySpend(TransactionOutput output, KeyForm form, PublicKey key) : Spend(output)
{
    /// <summary>The key.</summary>
    public PublicKey Key => key;

    /// <summary>Whether the key is one of taproot's path.</summary>
    public bool IsTaproot => form is KeyForm.Taproot;

    public override bool CommitsToAmount => form is KeyForm.Witness or KeyForm.NestedWitness or KeyForm.Taproot;

    public override bool CommitsToAllAmounts => IsTaproot;

    public override int ScriptSize => form switch
    {
        KeyForm.KeyHash => 1 + SignatureSize + 1 + key.Bytes.Length,
        KeyForm.PublicKey => 1 + SignatureSize,
        KeyForm.NestedWitness => 23,
        _ => 0,
    };

    public override int WitnessSize => form switch
    {
        KeyForm.Witness or KeyForm.NestedWitness => 1 + 1 + SignatureSize + 1 + key.Bytes.Length,
        KeyForm.Taproot => 1 + 1 + Schnorr.SignatureSize,
        _ => 0,
    };

    /// <summary>
    /// Whether taproot outputs are made for a key: wallets make none for keys that are used uncompressed (BIP-386).
    /// </summary>
    public static bool HasTaproot(PublicKey key) => key.Bytes.Length == Secp256k1.CompressedSize;

    /// <summary>The scripts of a key and the way it unlocks them.</summary>
    public static IEnumerable<(byte[] Script, KeyForm Form)> Forms(PublicKey key, BitcoinCoin coin)
    {
        var publicKey = key.Bytes.ToArray();
        var hash = key.Hash.ToArray();
        yield return (Script.ToKeyHash(hash), KeyForm.KeyHash);
        yield return (Script.ToPublicKey(publicKey), KeyForm.PublicKey);
        if (coin.Segwit && publicKey.Length == Secp256k1.CompressedSize) // BIP-143 restricts segwit to compressed keys
        {
            yield return (Script.ToWitness(hash), KeyForm.Witness);
            yield return (Script.ToScriptHash(Script.ToWitness(hash)), KeyForm.NestedWitness);
        }
    }

    public override Unlocking Unlock(SignatureHashes hashes, int input, ISigningKeys keys)
    {
        if (IsTaproot)
        {
            return new([], [keys.Open(key).SignTaproot(hashes.Taproot(input))]); // 64 bytes stand for SIGHASH_DEFAULT
        }

        if (!CommitsToAmount)
        {
            var plain = Sign(keys.Open(key), hashes.Legacy(input, Output.Script));
            return new(
                form is KeyForm.KeyHash ? [.. Script.Push(plain), .. Script.Push(key.Bytes)] : Script.Push(plain), []);
        }

        var signature = Sign(keys.Open(key), hashes.Segwit(input, Script.ToKeyHash(key.Hash), Output.Satoshis));
        return new(
            form is KeyForm.NestedWitness ? Script.Push(Script.ToWitness(key.Hash)) : [],
            [signature, key.Bytes.ToArray()]);
    }
}
