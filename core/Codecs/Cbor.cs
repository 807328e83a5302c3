using System.Buffers.Binary;

namespace KmsCloud.Codecs;

/// <summary>The major types of CBOR (RFC 8949, 3.1).</summary>
internal enum CborType
{
    /// <summary>Unsigned integer.</summary>
    UInt = 0,

    /// <summary>Negative integer.</summary>
    Negative = 1,

    /// <summary>Byte string.</summary>
    Bytes = 2,

    /// <summary>Text.</summary>
    Text = 3,

    /// <summary>Array.</summary>
    Array = 4,

    /// <summary>Map.</summary>
    Map = 5,

    /// <summary>Tag.</summary>
    Tag = 6,

    /// <summary>Simple value or floating point.</summary>
    Simple = 7,
}

/// <summary>CBOR (RFC 8949), writing: the head of an item in its shortest form.</summary>
internal static class Cbor
{
    /// <summary>Type and argument (number, length or tag).</summary>
    public static byte[] Head(CborType type, ulong argument)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, argument);
        var major = (int)type << 5;
        return argument switch
        {
            < 24 => [(byte)(major | (int)argument)],
            <= byte.MaxValue => [(byte)(major | 24), bytes[7]],
            <= ushort.MaxValue => [(byte)(major | 25), .. bytes[6..]],
            <= uint.MaxValue => [(byte)(major | 26), .. bytes[4..]],
            _ => [(byte)(major | 27), .. bytes],
        };
    }

    /// <summary>A byte string.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> value) => [.. Head(CborType.Bytes, (ulong)value.Length), .. value];

    /// <summary>A text.</summary>
    public static byte[] Text(string value)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(value);
        return [.. Head(CborType.Text, (ulong)utf8.Length), .. utf8];
    }
}
