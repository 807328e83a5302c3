using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>A private key ready to sign with, and its public key. Owns its secrets. Thread-safe.</summary>
/// <param name="secret">
/// 32 bytes for secp256k1 (big-endian scalar) and Ed25519 (seed); 64 bytes kL ‖ kR for Cardano's extended keys.
/// </param>
/// <param name="publicKey">
/// secp256k1: 33 bytes compressed, or 65 where the key's text says uncompressed; Ed25519: 32 bytes; XRP Ledger Ed25519: 0xED in front.
/// </param>
/// <param name="seed">What the key was made of, where the chain writes that down instead of the key (XRP Ledger); else null.</param>
public sealed class SigningKey(SecretBytes secret, byte[] publicKey, SecretBytes? seed = null) : IDisposable
{
    private readonly Lock gate = new();
    private byte[]? uncompressed;
    private byte[]? hash160;
    private byte[]? point; // the public key as libsecp256k1 wants it: parsing it costs a third of a signature
    private SecretBytes? expanded; // seed ‖ public key as libsodium wants it

    /// <summary>The private key.</summary>
    public SecretBytes Secret => secret;

    /// <summary>What the key was made of, or null.</summary>
    public SecretBytes? Seed => seed;

    /// <summary>The public key.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <summary>The secp256k1 public key in 65 bytes, which Ethereum's and Tron's addresses are hashed from.</summary>
    public ReadOnlySpan<byte> UncompressedPublicKey
    {
        get
        {
            lock (gate)
            {
                return uncompressed ??= Secp256k1.Convert(publicKey, compressed: false);
            }
        }
    }

    /// <summary>RIPEMD-160 of SHA-256 of <see cref="PublicKey"/>, 20 bytes: what Bitcoin's, Ripple's and Cosmos' addresses and scripts hold.</summary>
    public ReadOnlySpan<byte> PublicKeyHash
    {
        get
        {
            lock (gate)
            {
                return hash160 ??= Digests.Hash160(publicKey);
            }
        }
    }

    /// <summary>ECDSA of a digest: 64 bytes r ‖ s, low S, verified with <see cref="PublicKey"/>.</summary>
    public byte[] SignEcdsa(ReadOnlySpan<byte> digest) => SignEcdsaRecoverable(digest).Signature;

    /// <summary>ECDSA of a digest with the recovery id 0..3.</summary>
    public (byte[] Signature, int RecoveryId) SignEcdsaRecoverable(ReadOnlySpan<byte> digest)
    {
        lock (gate)
        {
            point ??= Secp256k1.NativePoint(publicKey);
        }

        return Secp256k1.SignRecoverable(secret.Span, point, digest);
    }

    /// <summary>Ed25519 of a message: 64 bytes R ‖ S, verified with <see cref="PublicKey"/>.</summary>
    public byte[] SignEd25519(ReadOnlySpan<byte> message)
    {
        lock (gate)
        {
            expanded ??= Ed25519.Expand(secret.Span, publicKey.AsSpan(^Ed25519.PublicKeySize..));
        }

        return Ed25519.SignExpanded(expanded.Span, message);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        secret.Dispose();
        seed?.Dispose();
        expanded?.Dispose();
    }
}
