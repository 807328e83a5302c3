using System.Text;

namespace KmsCloud.Codecs;

/// <summary>Bitcoin Cash addresses (the cashaddr specification of 2018-01-14): text of a hash under a prefix.</summary>
public static class CashAddr
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    /// <summary>The address, prefix and colon included.</summary>
    /// <param name="prefix">Lower-case prefix, such as bitcoincash.</param>
    /// <param name="type">0 for a key hash, 1 for a script hash; at most 15.</param>
    /// <param name="hash">20, 24, 28, 32, 40, 48, 56 or 64 bytes.</param>
    public static string Encode(string prefix, int type, ReadOnlySpan<byte> hash)
    {
        var values = Bech32.ToFiveBits([(byte)((type << 3) | SizeCode(hash.Length)), .. hash]);
        var text = new StringBuilder(prefix).Append(':');
        foreach (var value in values)
        {
            text.Append(Alphabet[value]);
        }

        var checksum = Polymod(prefix, values);
        for (var shift = 35; shift >= 0; shift -= 5)
        {
            text.Append(Alphabet[(int)((checksum >> shift) & 31)]);
        }

        return text.ToString();
    }

    private static int SizeCode(int length) => length switch
    {
        20 => 0,
        24 => 1,
        28 => 2,
        32 => 3,
        40 => 4,
        48 => 5,
        56 => 6,
        64 => 7,
        _ => throw new ArgumentOutOfRangeException(nameof(length), "no cashaddr holds a hash of this size"),
    };

    private static ulong Polymod(string prefix, ReadOnlySpan<byte> values)
    {
        var checksum = 1UL;
        foreach (var character in prefix)
        {
            checksum = Step(checksum, (uint)character & 31);
        }

        checksum = Step(checksum, 0);
        foreach (var value in values)
        {
            checksum = Step(checksum, value);
        }

        for (var i = 0; i < 8; i++)
        {
            checksum = Step(checksum, 0);
        }

        return checksum ^ 1;
    }

    private static ulong Step(ulong checksum, uint value)
    {
        ReadOnlySpan<ulong> generator = [0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470];
        var top = (int)(checksum >> 35);
        checksum = ((checksum & 0x07ffffffff) << 5) ^ value;
        for (var i = 0; i < 5; i++)
        {
            checksum ^= ((top >> i) & 1) == 1 ? generator[i] : 0;
        }

        return checksum;
    }
}
