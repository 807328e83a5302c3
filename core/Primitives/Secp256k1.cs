using System.Security.Cryptography;
using KmsCloud.Errors;
using static KmsCloud.Primitives.Native.LibSecp256k1;

namespace KmsCloud.Primitives;

/// <summary>
/// ECDSA on secp256k1 (SEC 1, SEC 2) by libsecp256k1: RFC 6979 nonces, low S (BIP-62, EIP-2), every signature verified
/// before it is returned. Signatures are 64 bytes r ‖ s, digests 32 bytes, secret keys 32 bytes big-endian in 1..n-1.
/// </summary>
public static class Secp256k1
{
    /// <summary>Bytes of a secret key.</summary>
    public const int SecretKeySize = 32;

    /// <summary>Bytes of a compressed public key.</summary>
    public const int CompressedSize = 33;

    /// <summary>Bytes of an uncompressed public key.</summary>
    public const int UncompressedSize = 65;

    /// <summary>Bytes of a signature, r ‖ s.</summary>
    public const int SignatureSize = 64;

    /// <summary>Bytes of a digest.</summary>
    public const int DigestSize = 32;

    private const int OpaqueSize = 64;
    private const int OpaqueRecoverableSize = 65;

    /// <summary>Whether 32 bytes are a secret key: 1 ≤ key &lt; n.</summary>
    public static bool IsSecretKey(ReadOnlySpan<byte> secretKey) =>
        secretKey.Length == SecretKeySize && secp256k1_ec_seckey_verify(Context, secretKey) == 1;

    /// <summary>The public key, 33 bytes compressed or 65 uncompressed (SEC 1, 2.3.3).</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> secretKey, bool compressed = true)
    {
        Require(secretKey, SecretKeySize, "secret key");
        Span<byte> point = stackalloc byte[OpaqueSize];
        Check(
            secp256k1_ec_pubkey_create(Context, point, secretKey),
            "the secret key is zero or not below the group order");
        return Serialize(point, compressed);
    }

