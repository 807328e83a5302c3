using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>secp256k1 keys as 64 hex digits, any letter case, an optional 0x in front.</summary>
/// <param name="prefix">What to write in front: "0x" or nothing.</param>
/// <param name="shortest">Fewest digits accepted; Flow's original drops leading zeros.</param>
internal sealed class HexKeyText(string prefix, int shortest = 64) : IKeyText
{
    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network)
    {
        var digits = text.StartsWith("0x"u8) || text.StartsWith("0X"u8) ? text[2..] : text;
        return digits.Length < shortest || digits.Length > 64 || digits.IsEmpty
            ? throw KmsException.Refused("the private key is not 64 hexadecimal digits")
            : Secp256k1Keys.FromSecret(SecretHex.Read(digits, Secp256k1.SecretKeySize, "the private key"));
    }

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network) => SecretHex.Write(prefix, key.Export.Span);
}

/// <summary>Hex of secrets, without a string.</summary>
internal static class SecretHex
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Bytes of hex digits, right-aligned in <paramref name="size"/> bytes.</summary>
    public static SecretBytes Read(ReadOnlySpan<byte> digits, int size, string what)
    {
        Span<byte> padded = stackalloc byte[256];
        padded = padded[..(size * 2)];
        if (digits.Length > padded.Length || digits.ContainsAnyExcept(Digits))
        {
            throw KmsException.Refused($"{what} is not {padded.Length} hexadecimal digits");
        }

        padded.Fill((byte)'0');
        digits.CopyTo(padded[^digits.Length..]);
        var secret = new SecretBytes(size);
        Convert.FromHexString(padded, secret.Span, out _, out _);
        CryptographicOperations.ZeroMemory(padded);
        return secret;
    }

    /// <summary>A prefix and lower-case digits.</summary>
    public static SecretBytes Write(string prefix, ReadOnlySpan<byte> secret)
    {
        var text = new SecretBytes(prefix.Length + (secret.Length * 2));
        Encoding.ASCII.GetBytes(prefix, text.Span);
        Convert.TryToHexStringLower(secret, text.Span[prefix.Length..], out _);
        return text;
    }
}
