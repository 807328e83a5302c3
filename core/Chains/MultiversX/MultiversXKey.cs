using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.MultiversX;

/// <summary>MultiversX's keys, 64 hexadecimal digits of seed, and its Bech32 addresses "erd1…".</summary>
internal sealed class MultiversXKey : IKeyText
{
    private const string Prefix = "erd";

    /// <summary>The address of a public key, the same on every network.</summary>
    public static string Address(ReadOnlySpan<byte> publicKey) => Bech32.EncodeBytes(Prefix, publicKey);

    /// <summary>The public key of an address, or null when it is none.</summary>
    public static byte[]? TryReadAddress(string address) =>
        Bech32.TryDecodeBytes(address, Prefix) is { Length: 32 } key ? key : null;

    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network) => text.Length == 2 * Ed25519.SeedSize
        ? Ed25519Keys.FromSeed(SecretHex.Read(text, Ed25519.SeedSize, "the private key"))
        : throw KmsException.Refused("the private key is not 64 hexadecimal digits");

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network) => SecretHex.Write("", key.Export.Span);
}
