using System.Buffers.Binary;
using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.Xrp;

/// <summary>
/// XRP Ledger seeds ("s…" secp256k1, "sEd…" Ed25519; xrpl.org, "Cryptographic Keys"). The <see cref="SoftwareKey"/>
/// keeps the 16-byte seed, from which the private key is derived for each signature; the public key's 0xED tells the
/// algorithm.
/// </summary>
internal sealed class XrpSeed : IKeyText
{
    private const int SeedSize = 16;
    private const byte Ed25519Mark = 0xed;

    private static ReadOnlySpan<byte> Secp256k1Version => [0x21];

    private static ReadOnlySpan<byte> Ed25519Version => [0x01, 0xe1, 0x4b];

    /// <summary>A random Ed25519 seed, as the wallets of tatum-kms have.</summary>
    public static SoftwareKey Generate() => Key(SecretBytes.Random(SeedSize), isEd25519: true);

    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network)
    {
        using var payload = SecretText.TryDecode(text, characters => Base58.TryDecodeCheck(characters, Base58.Ripple));
        if (payload is not null)
        {
            foreach (var isEd25519 in (ReadOnlySpan<bool>)[false, true])
            {
                var version = Version(isEd25519);
                if (payload.Length == version.Length + SeedSize && payload.Span.StartsWith(version))
                {
                    return Key(SecretBytes.Copy(payload.Span[version.Length..]), isEd25519);
                }
            }
        }

        throw KmsException.Refused(
            "the secret is no XRP Ledger seed: it starts with 's' and ends in a checksum",
            "check for a missing or mistyped character");
    }

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network)
    {
        Span<byte> payload = stackalloc byte[3 + SeedSize];
        Span<byte> text = stackalloc byte[64];
        var version = Version(IsEd25519(key.PublicKey.Bytes));
        payload = payload[..(version.Length + SeedSize)];
        version.CopyTo(payload);
        key.ExportSeed!.Span.CopyTo(payload[version.Length..]);
        var length = Base58.EncodeCheck(payload, text, Base58.Ripple);
        CryptographicOperations.ZeroMemory(payload);
        return SecretBytes.Take(text[..length]);
    }

    /// <summary>
    /// The signature over a message: DER of ECDSA over the half SHA-512, or Ed25519 over the message itself.
    /// </summary>
    public static byte[] Sign(ISigningKey key, ReadOnlySpan<byte> message) => IsEd25519(key.PublicKey.Bytes)
        ? key.SignEd25519(message)
        : Secp256k1.ToDer(key.SignEcdsa(HalfSha512(message)));

    /// <summary>First half of SHA-512: the ledger's hash.</summary>
    public static byte[] HalfSha512(ReadOnlySpan<byte> data) => SHA512.HashData(data)[..32];

    private static bool IsEd25519(ReadOnlySpan<byte> publicKey) => publicKey[0] == Ed25519Mark;

    private static ReadOnlySpan<byte> Version(bool isEd25519) => isEd25519 ? Ed25519Version : Secp256k1Version;

    private static SoftwareKey Key(SecretBytes seed, bool isEd25519)
    {
        var privateKey = PrivateKey(seed.Span, isEd25519);
        return new(
            privateKey,
            isEd25519 ? [Ed25519Mark, .. Ed25519.PublicKey(privateKey.Span)] : Secp256k1.PublicKey(privateKey.Span),
            seed);
    }

    private static SecretBytes PrivateKey(ReadOnlySpan<byte> seed, bool isEd25519)
    {
        var privateKey = new SecretBytes(Secp256k1.SecretKeySize);
        if (isEd25519)
        {
            HalfSha512(seed, privateKey.Span);
            return privateKey;
        }

        // "Key Derivation", secp256k1: the account key is the root key plus a key made from the root's public key
        Span<byte> intermediate = stackalloc byte[Secp256k1.SecretKeySize];
        FirstScalar(seed, privateKey.Span);
        FirstScalar([.. Secp256k1.PublicKey(privateKey.Span), 0, 0, 0, 0], intermediate);
        var isKey = Secp256k1.TryAdd(privateKey.Span, intermediate);
        CryptographicOperations.ZeroMemory(intermediate);
        if (isKey)
        {
            return privateKey;
        }

        privateKey.Dispose();
        throw KmsException.Refused("the seed gives no valid key"); // chance below 2^-127
    }

    private static void FirstScalar(ReadOnlySpan<byte> prefix, Span<byte> scalar)
    {
        Span<byte> input = stackalloc byte[prefix.Length + 4];
        prefix.CopyTo(input);
        for (var counter = 0u; counter == 0 || !Secp256k1.IsSecretKey(scalar); counter++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(input[prefix.Length..], counter);
            HalfSha512(input, scalar);
        }

        CryptographicOperations.ZeroMemory(input);
    }

    private static void HalfSha512(ReadOnlySpan<byte> secret, Span<byte> half)
    {
        Span<byte> hash = stackalloc byte[64];
        SHA512.HashData(secret, hash);
        hash[..32].CopyTo(half);
        CryptographicOperations.ZeroMemory(hash);
    }
}
