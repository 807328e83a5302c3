using System.Numerics;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Recursive length prefix (Yellow Paper, appendix B) for the independent readers: a byte array or a list of items.</summary>
internal static class RlpTree
{
    private const int LongestShort = 55;

    /// <summary>Reads one item, which must be all there is.</summary>
    internal static object Read(byte[] bytes)
    {
        var cursor = new Cursor(bytes);
        var item = Item(cursor);
        cursor.End();
        return item;
    }

    /// <summary>Writes an item.</summary>
    internal static byte[] Write(object item)
    {
        var body = item is byte[] bytes ? bytes : [.. ((IEnumerable<object>)item).SelectMany(Write)];
        var offset = item is byte[]? 0x80 : 0xc0;
        if (item is byte[] and [< 0x80])
        {
            return body;
        }

        if (body.Length <= LongestShort)
        {
            return [(byte)(offset + body.Length), .. body];
        }

        var size = Bytes(body.Length);
        return [(byte)(offset + LongestShort + size.Length), .. size, .. body];
    }

    /// <summary>A number as its shortest bytes.</summary>
    internal static byte[] Bytes(BigInteger number) => number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true);

    /// <summary>An item as a number.</summary>
    internal static BigInteger Number(object item) => new((byte[])item, isUnsigned: true, isBigEndian: true);

    /// <summary>Two numbers as the 64 bytes of a signature.</summary>
    internal static byte[] Signature(object r, object s)
    {
        var signature = new byte[64];
        ((byte[])r).CopyTo(signature.AsSpan(32 - ((byte[])r).Length));
        ((byte[])s).CopyTo(signature.AsSpan(64 - ((byte[])s).Length));
        return signature;
    }

    private static object Item(Cursor cursor)
    {
        var first = cursor.Byte();
        if (first < 0x80)
        {
            return new[] { first };
        }

        var length = (uint)(first - (first >= 0xc0 ? 0xc0 : 0x80));
        var size = length > LongestShort ? cursor.BigEndian(length - LongestShort) : length;
        var body = cursor.Take(size);
        if (first < 0xc0)
        {
            return body;
        }

        var inside = new Cursor(body);
        var items = new List<object>();
        while (!inside.IsAtEnd)
        {
            items.Add(Item(inside));
        }

        return items;
    }
}
