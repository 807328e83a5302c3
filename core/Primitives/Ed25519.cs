using System.Security.Cryptography;
using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;

namespace KmsCloud.Primitives;

/// <summary>
/// Ed25519 (RFC 8032, PureEdDSA) by libsodium. Secret keys are the 32-byte seed; every signature is verified before it
/// is returned.
/// </summary>
public static class Ed25519
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedSize = 32;

    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = 64;

    /// <summary>The public key of a seed.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        var publicKey = new byte[PublicKeySize];
        Span<byte> expanded = stackalloc byte[64];
        Expand(seed, publicKey, expanded);
        CryptographicOperations.ZeroMemory(expanded);
        return publicKey;
    }

    /// <summary>Signs a message: 64 bytes R ‖ S.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        Span<byte> publicKey = stackalloc byte[PublicKeySize];
        Span<byte> expanded = stackalloc byte[64];
        Expand(seed, publicKey, expanded);
        var signature = new byte[SignatureSize];
        Sodium.crypto_sign_detached(signature, 0, message, (ulong)message.Length, expanded);
        CryptographicOperations.ZeroMemory(expanded);
        return IsValid(publicKey, message, signature) ? signature : throw Faulty(signature);
    }

    /// <summary>A seed as libsodium signs with it, seed ‖ public key.</summary>
    /// <exception cref="KmsException">
    /// The public key is not the seed's: signing with another one gives the key away.
    /// </exception>
    internal static SecretBytes Expand(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey)
    {
        var expanded = new SecretBytes(64);
        Span<byte> own = stackalloc byte[PublicKeySize];
        Expand(seed, own, expanded.Span);
        if (own.SequenceEqual(publicKey))
        {
            return expanded;
        }

        expanded.Dispose();
        throw new KmsException(Failure.Internal, "a public key does not belong to its private key");
    }

    /// <summary>Signs with an expanded seed.</summary>
    internal static byte[] SignExpanded(ReadOnlySpan<byte> expanded, ReadOnlySpan<byte> message)
    {
        var signature = new byte[SignatureSize];
        Sodium.crypto_sign_detached(signature, 0, message, (ulong)message.Length, expanded);
        return IsValid(expanded[SeedSize..], message, signature) ? signature : throw Faulty(signature);
    }

    /// <summary>
    /// Whether a signature is valid. Small-order and non-canonical keys, S ≥ L and wrong lengths are invalid.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == PublicKeySize && signature.Length == SignatureSize
        && Sodium.crypto_sign_verify_detached(signature, message, (ulong)message.Length, publicKey) == 0;

    /// <summary>Whether bytes are a canonical point of the prime-order group: what a public key must be.</summary>
    public static bool IsPoint(ReadOnlySpan<byte> point) =>
        point.Length == PublicKeySize && Sodium.crypto_core_ed25519_is_valid_point(point) == 1;

    /// <summary>
    /// Whether bytes decode to any point of the curve, of whatever order: what an address derived by a Solana program
    /// must not.
    /// </summary>
    public static bool IsOnCurve(ReadOnlySpan<byte> point)
    {
        Span<byte> sum = stackalloc byte[PublicKeySize];
        ReadOnlySpan<byte> identity = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        return point.Length == PublicKeySize && Sodium.crypto_core_ed25519_add(sum, point, identity) == 0;
    }

    internal static KmsException Faulty(Span<byte> signature)
    {
        CryptographicOperations.ZeroMemory(signature);
        return new(
            Failure.Internal,
            "a fresh signature did not verify and was destroyed",
            "check this machine's memory and processor");
    }

    private static void Expand(ReadOnlySpan<byte> seed, Span<byte> publicKey, Span<byte> expanded)
    {
        Secp256k1.Require(seed, SeedSize, "Ed25519 seed");
        Sodium.crypto_sign_seed_keypair(publicKey, expanded, seed);
    }
}
