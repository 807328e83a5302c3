namespace KmsCloud.Codecs;

/// <summary>Protocol Buffers, writing: the two kinds of field that transactions are made of.</summary>
internal static class Protobuf
{
    /// <summary>A field with a variable-length integer.</summary>
    public static byte[] Number(int field, ulong value) => [.. VarInt((ulong)field << 3), .. VarInt(value)];

    /// <summary>A field with bytes, a text or a message.</summary>
    public static byte[] Bytes(int field, ReadOnlySpan<byte> value) =>
        [.. VarInt(((ulong)field << 3) | 2), .. VarInt((ulong)value.Length), .. value];

    /// <summary>Seven bits a byte, least significant first.</summary>
    public static byte[] VarInt(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(0x80 | (value & 0x7f)));
        }

        return [.. bytes, (byte)value];
    }
}
