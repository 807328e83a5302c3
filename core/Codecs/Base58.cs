using System.Security.Cryptography;
using KmsCloud.Primitives;

namespace KmsCloud.Codecs;

/// <summary>Base58 with the Bitcoin alphabet, and Base58Check: four bytes of double SHA-256 behind. Buffers are wiped, so keys may pass.</summary>
public static class Base58
{
    /// <summary>The Bitcoin alphabet.</summary>
    public const string Bitcoin = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>The XRP Ledger alphabet.</summary>
    public const string Ripple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

    private const int MaxLength = 1024; // the algorithm is quadratic

    /// <summary>Base58 text of bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> data, string alphabet = Bitcoin)
    {
        Span<byte> ascii = new byte[MaxText(data.Length)];
        var length = Encode(data, ascii, alphabet);
        var text = System.Text.Encoding.ASCII.GetString(ascii[..length]);
        CryptographicOperations.ZeroMemory(ascii);
        return text;
    }

    /// <summary>Base58 as ASCII into a buffer of at least <see cref="MaxText"/> bytes; returns the length. For secrets.</summary>
    public static int Encode(ReadOnlySpan<byte> data, Span<byte> ascii, string alphabet = Bitcoin)
    {
        var zeros = data.IndexOfAnyExcept((byte)0) is var first and >= 0 ? first : data.Length;
        Span<byte> digits = new byte[MaxText(data.Length)];
        var used = 0;
        foreach (var value in data[zeros..])
        {
            int carry = value;
            for (var i = 0; i < used || carry > 0; i++)
            {
                carry += digits[i] << 8;
                digits[i] = (byte)(carry % 58);
                carry /= 58;
                used = Math.Max(used, i + 1);
            }
        }

        ascii[..zeros].Fill((byte)alphabet[0]);
        for (var i = 0; i < used; i++)
        {
            ascii[zeros + i] = (byte)alphabet[digits[used - 1 - i]];
        }

        CryptographicOperations.ZeroMemory(digits);
        return zeros + used;
    }

    /// <summary>Room that the text of <paramref name="bytes"/> bytes needs.</summary>
    public static int MaxText(int bytes) => (bytes * 138 / 100) + 1;

    /// <summary>Bytes of Base58 text, or null when a character is foreign or the text is over 1,024 characters.</summary>
    public static byte[]? TryDecode(ReadOnlySpan<char> text, string alphabet = Bitcoin)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        Span<byte> bytes = new byte[text.Length]; // little-endian
        var used = 0;
        foreach (var character in text)
        {
            var carry = alphabet.IndexOf(character, StringComparison.Ordinal);
            if (carry < 0)
            {
                return null;
            }

            for (var i = 0; i < used || carry > 0; i++)
            {
                carry += bytes[i] * 58;
                bytes[i] = (byte)(carry & 0xff);
                carry >>= 8;
                used = Math.Max(used, i + 1);
            }
        }

        var zeros = text.IndexOfAnyExcept(alphabet[0]) is var first and >= 0 ? first : text.Length;
        var result = new byte[zeros + used];
        for (var i = 0; i < used; i++)
        {
            result[zeros + i] = bytes[used - 1 - i];
        }

        CryptographicOperations.ZeroMemory(bytes);
        return result;
    }

    /// <summary>Base58Check text of a payload (version bytes included).</summary>
    public static string EncodeCheck(ReadOnlySpan<byte> payload, string alphabet = Bitcoin)
    {
        Span<byte> data = new byte[payload.Length + 4];
        AppendChecksum(payload, data);
        var text = Encode(data, alphabet);
        CryptographicOperations.ZeroMemory(data);
        return text;
    }

    /// <summary>Base58Check as ASCII into a buffer; returns the length. For secrets.</summary>
    public static int EncodeCheck(ReadOnlySpan<byte> payload, Span<byte> ascii, string alphabet = Bitcoin)
    {
        Span<byte> data = new byte[payload.Length + 4];
        AppendChecksum(payload, data);
        var length = Encode(data, ascii, alphabet);
        CryptographicOperations.ZeroMemory(data);
        return length;
    }

    /// <summary>The payload of Base58Check text, or null when a character or the checksum is wrong.</summary>
    public static byte[]? TryDecodeCheck(ReadOnlySpan<char> text, string alphabet = Bitcoin)
    {
        var data = TryDecode(text, alphabet);
        if (data is null || data.Length < 4)
        {
            return null;
        }

        var payload = Digests.Sha256d(data.AsSpan(..^4)).AsSpan(0, 4).SequenceEqual(data.AsSpan(^4..)) ? data[..^4] : null;
        CryptographicOperations.ZeroMemory(data);
        return payload;
    }

    private static void AppendChecksum(ReadOnlySpan<byte> payload, Span<byte> data)
    {
        payload.CopyTo(data);
        Digests.Sha256d(payload).AsSpan(0, 4).CopyTo(data[payload.Length..]);
    }
}
