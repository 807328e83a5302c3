using System.Buffers;

namespace KmsCloud.Chains.Tron;

/// <summary>
/// Protocol buffers, version 3: writing the canonical form, fields in the order they are written, defaults left out.
/// </summary>
internal sealed class Protobuf
{
    private const uint VarintType = 0;
    private const uint LengthType = 2;
    private readonly ArrayBufferWriter<byte> buffer = new();

    /// <summary>What was written.</summary>
    public byte[] ToArray() => buffer.WrittenSpan.ToArray();

    /// <summary>A non-negative integer, truth value or enumeration; zero is left out.</summary>
    public void Integer(int number, long value)
    {
        if (value != 0)
        {
            Varint(((uint)number << 3) | VarintType);
            Varint((ulong)value);
        }
    }

    /// <summary>Bytes or a string; empty is left out.</summary>
    public void Bytes(int number, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            Message(number, value);
        }
    }

    /// <summary>A message, written even when it is empty.</summary>
    public void Message(int number, ReadOnlySpan<byte> value)
    {
        Varint(((uint)number << 3) | LengthType);
        Varint((ulong)value.Length);
        buffer.Write(value);
    }

    private void Varint(ulong value)
    {
        while (value > 0x7f)
        {
            buffer.Write([(byte)((value & 0x7f) | 0x80)]);
            value >>= 7;
        }

        buffer.Write([(byte)value]);
    }
}
