using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KmsCloud.Primitives;

namespace KmsCloud.Codecs;

/// <summary>
/// Base58 with the Bitcoin alphabet, and Base58Check: four bytes of double SHA-256 behind. Buffers are wiped, so keys
/// may pass.
/// </summary>
public static class Base58
{
    /// <summary>The Bitcoin alphabet.</summary>
    public const string Bitcoin = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>The XRP Ledger alphabet.</summary>
    public const string Ripple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

    private const int MaxLength = 1024; // the algorithm is quadratic
    private const int GroupDigits = 5;
    private const uint GroupSize = 58 * 58 * 58 * 58 * 58; // the most digits that a word of 32 bits holds

    /// <summary>Base58 text of bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> data, string alphabet = Bitcoin)
    {
        Span<byte> ascii = new byte[MaxText(data.Length)];
        var length = Encode(data, ascii, alphabet);
        var text = System.Text.Encoding.ASCII.GetString(ascii[..length]);
        CryptographicOperations.ZeroMemory(ascii);
        return text;
    }

    /// <summary>
    /// Base58 as ASCII into a buffer of at least <see cref="MaxText"/> bytes; returns the length. For secrets.
    /// </summary>
    public static int Encode(ReadOnlySpan<byte> data, Span<byte> ascii, string alphabet = Bitcoin)
    {
        var zeros = data.IndexOfAnyExcept((byte)0) is var first and >= 0 ? first : data.Length;
        Span<uint> groups = new uint[(MaxText(data.Length) / GroupDigits) + 1]; // of five digits, the lowest first
        var used = 0;
        for (var rest = data[zeros..]; !rest.IsEmpty;)
        {
            var size = rest.Length % sizeof(uint) is var odd and > 0 ? odd : sizeof(uint);
            ulong carry = 0;
            foreach (var value in rest[..size])
            {
                carry = (carry << 8) | value;
            }

            for (var i = 0; i < used || carry > 0; i++)
            {
                carry += (ulong)groups[i] << (8 * size);
                (carry, var group) = Math.DivRem(carry, GroupSize);
                groups[i] = (uint)group;
                used = Math.Max(used, i + 1);
            }

            rest = rest[size..];
        }

        ascii[..zeros].Fill((byte)alphabet[0]);
        var end = zeros;
        for (var i = used - 1; i >= 0; i--)
        {
            var digits = i == used - 1 ? DigitsOf(groups[i]) : GroupDigits;
            for (var (digit, group) = (digits - 1, groups[i]); digit >= 0; digit--, group /= 58)
            {
                ascii[end + digit] = (byte)alphabet[(int)(group % 58)];
            }

            end += digits;
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(groups));
        return end;
    }

    /// <summary>Room that the text of <paramref name="bytes"/> bytes needs.</summary>
    public static int MaxText(int bytes) => (bytes * 138 / 100) + 1;

    /// <summary>
    /// Bytes of Base58 text, or null when a character is foreign or the text is over 1,024 characters.
    /// </summary>
    public static byte[]? TryDecode(ReadOnlySpan<char> text, string alphabet = Bitcoin)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        // the lowest first; five digits are less than a word
        Span<uint> words = new uint[(text.Length / GroupDigits) + 1];
        var used = 0;
        for (var rest = text; !rest.IsEmpty;)
        {
            var size = rest.Length % GroupDigits is var odd and > 0 ? odd : GroupDigits;
            ulong carry = 0;
            uint factor = 1;
            foreach (var character in rest[..size])
            {
                var digit = alphabet.IndexOf(character, StringComparison.Ordinal);
                if (digit < 0)
                {
                    CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
                    return null;
                }

                (carry, factor) = ((carry * 58) + (uint)digit, factor * 58);
            }

            for (var i = 0; i < used || carry > 0; i++)
            {
                carry += (ulong)words[i] * factor;
                (words[i], carry) = ((uint)(carry & uint.MaxValue), carry >> 32);
                used = Math.Max(used, i + 1);
            }

            rest = rest[size..];
        }

        var zeros = text.IndexOfAnyExcept(alphabet[0]) is var first and >= 0 ? first : text.Length;
        var lead = used == 0 ? 0 : (BitOperations.LeadingZeroCount(words[used - 1]) / 8);
        var result = new byte[zeros + (used * sizeof(uint)) - lead];
        for (var at = zeros; at < result.Length; at++)
        {
            var place = result.Length - 1 - at;
            result[at] = (byte)((words[place / sizeof(uint)] >> (8 * (place % sizeof(uint)))) & 0xff);
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
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

        var payload = Digests.Sha256d(data.AsSpan(..^4)).AsSpan(0, 4).SequenceEqual(data.AsSpan(^4..))
            ? data[..^4]
            : null;
        CryptographicOperations.ZeroMemory(data);
        return payload;
    }

    private static int DigitsOf(uint group)
    {
        var digits = 1;
        for (var rest = group / 58; rest > 0; rest /= 58)
        {
            digits++;
        }

        return digits;
    }

    private static void AppendChecksum(ReadOnlySpan<byte> payload, Span<byte> data)
    {
        payload.CopyTo(data);
        Digests.Sha256d(payload).AsSpan(0, 4).CopyTo(data[payload.Length..]);
    }
}
