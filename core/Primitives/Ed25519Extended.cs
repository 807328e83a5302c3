using System.Security.Cryptography;
using KmsCloud.Errors;
using KmsCloud.Primitives.Native;

namespace KmsCloud.Primitives;

/// <summary>
/// Ed25519 with extended secret keys (BIP32-Ed25519; Khovratovich, Law 2017): 64 bytes kL ‖ kR, where kL is the scalar
/// itself and kR the nonce's seed. Signatures verify as usual ones. All arithmetic on secrets is libsodium's.
/// </summary>
internal static class Ed25519Extended
{
    /// <summary>Bytes of an extended secret key.</summary>
    public const int SecretSize = 64;

    /// <summary>
    /// Whether bytes can be an extended key: a scalar that is a multiple of 8, below 2^255 and not zero.
    /// </summary>
    public static bool IsSecretKey(ReadOnlySpan<byte> secret) =>
        secret.Length == SecretSize && (secret[0] & 7) == 0 && secret[31] < 0x80
            && secret[..32].ContainsAnyExcept((byte)0);

    /// <summary>The public key kL·B.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> secret)
    {
        Secp256k1.Require(secret, SecretSize, "Ed25519 extended secret key");
        var point = new byte[Ed25519.PublicKeySize];
        return Sodium.crypto_scalarmult_ed25519_base_noclamp(point, secret[..32]) == 0
            ? point
            : throw KmsException.Refused("the private key has no public key");
    }

    /// <summary>Signs a message: 64 bytes R ‖ S, deterministic.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> message)
    {
        var publicKey = PublicKey(secret);
        var signature = new byte[Ed25519.SignatureSize];
        Span<byte> wide = stackalloc byte[64];
        Span<byte> nonce = stackalloc byte[32];
        Span<byte> scalar = stackalloc byte[32];
        Span<byte> product = stackalloc byte[32];

        Hash(secret[32..], message, wide); // r = SHA-512(kR ‖ M) mod L
        Sodium.crypto_core_ed25519_scalar_reduce(nonce, wide);
        Sodium.crypto_scalarmult_ed25519_base_noclamp(signature.AsSpan(0, 32), nonce); // R = r·B

        Hash([.. signature.AsSpan(0, 32), .. publicKey], message, wide); // k = SHA-512(R ‖ A ‖ M) mod L
        Sodium.crypto_core_ed25519_scalar_reduce(product, wide);
        wide.Clear();
        secret[..32].CopyTo(wide); // kL mod L
        Sodium.crypto_core_ed25519_scalar_reduce(scalar, wide);
        Sodium.crypto_core_ed25519_scalar_mul(product, product, scalar);
        Sodium.crypto_core_ed25519_scalar_add(signature.AsSpan(32), nonce, product); // S = r + k·kL

        CryptographicOperations.ZeroMemory(wide);
        CryptographicOperations.ZeroMemory(nonce);
        CryptographicOperations.ZeroMemory(scalar);
        CryptographicOperations.ZeroMemory(product);
        return Ed25519.IsValid(publicKey, message, signature) ? signature : throw Ed25519.Faulty(signature);
    }

    /// <summary>
    /// left ← left + right, integers of the same length, little-endian, the carry out of the top dropped.
    /// </summary>
    internal static void Add(Span<byte> left, ReadOnlySpan<byte> right)
    {
        Secp256k1.Require(right, left.Length, "summand");
        Sodium.sodium_add(left, right, (nuint)left.Length);
    }

    private static void Hash(ReadOnlySpan<byte> head, ReadOnlySpan<byte> message, Span<byte> output)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(head);
        hash.AppendData(message);
        hash.GetHashAndReset(output);
    }
}
