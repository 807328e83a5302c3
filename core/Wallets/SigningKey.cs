using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>A private key ready to sign with, and its public key. Owns the secret.</summary>
/// <param name="secret">
/// 32 bytes for secp256k1 (big-endian scalar) and Ed25519 (seed); 64 bytes kL ‖ kR for Cardano's extended keys;
/// 16 bytes of seed for the XRP Ledger.
/// </param>
/// <param name="publicKey">
/// secp256k1: 33 bytes compressed, or 65 where the key's text says uncompressed; Ed25519: 32 bytes; XRP Ledger Ed25519: 0xED in front.
/// </param>
public sealed class SigningKey(SecretBytes secret, byte[] publicKey) : IDisposable
{
    /// <summary>The private key.</summary>
    public SecretBytes Secret => secret;

    /// <summary>The public key.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <inheritdoc/>
    public void Dispose() => secret.Dispose();
}
