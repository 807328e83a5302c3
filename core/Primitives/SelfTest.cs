using System.Security.Cryptography;
using KmsCloud.Errors;

namespace KmsCloud.Primitives;

/// <summary>
/// Power-on self-test: one known answer for each primitive, from its standard. A machine or library that computes
/// differently must not touch keys.
/// </summary>
public static class SelfTest
{
    private static readonly (string Name, Func<bool> Passes)[] Checks =
    [
        ("SHA-256 (FIPS 180-4)", () => Is(SHA256.HashData("abc"u8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
        ("SHA-512/256 (FIPS 180-4)", () => Is(Sha512Truncated.Hash("abc"u8), "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")),
        ("Keccak-256", () => Is(Keccak256.Hash("abc"u8), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")),
        ("SHA3-256 (FIPS 202)", () => Is(Keccak256.Sha3("abc"u8), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")),
        ("RIPEMD-160", () => Is(Ripemd160.Hash("abc"u8), "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")),
        ("BLAKE2b (RFC 7693)", () => Is(Blake2b.Hash("abc"u8, 64).AsSpan(0, 16), "ba80a53f981c4d0d6a2797b69f12f6e9")),
        ("HKDF-SHA256 (RFC 5869)", Hkdf),
        ("AES-256-GCM (NIST GCM, case 14)", AesGcm),
        ("Argon2id (libsodium)", Argon2),
        ("ECDSA secp256k1 (RFC 6979)", Ecdsa),
        ("Schnorr secp256k1 (BIP-340)", SchnorrSignature),
        ("Ed25519 (RFC 8032)", Ed),
    ];

    /// <summary>Runs every check; a few milliseconds.</summary>
    /// <exception cref="KmsException"><see cref="Failure.Internal"/>: one of them failed.</exception>
    public static void Run()
    {
        foreach (var (name, passes) in Checks)
        {
            if (!passes())
            {
                throw new KmsException(
                    Failure.Internal,
                    $"the power-on self-test of {name} failed",
                    "do not use this machine for keys; check its libraries, memory and processor");
            }
        }
    }

    private static bool Is(ReadOnlySpan<byte> actual, string expected) => Convert.ToHexStringLower(actual) == expected;

    private static bool Hkdf() => Is(
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Convert.FromHexString("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
            42,
            Convert.FromHexString("000102030405060708090a0b0c"),
            Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9")),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

    private static bool AesGcm()
    {
        var box = Convert.FromHexString(
            "000000000000000000000000" + "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919");
        using var plaintext = AesGcmBox.Open(new byte[32], box, []);
        box[^1] ^= 1;
        using var forged = AesGcmBox.Open(new byte[32], box, []);
        return plaintext is not null && forged is null && Is(plaintext.Span, "00000000000000000000000000000000");
    }

    private static bool Argon2()
    {
        using var key = Argon2id.DeriveKey("password"u8, "somesaltsomesalt"u8, 1, 8192, 32);
        return Is(key.Span, "05b6ca8f8038b683887ad4916533858b49cb52040126c134f4c6e9d8711b8c09");
    }

    private static bool Ecdsa()
    {
        // RFC 6979's own curves lack secp256k1; this is the usual vector for it: key 1, SHA-256("Satoshi Nakamoto")
        Span<byte> key = stackalloc byte[32];
        key[31] = 1;
        var digest = SHA256.HashData("Satoshi Nakamoto"u8);
        var signature = Secp256k1.Sign(key, digest);
        var good = Is(signature, "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
        signature[5] ^= 1;
        return good && !Secp256k1.IsValid(Secp256k1.PublicKey(key), digest, signature);
    }

    private static bool SchnorrSignature()
    {
        Span<byte> key = stackalloc byte[32];
        key[31] = 3;
        var digest = new byte[32];
        var signature = Schnorr.Sign(key, digest);
        var good = Is(signature, "e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca821525f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0");
        signature[5] ^= 1;
        return good && !Schnorr.IsValid(Secp256k1.PublicKey(key).AsSpan(1), digest, signature);
    }

    private static bool Ed()
    {
        var seed = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        var publicKey = Ed25519.PublicKey(seed);
        var signature = Ed25519.Sign(seed, []);
        var good = Is(publicKey, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
            && Is(signature, "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        return good && !Ed25519.IsValid(publicKey, "x"u8, signature);
    }
}
