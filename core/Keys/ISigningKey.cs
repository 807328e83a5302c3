namespace KmsCloud.Keys;

/// <summary>A key that signs, wherever its private half is: in locked memory, or in hardware that never gives it away. Every signature is verified before it is returned.</summary>
public interface ISigningKey
{
    /// <summary>The public half.</summary>
    PublicKey PublicKey { get; }

    /// <summary>ECDSA on secp256k1 of a 32-byte digest (RFC 6979): 64 bytes r ‖ s, low S, and the recovery id 0..3.</summary>
    (byte[] Signature, int RecoveryId) SignEcdsaRecoverable(ReadOnlySpan<byte> digest);

    /// <summary>ECDSA on secp256k1 of a 32-byte digest (RFC 6979): 64 bytes r ‖ s, low S.</summary>
    byte[] SignEcdsa(ReadOnlySpan<byte> digest) => SignEcdsaRecoverable(digest).Signature;

    /// <summary>Bitcoin Cash's Schnorr signature on secp256k1 of a 32-byte digest (specification 2019-05-15-schnorr): 64 bytes r ‖ s.</summary>
    byte[] SignCashSchnorr(ReadOnlySpan<byte> digest);

    /// <summary>Bitcoin's Schnorr signature of a 32-byte digest (BIP-340) with the key tweaked for its taproot output (BIP-86): 64 bytes.</summary>
    byte[] SignTaproot(ReadOnlySpan<byte> digest);

    /// <summary>Ed25519 of a message (RFC 8032, or BIP32-Ed25519 for an extended key): 64 bytes R ‖ S.</summary>
    byte[] SignEd25519(ReadOnlySpan<byte> message);
}

/// <summary>Opens private keys: the one door between a transaction that policy and approver let through and its signature.</summary>
public interface ISigningKeys
{
    /// <summary>The key of a public one. It stays the source's.</summary>
    /// <exception cref="Errors.KmsException">It is in no wallet here, or the wallet gives another key there.</exception>
    ISigningKey Open(PublicKey key);
}

/// <summary>The public side of a wallet: what decoding and ownership are told by. Whoever holds no secret (an approver) can implement it as well.</summary>
public interface IWalletKeys
{
    /// <summary>Largest derivation index: the next one would be a hardened child, which belongs to no address of the xpub.</summary>
    const uint LargestIndex = int.MaxValue;

    /// <summary>The signature id.</summary>
    string SignatureId { get; }

    /// <summary>Its chain's code.</summary>
    string Chain { get; }

    /// <summary>Its network.</summary>
    Network Network { get; }

    /// <summary>Its extended public key, or null.</summary>
    string? Xpub { get; }

    /// <summary>Whether keys need an index.</summary>
    bool IsMnemonic { get; }

    /// <summary>The key at an index of a mnemonic wallet.</summary>
    /// <exception cref="Errors.KmsException">The wallet is not mnemonic-based, or the index is above 2^31-1.</exception>
    PublicKey Key(uint index, int variant = 0);

    /// <summary>The key of a wallet without mnemonic.</summary>
    /// <exception cref="Errors.KmsException">The wallet is mnemonic-based.</exception>
    PublicKey Key();
}

/// <summary>What follows from a wallet's public side.</summary>
internal static class WalletKeys
{
    /// <summary>The key at an index for a mnemonic wallet, the one key (whatever the index) for another.</summary>
    /// <exception cref="Errors.KmsException">A mnemonic wallet without an index.</exception>
    public static PublicKey KeyAt(this IWalletKeys wallet, uint? index) => wallet.IsMnemonic && index is { } at ? wallet.Key(at) : wallet.Key();
}
