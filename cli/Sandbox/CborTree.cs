using System.Text;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// CBOR (RFC 8949) for the independent readers, as far as Cardano needs it: numbers, strings, lists, maps, tags, true
/// and null.
/// </summary>
internal static class CborTree
{
    /// <summary>Reads one item: ulong, byte[], string, list, or list of pairs; null for simple values.</summary>
    internal static object? Item(Cursor cursor)
    {
        var first = cursor.Byte();
        var (major, info) = (first >> 5, first & 0x1f);
        if (info == 0x1f)
        {
            return major == 4 ? Endless(cursor) : throw Errors.KmsException.Refused("a CBOR item has no length");
        }

        var number = info < 24 ? (ulong)info : cursor.BigEndian(1u << (info - 24));
        return major switch
        {
            0 => number,
            2 => cursor.Take(number),
            3 => Encoding.UTF8.GetString(cursor.Take(number)),
            4 => cursor.Many(number, Item),
            5 => cursor.Many(number, each => (Key: Item(each), Value: Item(each))),
            6 => Item(cursor),
            7 => null,
            _ => throw Errors.KmsException.Refused("a CBOR number is negative"),
        };
    }

    private static List<object?> Endless(Cursor cursor)
    {
        var items = new List<object?>();
        while (cursor.Peek() != 0xff)
        {
            items.Add(Item(cursor));
        }

        cursor.Byte();
        return items;
    }
}
