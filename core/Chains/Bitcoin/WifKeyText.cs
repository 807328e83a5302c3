using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// Private keys in wallet import format: Base58Check of version, key and, for a compressed public key, 01.
/// </summary>
/// <param name="coin">Whose versions to use.</param>
internal sealed class WifKeyText(BitcoinCoin coin) : IKeyText
{
    private const int LongestText = 52;
    private const int HexDigits = 64;

    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network)
    {
        if (text.Length == HexDigits && !coin.Cash) // the original's BCH library takes no hex
        {
            return Secp256k1Keys.FromSecret(SecretHex.Read(text, Secp256k1.SecretKeySize, "the private key"));
        }

        if (text.Length > LongestText)
        {
            throw KmsException.Refused("the private key is too long for wallet import format");
        }

        Span<char> characters = stackalloc char[text.Length];
        Encoding.Latin1.GetChars(text, characters);
        var payload = Base58.TryDecodeCheck(characters) ?? [];
        characters.Clear();
        try
        {
            return Read(payload, coin.Text(network).Wif);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload);
        }
    }

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network)
    {
        Span<byte> payload = stackalloc byte[Secp256k1.SecretKeySize + 2];
        Span<byte> text = stackalloc byte[Base58.MaxText(payload.Length + 4)];
        payload[0] = coin.Text(network).Wif;
        key.Export.Span.CopyTo(payload[1..]);
        payload[^1] = 1;
        var compressed = key.PublicKey.Bytes.Length == Secp256k1.CompressedSize;
        var length = Base58.EncodeCheck(compressed ? payload : payload[..^1], text);
        CryptographicOperations.ZeroMemory(payload);
        return SecretBytes.Take(text[..length]);
    }

    private static SoftwareKey Read(ReadOnlySpan<byte> payload, byte version)
    {
        var compressed = payload.Length == Secp256k1.SecretKeySize + 2 && payload[^1] == 1;
        if (!compressed && payload.Length != Secp256k1.SecretKeySize + 1)
        {
            throw KmsException.Refused(
                "the private key is not in wallet import format", "check for a missing or mistyped character");
        }

        return payload[0] == version
            ? Secp256k1Keys.FromSecret(SecretBytes.Copy(payload.Slice(1, Secp256k1.SecretKeySize)), compressed)
            : throw KmsException.Refused("the private key belongs to another network or another coin");
    }
}
