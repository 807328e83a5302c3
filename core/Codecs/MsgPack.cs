using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace KmsCloud.Codecs;

/// <summary>MessagePack, writing in Algorand's canonical form: shortest encodings, maps with sorted keys.</summary>
internal static class MsgPack
{
    /// <summary>An unsigned integer in the shortest encoding.</summary>
    public static byte[] UInt(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return value switch
        {
            < 0x80 => [bytes[7]],
            <= byte.MaxValue => [0xcc, bytes[7]],
            <= ushort.MaxValue => [0xcd, .. bytes[6..]],
            <= uint.MaxValue => [0xce, .. bytes[4..]],
            _ => [0xcf, .. bytes],
        };
    }

    /// <summary>A byte string.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> value) => [.. Length(value.Length, 0, 0, 0xc4), .. value];

    /// <summary>A text.</summary>
    public static byte[] Text(string value)
    {
        var utf8 = Encoding.UTF8.GetBytes(value);
        return [.. Length(utf8.Length, 0xa0, 32, 0xd9), .. utf8];
    }

    /// <summary>The value true.</summary>
    public static byte[] True => [0xc3];

    /// <summary>A map of ASCII keys to values that are already encoded; the keys are sorted here.</summary>
    public static byte[] Map(IReadOnlyDictionary<string, byte[]> members)
    {
        var map = new ArrayBufferWriter<byte>();
        map.Write(Length(members.Count, 0x80, 16, 0xdd));
        foreach (var (key, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            map.Write(Text(key));
            map.Write(value);
        }

        return map.WrittenSpan.ToArray();
    }

    // fix: the one-byte form below a limit; wide: code of the one-byte length (maps have none: 0xdd stands before 0xde)
    private static byte[] Length(int length, byte fix, int fixLimit, byte wide)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return length switch
        {
            _ when length < fixLimit => [(byte)(fix | length)],
            <= byte.MaxValue when wide != 0xdd => [wide, bytes[3]],
            <= ushort.MaxValue => [(byte)(wide + 1), .. bytes[2..]],
            _ => [(byte)(wide + 2), .. bytes],
        };
    }
}
