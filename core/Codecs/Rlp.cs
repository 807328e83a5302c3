using System.Numerics;

namespace KmsCloud.Codecs;

/// <summary>RLP (Ethereum Yellow Paper, appendix B): writing.</summary>
internal static class Rlp
{
    /// <summary>A byte string.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> value)
    {
        if (value.Length == 1 && value[0] < 0x80)
        {
            return value.ToArray();
        }

        return [.. Header(value.Length, 0x80), .. value];
    }

    /// <summary>A non-negative integer: big-endian without leading zeros, zero as the empty string.</summary>
    public static byte[] Integer(BigInteger value) =>
        Bytes(value.IsZero ? [] : value.ToByteArray(isUnsigned: true, isBigEndian: true));

    /// <summary>Big-endian bytes written as an integer: leading zeros dropped.</summary>
    public static byte[] Integer(ReadOnlySpan<byte> bigEndian) => Bytes(bigEndian.TrimStart((byte)0));

    /// <summary>A list of items that are already encoded.</summary>
    public static byte[] List(params ReadOnlySpan<byte[]> items)
    {
        var length = 0;
        foreach (var item in items)
        {
            length += item.Length;
        }

        var header = Header(length, 0xc0);
        var list = new byte[header.Length + length];
        header.CopyTo(list, 0);
        var offset = header.Length;
        foreach (var item in items)
        {
            item.CopyTo(list, offset);
            offset += item.Length;
        }

        return list;
    }

    private static byte[] Header(int length, int offset)
    {
        if (length < 56)
        {
            return [(byte)(offset + length)];
        }

        var size = ((BigInteger)length).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [(byte)(offset + 55 + size.Length), .. size];
    }
}
