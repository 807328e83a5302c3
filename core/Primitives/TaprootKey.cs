using KmsCloud.Errors;
using static KmsCloud.Primitives.Native.LibSecp256k1;

namespace KmsCloud.Primitives;

/// <summary>
/// The output key that belongs to a public key: tweaked with the hash of its own x, so that nothing but a signature
/// spends the output (BIP-341, "Constructing and spending Taproot outputs"; BIP-86).
/// </summary>
public sealed class TaprootKey
{
    private readonly byte[] tweak = new byte[Secp256k1.SecretKeySize];
    private readonly byte[] native = new byte[Schnorr.OpaqueSize];
    private readonly byte[] bytes = new byte[Schnorr.PublicKeySize];

    /// <param name="nativePoint">The public key in libsecp256k1's own form.</param>
    /// <exception cref="KmsException">The sum is no key (chance below 2^-127).</exception>
    internal TaprootKey(ReadOnlySpan<byte> nativePoint)
    {
        Span<byte> x = stackalloc byte[Schnorr.OpaqueSize];
        Span<byte> sum = stackalloc byte[Schnorr.OpaqueSize];
        Secp256k1.Check(secp256k1_xonly_pubkey_from_pubkey(Context, x, out _, nativePoint), "the key has no x");
        secp256k1_xonly_pubkey_serialize(Context, bytes, x);
        Digests.Tagged("TapTweak"u8, bytes).CopyTo(tweak, 0);
        Secp256k1.Check(secp256k1_xonly_pubkey_tweak_add(Context, sum, x, tweak), "the tweaked key is zero");
        Secp256k1.Check(secp256k1_xonly_pubkey_from_pubkey(Context, native, out _, sum), "the tweaked key has no x");
        secp256k1_xonly_pubkey_serialize(Context, bytes, native);
    }

    /// <summary>The x of the output key, 32 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>What is added to the secret key whose y is even.</summary>
    internal ReadOnlySpan<byte> Tweak => tweak;

    /// <summary>Signs with the secret key, tweaked for the moment, and verifies with the output key.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> digest) =>
        Schnorr.Sign(secretKey, tweak, digest, native);
}