    /// <summary>Whether bytes are a public key on the curve, in compressed, uncompressed or hybrid form.</summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> point = stackalloc byte[OpaqueSize];
        return !publicKey.IsEmpty && secp256k1_ec_pubkey_parse(Context, point, publicKey, (nuint)publicKey.Length) == 1;
    }

    /// <summary>The same public key in the other form.</summary>
    /// <exception cref="KmsException">The bytes are no public key.</exception>
    public static byte[] Convert(ReadOnlySpan<byte> publicKey, bool compressed)
    {
        Span<byte> point = stackalloc byte[OpaqueSize];
        Parse(point, publicKey);
        return Serialize(point, compressed);
    }

    /// <summary>Signs a digest: 64 bytes r ‖ s, low S.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> digest) =>
        SignRecoverable(secretKey, digest).Signature;

    /// <summary>Signs a digest: 64 bytes r ‖ s, low S, and the recovery id 0..3.</summary>
    public static (byte[] Signature, int RecoveryId) SignRecoverable(
        ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> digest)
    {
        Require(secretKey, SecretKeySize, "secret key");
        Span<byte> point = stackalloc byte[OpaqueSize];
        Check(
            secp256k1_ec_pubkey_create(Context, point, secretKey),
            "the secret key is zero or not below the group order");
        return SignRecoverable(secretKey, point, digest);
    }

    /// <summary>The same with the public key as libsecp256k1 holds it, which the signature is verified with.</summary>
    internal static (byte[] Signature, int RecoveryId) SignRecoverable(
        ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> nativePoint, ReadOnlySpan<byte> digest)
    {
        Require(secretKey, SecretKeySize, "secret key");
        Require(digest, DigestSize, "digest");
        Span<byte> opaque = stackalloc byte[OpaqueRecoverableSize];
        Check(secp256k1_ecdsa_sign_recoverable(Context, opaque, digest, secretKey, 0, 0), "signing failed");
        var signature = new byte[SignatureSize];
        secp256k1_ecdsa_recoverable_signature_serialize_compact(Context, signature, out var recoveryId, opaque);
        if (!Verify(nativePoint, digest, signature))
        {
            // a fault during signing can leak the key through the bad signature, so it never leaves this method
            CryptographicOperations.ZeroMemory(signature);
            throw new KmsException(
                Failure.Internal,
                "a fresh signature did not verify and was destroyed",
                "check this machine's memory and processor");
        }

        return (signature, recoveryId);
    }

    /// <summary>A public key in the form libsecp256k1 holds it in.</summary>
    internal static byte[] NativePoint(ReadOnlySpan<byte> publicKey)
    {
        var point = new byte[OpaqueSize];
        Parse(point, publicKey);
        return point;
    }

    /// <summary>
    /// Whether a signature is valid and has low S. Malformed keys and signatures are invalid, not errors.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        Span<byte> point = stackalloc byte[OpaqueSize];
        return digest.Length == DigestSize && signature.Length == SignatureSize && !publicKey.IsEmpty
            && secp256k1_ec_pubkey_parse(Context, point, publicKey, (nuint)publicKey.Length) == 1
            && Verify(point, digest, signature);
    }

    /// <summary>The uncompressed public key (65 bytes) that made a signature (SEC 1, 4.1.6).</summary>
    /// <exception cref="KmsException">No key made this signature.</exception>
    public static byte[] Recover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, int recoveryId)
    {
        Require(digest, DigestSize, "digest");
        Require(signature, SignatureSize, "signature");
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)recoveryId, 3u, nameof(recoveryId));
        Span<byte> opaque = stackalloc byte[OpaqueRecoverableSize];
        Span<byte> point = stackalloc byte[OpaqueSize];
        Check(
            secp256k1_ecdsa_recoverable_signature_parse_compact(Context, opaque, signature, recoveryId),
            "the signature has r or s out of range");
        Check(secp256k1_ecdsa_recover(Context, point, opaque, digest), "no public key made this signature");
        return Serialize(point, compressed: false);
    }

    /// <summary>Strict DER of a 64-byte signature (BIP-66).</summary>
    public static byte[] ToDer(ReadOnlySpan<byte> signature)
    {
        Require(signature, SignatureSize, "signature");
        Span<byte> opaque = stackalloc byte[OpaqueSize];
        Check(
            secp256k1_ecdsa_signature_parse_compact(Context, opaque, signature),
            "the signature has r or s out of range");
        Span<byte> der = stackalloc byte[72];
        var length = (nuint)der.Length;
        Check(
            secp256k1_ecdsa_signature_serialize_der(Context, der, ref length, opaque), "the signature has no DER form");
        return der[..(int)length].ToArray();
    }

    /// <summary>
    /// Reads strict DER (BIP-66): minimal integers, nothing trailing. High S is read as it stands; r or s of zero or ≥
    /// n is refused.
    /// </summary>
    public static bool TryFromDer(ReadOnlySpan<byte> der, out byte[] signature)
    {
        Span<byte> opaque = stackalloc byte[OpaqueSize];
        signature = new byte[SignatureSize];
        if (der.IsEmpty || secp256k1_ecdsa_signature_parse_der(Context, opaque, der, (nuint)der.Length) != 1)
        {
            return false;
        }

        secp256k1_ecdsa_signature_serialize_compact(Context, signature, opaque);
        Span<byte> strict = stackalloc byte[72];
        var length = (nuint)strict.Length;
        // libsecp256k1 reads out-of-range integers as zero, and re-encoding shows whatever was not minimal
        return signature.AsSpan(0, 32).ContainsAnyExcept((byte)0) && signature.AsSpan(32).ContainsAnyExcept((byte)0)
            && secp256k1_ecdsa_signature_serialize_der(Context, strict, ref length, opaque) == 1
            && der.SequenceEqual(strict[..(int)length]);
    }

    /// <summary>secret ← secret + tweak mod n, in place (BIP-32).</summary>
    /// <returns>False when the result is no key: the caller tries the next index.</returns>
    public static bool TryAdd(Span<byte> secretKey, ReadOnlySpan<byte> tweak)
    {
        Require(secretKey, SecretKeySize, "secret key");
        Require(tweak, SecretKeySize, "tweak");
        return secp256k1_ec_seckey_tweak_add(Context, secretKey, tweak) == 1;
    }

    /// <summary>Point + tweak·G as a compressed public key (BIP-32).</summary>
    /// <returns>False when the result is no key.</returns>
    public static bool TryAddPublic(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> tweak, out byte[] sum)
    {
        Require(tweak, SecretKeySize, "tweak");
        Span<byte> point = stackalloc byte[OpaqueSize];
        Parse(point, publicKey);
        var done = secp256k1_ec_pubkey_tweak_add(Context, point, tweak) == 1;
        sum = done ? Serialize(point, compressed: true) : [];
        return done;
    }

    internal static void Require(ReadOnlySpan<byte> value, int size, string what)
    {
        if (value.Length != size)
        {
            throw KmsException.Refused($"a {what} has {size} bytes, this one {value.Length}");
        }
    }

    internal static void Check(int result, string otherwise)
    {
        if (result != 1)
        {
            throw KmsException.Refused(otherwise);
        }
    }

    internal static void Parse(Span<byte> point, ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.IsEmpty || secp256k1_ec_pubkey_parse(Context, point, publicKey, (nuint)publicKey.Length) != 1)
        {
            throw KmsException.Refused("the public key is not a point of secp256k1");
        }
    }

    internal static byte[] Serialize(ReadOnlySpan<byte> point, bool compressed)
    {
        var output = new byte[compressed ? CompressedSize : UncompressedSize];
        var length = (nuint)output.Length;
        secp256k1_ec_pubkey_serialize(Context, output, ref length, point, compressed ? Compressed : Uncompressed);
        return output;
    }

    private static bool Verify(ReadOnlySpan<byte> point, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        Span<byte> opaque = stackalloc byte[OpaqueSize];
        return secp256k1_ecdsa_signature_parse_compact(Context, opaque, signature) == 1
            && secp256k1_ecdsa_verify(Context, opaque, digest, point) == 1; // refuses high S, zero r and zero s
    }
}
