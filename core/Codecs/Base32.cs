using System.Security.Cryptography;

namespace KmsCloud.Codecs;

/// <summary>
/// Base32 (RFC 4648 section 6), upper case, without padding. Unused bits must be zero. Buffers are wiped, so keys may
/// pass.
/// </summary>
public static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Text of bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> data)
    {
        var values = Bech32.ToFiveBits(data);
        var text = string.Create(values.Length, values, static (characters, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                characters[i] = Alphabet[from[i]];
            }
        });
        CryptographicOperations.ZeroMemory(values);
        return text;
    }

    /// <summary>Text of bytes as ASCII into a buffer, for secrets; returns the length.</summary>
    public static int Encode(ReadOnlySpan<byte> data, Span<byte> ascii)
    {
        var values = Bech32.ToFiveBits(data);
        for (var i = 0; i < values.Length; i++)
        {
            ascii[i] = (byte)Alphabet[values[i]];
        }

        CryptographicOperations.ZeroMemory(values);
        return values.Length;
    }

    /// <summary>
    /// Bytes of text, or null when a character is foreign, the length impossible, or an unused bit set.
    /// </summary>
    public static byte[]? TryDecode(ReadOnlySpan<char> text)
    {
        Span<byte> values = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var value = Alphabet.IndexOf(text[i], StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }

            values[i] = (byte)value;
        }

        var data = Bech32.TryToBytes(values);
        CryptographicOperations.ZeroMemory(values);
        return data;
    }
}
