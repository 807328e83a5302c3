using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Contracts;

/// <summary>How a chain of the family writes and reads its 20-byte addresses.</summary>
/// <param name="HexPrefix">What stands before the hex digits when the chain writes an address.</param>
/// <param name="Bech32Prefix">Prefix of a Bech32 form that is read too (Harmony), or null.</param>
internal sealed record AddressForm(string HexPrefix, string? Bech32Prefix = null)
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 20;

    /// <summary>Ethereum's own.</summary>
    public static AddressForm Ethereum { get; } = new("0x");

    /// <summary>XDC: xdc in place of 0x.</summary>
    public static AddressForm Xdc { get; } = new("xdc");

    /// <summary>Harmony: written as Ethereum's, read as one1… too.</summary>
    public static AddressForm Harmony { get; } = new("0x", "one");

    /// <summary>
    /// The address of a public key: the last 20 bytes of Keccak-256 of the point (Yellow Paper, appendix F).
    /// </summary>
    public static byte[] Of(PublicKey key) => Keccak256.Hash(key.Uncompressed[1..])[12..];

    /// <summary>The same of a public key in either form.</summary>
    public static byte[] Of(ReadOnlySpan<byte> publicKey) =>
        Keccak256.Hash(Secp256k1.Convert(publicKey, compressed: false).AsSpan(1))[12..];

    /// <summary>The address in the mixed case of EIP-55, behind 0x.</summary>
    public static string Checksummed(ReadOnlySpan<byte> address) => "0x" + Mixed(Hex.Lower(address));

    /// <summary>As wallets print it: lower case.</summary>
    public string Plain(ReadOnlySpan<byte> address) => HexPrefix + Hex.Lower(address);

    /// <summary>As summaries show it: with the checksum of EIP-55 where the chain writes 0x.</summary>
    public string Human(ReadOnlySpan<byte> address) => HexPrefix == "0x" ? Checksummed(address) : Plain(address);

    /// <summary>
    /// The 20 bytes of a text: 40 hex digits in one case or with the right EIP-55 checksum, 0x or the chain's prefix,
    /// in either case, being optional, or the chain's Bech32 form. Names and ICAP are refused.
    /// </summary>
    public byte[] Read(string text, string what)
    {
        if (Bech32Prefix is not null && text.StartsWith(Bech32Prefix + "1", StringComparison.OrdinalIgnoreCase))
        {
            return Bech32.TryDecodeBytes(text, Bech32Prefix) is { Length: Size } decoded
                ? decoded
                : throw KmsException.Refused($"{what} is not a {Bech32Prefix}1… address, or its checksum is wrong");
        }

        var digits = WithoutPrefix(text);
        if (digits.Length != Size * 2 || !digits.All(char.IsAsciiHexDigit))
        {
            throw KmsException.Refused($"{what} is not an address of {Size * 2} hexadecimal digits");
        }

        return digits.Any(char.IsAsciiLetterLower) && digits.Any(char.IsAsciiLetterUpper) && digits != Mixed(digits.ToLowerInvariant())
            ? throw KmsException.Refused($"the EIP-55 checksum of {what} is wrong", "check the address letter by letter against its source")
            : Convert.FromHexString(digits);
    }

    private string WithoutPrefix(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return text[2..];
        }

        return text.StartsWith(HexPrefix, StringComparison.OrdinalIgnoreCase) ? text[HexPrefix.Length..] : text;
    }

    /// <summary>EIP-55: a letter is upper case where the digit of the hash at its place is 8 or more.</summary>
    private static string Mixed(string lower)
    {
        Span<byte> ascii = stackalloc byte[Size * 2];
        System.Text.Encoding.ASCII.GetBytes(lower, ascii);
        return string.Create(lower.Length, (lower, Hash: Keccak256.Hash(ascii)), static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                var digit = (from.Hash[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xf;
                text[i] = digit >= 8 ? char.ToUpperInvariant(from.lower[i]) : from.lower[i];
            }
        });
    }
}
