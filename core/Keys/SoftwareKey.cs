using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>A private key in locked memory. Owns its secrets. Thread-safe.</summary>
/// <param name="secret">
/// 32 bytes for secp256k1 (big-endian scalar) and Ed25519 (seed); 64 bytes kL ‖ kR for Cardano's extended keys.
/// </param>
/// <param name="publicKey">Its public half.</param>
/// <param name="seed">
/// What the key was made of, where the chain writes that down instead of the key (XRP Ledger); else null.
/// </param>
public sealed class SoftwareKey(SecretBytes secret, PublicKey publicKey, SecretBytes? seed = null) : ISigningKey, IDisposable
{
    private readonly Lock gate = new();
    private SecretBytes? expanded; // seed ‖ public key as libsodium wants it

    /// <summary>The same with the public key's bytes, in the form of <see cref="PublicKey"/>.</summary>
    public SoftwareKey(SecretBytes secret, byte[] publicKey, SecretBytes? seed = null)
        : this(secret, new PublicKey(publicKey), seed)
    {
    }

    /// <inheritdoc/>
    public PublicKey PublicKey => publicKey;

    /// <summary>
    /// The private key, for printing it in a chain's form and for nothing else (<see cref="IKeyText.Format"/>).
    /// </summary>
    internal SecretBytes Export => secret;

    /// <summary>What the key was made of, or null; for printing as well.</summary>
    internal SecretBytes? ExportSeed => seed;

    /// <inheritdoc/>
    public (byte[] Signature, int RecoveryId) SignEcdsaRecoverable(ReadOnlySpan<byte> digest) =>
        Secp256k1.SignRecoverable(secret.Span, publicKey.Point, digest);

    /// <inheritdoc/>
    public byte[] SignEcdsa(ReadOnlySpan<byte> digest) => SignEcdsaRecoverable(digest).Signature;

    /// <inheritdoc/>
    public byte[] SignCashSchnorr(ReadOnlySpan<byte> digest) => BchSchnorr.Sign(secret.Span, digest);

    /// <inheritdoc/>
    public byte[] SignTaproot(ReadOnlySpan<byte> digest) => publicKey.Taproot.Sign(secret.Span, digest);

    /// <inheritdoc/>
    public byte[] SignEd25519(ReadOnlySpan<byte> message)
    {
        if (secret.Length == Ed25519Extended.SecretSize)
        {
            return Ed25519Extended.Sign(secret.Span, message);
        }

        lock (gate)
        {
            expanded ??= Ed25519.Expand(secret.Span, publicKey.Bytes[^Ed25519.PublicKeySize..]);
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
