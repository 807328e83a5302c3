using System.Buffers;
using System.Buffers.Binary;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// Writes the family's wire format: little-endian numbers, and byte strings behind a CompactSize length.
/// </summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> buffer = new();

    /// <summary>What was written, until more is.</summary>
    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public byte[] ToArray() => Written.ToArray();

    public void Bytes(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    public void Int32(int value) => UInt32(unchecked((uint)value));

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    /// <summary>CompactSize: one byte up to 252, else a marker and 2 or 4 bytes.</summary>
    public void Size(int value)
    {
        var span = buffer.GetSpan(5);
        if (value < 0xfd)
        {
            span[0] = (byte)value;
            buffer.Advance(1);
        }
        else if (value <= ushort.MaxValue)
        {
            span[0] = 0xfd;
            BinaryPrimitives.WriteUInt16LittleEndian(span[1..], (ushort)value);
            buffer.Advance(3);
        }
        else
        {
            span[0] = 0xfe;
            BinaryPrimitives.WriteInt32LittleEndian(span[1..], value);
            buffer.Advance(5);
        }
    }

    /// <summary>Bytes of a CompactSize.</summary>
    public static int SizeOf(int value) => value < 0xfd ? 1 : value <= ushort.MaxValue ? 3 : 5;

    /// <summary>A byte string behind its length.</summary>
    public void Slice(ReadOnlySpan<byte> bytes)
    {
        Size(bytes.Length);
        Bytes(bytes);
    }
}

/// <summary>Reads the wire format strictly: no byte too few, and every CompactSize in its shortest form.</summary>
/// <param name="bytes">What to read.</param>
/// <param name="what">What it is, for refusals.</param>
internal ref struct WireReader(ReadOnlySpan<byte> bytes, string what)
{
    private ReadOnlySpan<byte> left = bytes;

    public readonly int Left => left.Length;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)left.Length)
        {
            throw Bad("is cut off");
        }

        var taken = left[..count];
        left = left[count..];
        return taken;
    }

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public ulong Size()
    {
        var (value, least) = Bytes(1)[0] switch
        {
            0xfd => (BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)), 0xfdUL),
            0xfe => (UInt32(), 0x1_0000UL),
            0xff => (UInt64(), 0x1_0000_0000UL),
            var small => (small, 0UL),
        };
        return value >= least ? value : throw Bad("has a number that is longer than it needs to be");
    }

    /// <summary>
    /// A number of things that take at least <paramref name="size"/> bytes each, so that it cannot exceed what is left.
    /// </summary>
    public int Count(int size) =>
        Size() is var count && count <= (ulong)(left.Length / size) ? (int)count : throw Bad("is cut off");

    public ReadOnlySpan<byte> Slice() => Bytes(Count(1));

    /// <summary>Refuses bytes that are left over.</summary>
    public readonly void Done()
    {
        if (left.Length > 0)
        {
            throw Bad("has bytes behind its end");
        }
    }

    private readonly KmsException Bad(string why) => KmsException.Refused($"{what} {why}");
}
