using KmsCloud.Primitives;

namespace KmsCloud.Keys;

/// <summary>Where the private half of a key is.</summary>
/// <param name="SignatureId">The wallet.</param>
/// <param name="Index">Derivation index, or null for a wallet with one key.</param>
/// <param name="Variant">Which of a chain's paths (<see cref="IKeyDeriver.Derive"/>).</param>
public readonly record struct KeyPlace(string SignatureId, uint? Index, int Variant = 0);

/// <summary>A public key, which is all that decoding needs. Thread-safe.</summary>
/// <param name="bytes">
/// secp256k1: 33 bytes compressed, or 65 where the key's text says uncompressed; Ed25519: 32 bytes; XRP Ledger Ed25519:
/// 0xED in front.
/// </param>
/// <param name="place">Where its private half is, or null when that is in no wallet.</param>
public sealed class PublicKey(byte[] bytes, KeyPlace? place = null) : IEquatable<PublicKey>
{
    private byte[]? uncompressed;
    private byte[]? hash;
    private TaprootKey? taproot;
    private byte[]? point; // as libsecp256k1 wants it: parsing it costs a third of a signature

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Where its private half is, or null when that is in no wallet.</summary>
    public KeyPlace? Place => place;

    /// <summary>The secp256k1 key in 65 bytes, which Ethereum's and Tron's addresses are hashed from.</summary>
    public ReadOnlySpan<byte> Uncompressed => uncompressed ??= Secp256k1.Convert(bytes, compressed: false);

    /// <summary>
    /// RIPEMD-160 of SHA-256 of the key, 20 bytes: what Bitcoin's, Ripple's and Cosmos' addresses and scripts hold.
    /// </summary>
    public ReadOnlySpan<byte> Hash => hash ??= Digests.Hash160(bytes);

    /// <summary>The secp256k1 key tweaked as taproot outputs hold it (BIP-86).</summary>
    public TaprootKey Taproot => taproot ??= new(Point);

    /// <summary>The secp256k1 key in libsecp256k1's own form.</summary>
    internal ReadOnlySpan<byte> Point => point ??= Secp256k1.NativePoint(bytes);

    /// <summary>Whether it is the same key, wherever its private half is.</summary>
    public bool Equals(PublicKey? other) => other is not null && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    /// <summary>The same key in a wallet.</summary>
    internal PublicKey At(KeyPlace of) => new(bytes, of);
}
