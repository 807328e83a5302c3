using System.Security.Cryptography;
using KmsCloud.Errors;
using static KmsCloud.Primitives.Native.LibSecp256k1;

namespace KmsCloud.Primitives;

/// <summary>
/// Schnorr signatures of Bitcoin (BIP-340) by libsecp256k1. The nonce follows from key and digest alone, with auxiliary
/// randomness of zero, so that a transaction signed again has the same bytes. Signatures are 64 bytes, digests 32,
/// public keys an x of 32.
/// </summary>
internal static class Schnorr
{
    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = 64;

    /// <summary>Bytes of a public key: x alone, of the point whose y is even.</summary>
    public const int PublicKeySize = 32;

    internal const int OpaqueSize = 64;
    private const int OpaquePairSize = 96;

    /// <summary>
    /// Signs a digest with a key, to which a tweak is added first (BIP-341) unless it is empty, and verifies with the
    /// public key of the sum.
    /// </summary>
    internal static byte[] Sign(
        ReadOnlySpan<byte> secretKey,
        ReadOnlySpan<byte> tweak,
        ReadOnlySpan<byte> digest,
        ReadOnlySpan<byte> nativePublicKey)
    {
        Secp256k1.Require(secretKey, Secp256k1.SecretKeySize, "secret key");
        Secp256k1.Require(digest, Secp256k1.DigestSize, "digest");
        Span<byte> pair = stackalloc byte[OpaquePairSize]; // holds the secret key
        var signature = new byte[SignatureSize];
        try
        {
            Secp256k1.Check(
                secp256k1_keypair_create(Context, pair, secretKey),
                "the secret key is zero or not below the group order");
            if (!tweak.IsEmpty)
            {
                Secp256k1.Require(tweak, Secp256k1.SecretKeySize, "tweak");
                Secp256k1.Check(secp256k1_keypair_xonly_tweak_add(Context, pair, tweak), "the tweaked key is zero");
            }

            Secp256k1.Check(
                secp256k1_schnorrsig_sign32(Context, signature, digest, pair, auxiliary: 0), "signing failed");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pair);
        }

        if (secp256k1_schnorrsig_verify(Context, signature, digest, Secp256k1.DigestSize, nativePublicKey) != 1)
        {
            // a fault during signing can leak the key through the bad signature, so it never leaves this method
            CryptographicOperations.ZeroMemory(signature);
            throw new KmsException(
                Failure.Internal,
                "a fresh signature did not verify and was destroyed",
                "check this machine's memory and processor");
        }

        return signature;
    }

    /// <summary>Signs a digest with a key as it is.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> digest)
    {
        Span<byte> native = stackalloc byte[OpaqueSize];
        Secp256k1.Check(
            secp256k1_xonly_pubkey_from_pubkey(Context, native, out _, Secp256k1.NativePoint(Secp256k1.PublicKey(secretKey))), "the key has no x");
        return Sign(secretKey, [], digest, native);
    }

    /// <summary>Whether a signature is valid. Malformed keys and signatures are invalid, not errors.</summary>
    public static bool IsValid(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        Span<byte> native = stackalloc byte[OpaqueSize];
        return publicKey.Length == PublicKeySize && digest.Length == Secp256k1.DigestSize && signature.Length == SignatureSize
            && secp256k1_xonly_pubkey_parse(Context, native, publicKey) == 1
            && secp256k1_schnorrsig_verify(Context, signature, digest, Secp256k1.DigestSize, native) == 1;
    }
}
