using System.Text;

namespace KmsCloud.Codecs;

/// <summary>
/// Bech32 (BIP-173) and Bech32m (BIP-350), the plain string form and the regrouping of bits. Segwit rules are the
/// caller's.
/// </summary>
public static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const uint Bech32Constant = 1;
    private const uint Bech32mConstant = 0x2bc830a3;

    private static ReadOnlySpan<uint> Generator => [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>Encodes bytes (regrouped to 5 bits, zero padded) under a human-readable prefix.</summary>
    public static string EncodeBytes(string prefix, ReadOnlySpan<byte> data, bool bech32m = false) =>
        Encode(prefix, ToFiveBits(data), bech32m);

    /// <summary>Encodes 5-bit values under a lower-case prefix.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> values, bool bech32m = false)
    {
        var text = new StringBuilder(prefix).Append('1');
        foreach (var value in values)
        {
            text.Append(Alphabet[value]);
        }

        var checksum = Polymod(prefix, values, 6) ^ (bech32m ? Bech32mConstant : Bech32Constant);
        for (var i = 0; i < 6; i++)
        {
            text.Append(Alphabet[(int)((checksum >> (5 * (5 - i))) & 31)]);
        }

        return text.ToString();
    }

    /// <summary>The bytes behind a prefix, or null when the text is not Bech32 under exactly that prefix.</summary>
    /// <param name="text">All lower or all upper case.</param>
    /// <param name="prefix">The expected prefix in lower case.</param>
    /// <param name="maxLength">Longest text accepted: 90 by BIP-173, more for Cardano and others.</param>
    public static byte[]? TryDecodeBytes(string text, string prefix, int maxLength = 90) =>
        TryDecode(text, maxLength) is { Bech32m: false } decoded && decoded.Prefix == prefix
            ? TryToBytes(decoded.Values)
            : null;

    /// <summary>Prefix, 5-bit values and variant of any Bech32 or Bech32m text, or null.</summary>
    public static (string Prefix, byte[] Values, bool Bech32m)? TryDecode(string text, int maxLength = 90)
    {
        var lower = text.ToLowerInvariant();
        var separator = text.LastIndexOf('1');
        if (text.Length > maxLength || separator < 1 || text.Length - separator - 1 < 6
            || (text.Any(char.IsAsciiLetterLower) && text.Any(char.IsAsciiLetterUpper)) || text.Any(character => character is < '!' or > '~'))
        {
            return null;
        }

        var prefix = lower[..separator];
        var values = new byte[lower.Length - separator - 1];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Alphabet.IndexOf(lower[separator + 1 + i], StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }

            values[i] = (byte)value;
        }

        return Polymod(prefix, values, 0) switch
        {
            Bech32Constant => (prefix, values[..^6], false),
            Bech32mConstant => (prefix, values[..^6], true),
            _ => null,
        };
    }

    /// <summary>8-bit to 5-bit groups, the last padded with zero bits.</summary>
    public static byte[] ToFiveBits(ReadOnlySpan<byte> data)
    {
        var values = new byte[((data.Length * 8) + 4) / 5];
        var (bits, count, next) = (0u, 0, 0);
        foreach (var value in data)
        {
            bits = ((bits << 8) | value) & 0xfff;
            for (count += 8; count >= 5;)
            {
                count -= 5;
                values[next++] = (byte)((bits >> count) & 31);
            }
        }

        if (count > 0)
        {
            values[next] = (byte)((bits << (5 - count)) & 31);
        }

        return values;
    }

    /// <summary>5-bit to 8-bit groups, or null when more than 4 bits are left over or one of them is set.</summary>
    public static byte[]? TryToBytes(ReadOnlySpan<byte> values)
    {
        var data = new byte[values.Length * 5 / 8];
        var (bits, count, next) = (0u, 0, 0);
        foreach (var value in values)
        {
            bits = ((bits << 5) | value) & 0xfff;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                data[next++] = (byte)((bits >> count) & 0xff);
            }
        }

        return count >= 5 || (bits & ((1u << count) - 1)) != 0 ? null : data;
    }

    private static uint Polymod(string prefix, ReadOnlySpan<byte> values, int zeros)
    {
        var checksum = 1u;
        foreach (var character in prefix)
        {
            checksum = Step(checksum, (uint)character >> 5);
        }

        checksum = Step(checksum, 0);
        foreach (var character in prefix)
        {
            checksum = Step(checksum, (uint)character & 31);
        }

        foreach (var value in values)
        {
            checksum = Step(checksum, value);
        }

        for (var i = 0; i < zeros; i++)
        {
            checksum = Step(checksum, 0);
        }

        return checksum;
    }

    private static uint Step(uint checksum, uint value)
    {
        var top = checksum >> 25;
        checksum = ((checksum & 0x1ffffff) << 5) ^ value;
        for (var i = 0; i < 5; i++)
        {
            checksum ^= ((top >> i) & 1) == 1 ? Generator[i] : 0;
        }

        return checksum;
    }
}
