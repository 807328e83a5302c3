using System.Numerics;
using System.Security.Cryptography;
using KmsCloud.Errors;
using static KmsCloud.Primitives.Native.LibSecp256k1;

namespace KmsCloud.Primitives;

/// <summary>
/// Schnorr signatures of Bitcoin Cash on secp256k1 (specification 2019-05-15-schnorr), which are not BIP-340's: plain
/// SHA-256, whole public keys, and a nonce point whose y is a square. Signatures are 64 bytes r ‖ s, digests 32 bytes.
/// </summary>
public static unsafe class BchSchnorr
{
    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = 64;

    private const int OpaqueSize = 64;
    private const int ScalarSize = 32;
    private static readonly BigInteger Field = BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;
    private static readonly BigInteger Order = Number(
        Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));

    /// <summary>Names the scheme to RFC 6979, so that ECDSA with the same key and digest takes another nonce.</summary>
    private static ReadOnlySpan<byte> Algorithm => "Schnorr+SHA256  "u8;

    /// <summary>Signs a digest with the deterministic nonce that nodes and libauth use, and verifies.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> digest)
    {
        Secp256k1.Require(digest, Secp256k1.DigestSize, "digest");
        var publicKey = Secp256k1.PublicKey(secretKey);
        Span<byte> nonce = stackalloc byte[ScalarSize];
        Span<byte> product = stackalloc byte[ScalarSize];
        var signature = new byte[SignatureSize];
        try
        {
            ReadOnlySpan<byte> point = NoncePoint(secretKey, digest, nonce);
            point.Slice(1, ScalarSize).CopyTo(signature);
            if (!IsSquare(Number(point[(1 + ScalarSize)..])))
            {
                Secp256k1.Check(secp256k1_ec_seckey_negate(Context, nonce), "signing failed");
            }

            secretKey.CopyTo(product);
            Secp256k1.Check(
                secp256k1_ec_seckey_tweak_mul(Context, product, Challenge(signature, publicKey, digest)),
                "signing failed");
            Secp256k1.Check(secp256k1_ec_seckey_tweak_add(Context, product, nonce), "signing failed"); // s = k + e·x
            product.CopyTo(signature.AsSpan(ScalarSize));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(nonce);
            CryptographicOperations.ZeroMemory(product);
        }

        if (!IsValid(publicKey, digest, signature))
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

    /// <summary>Whether a signature is valid. Malformed keys and signatures are invalid, not errors.</summary>
    public static bool IsValid(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (digest.Length != Secp256k1.DigestSize || signature.Length != SignatureSize || !Secp256k1.IsPublicKey(publicKey)
            || Number(signature[..ScalarSize]) >= Field || Number(signature[ScalarSize..]) >= Order)
        {
            return false;
        }

        var challenge = Challenge(signature, Secp256k1.Convert(publicKey, compressed: true), digest);
        return TryNoncePoint(publicKey, challenge, signature[ScalarSize..], out var point)
            && point.AsSpan(1, ScalarSize).SequenceEqual(signature[..ScalarSize])
            && IsSquare(Number(point.AsSpan(1 + ScalarSize)));
    }

    /// <summary>k by RFC 6979 and kG, uncompressed.</summary>
    private static byte[] NoncePoint(ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> digest, Span<byte> nonce)
    {
        for (var attempt = 0u; ; attempt++)
        {
            fixed (byte* output = nonce, message = digest, key = secretKey, algorithm = Algorithm)
            {
                Secp256k1.Check(NonceRfc6979(output, message, key, algorithm, null, attempt), "signing failed");
            }

            if (Secp256k1.IsSecretKey(nonce)) // all but sure: zero or ≥ n has a chance below 2^-127
            {
                return Secp256k1.PublicKey(nonce, compressed: false);
            }
        }
    }

    /// <summary>R' = sG - eP, uncompressed; false at infinity. Public numbers only.</summary>
    private static bool TryNoncePoint(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> s, out byte[] point)
    {
        Span<byte> left = stackalloc byte[OpaqueSize];
        Span<byte> right = stackalloc byte[OpaqueSize];
        Span<byte> sum = stackalloc byte[OpaqueSize];
        Secp256k1.Parse(right, publicKey);
        var hasLeft = secp256k1_ec_pubkey_create(Context, left, s) == 1; // not for s = 0
        var hasRight = secp256k1_ec_pubkey_tweak_mul(Context, right, challenge) == 1 && secp256k1_ec_pubkey_negate(Context, right) == 1; // not for e = 0
        var found = hasLeft || hasRight;
        fixed (byte* first = left, second = right)
        {
            var points = stackalloc byte*[] { hasLeft ? first : second, second };
            found = found && secp256k1_ec_pubkey_combine(Context, sum, points, hasLeft && hasRight ? 2u : 1u) == 1;
        }

        point = found ? Secp256k1.Serialize(sum, compressed: false) : [];
        return found;
    }

    /// <summary>e = SHA-256(r ‖ P ‖ digest) mod n.</summary>
    private static byte[] Challenge(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> compressedKey, ReadOnlySpan<byte> digest)
    {
        var hash = SHA256.HashData([.. signature[..ScalarSize], .. compressedKey, .. digest]);
        var reduced = (Number(hash) % Order).ToByteArray(isUnsigned: true, isBigEndian: true);
        var challenge = new byte[ScalarSize];
        reduced.CopyTo(challenge.AsSpan(ScalarSize - reduced.Length));
        return challenge;
    }

    /// <summary>
    /// Euler's criterion. The point is public: its x is half of the signature, and y follows from x but for the sign.
    /// </summary>
    private static bool IsSquare(BigInteger y) => BigInteger.ModPow(y, (Field - 1) / 2, Field).IsOne;

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
