using System.Buffers.Binary;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>Reads XDR (RFC 4506): big-endian, four-byte alignment, padding of zeros.</summary>
/// <param name="data">The bytes.</param>
/// <param name="what">What they are, for messages.</param>
internal ref struct XdrReader(ReadOnlySpan<byte> data, string what)
{
    private readonly ReadOnlySpan<byte> data = data;

    /// <summary>How many bytes were read.</summary>
    public int Offset { get; private set; }

    /// <summary>The bytes read since an offset.</summary>
    public readonly ReadOnlySpan<byte> Since(int offset) => data[offset..Offset];

    /// <summary>An unsigned int.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Fixed(4));

    /// <summary>An int.</summary>
    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Fixed(4));

    /// <summary>An unsigned hyper.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Fixed(8));

    /// <summary>A hyper.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Fixed(8));

    /// <summary>A bool, or whether an optional follows.</summary>
    public bool Bool() =>
        UInt32() switch { 0 => false, 1 => true, _ => throw Malformed("holds a truth value other than 0 and 1") };

    /// <summary>Opaque data of a length that is a multiple of four.</summary>
    public ReadOnlySpan<byte> Fixed(int length)
    {
        if (length > data.Length - Offset)
        {
            throw Malformed("is truncated");
        }

        Offset += length;
        return data.Slice(Offset - length, length);
    }

    /// <summary>Opaque data or a string of at most <paramref name="most"/> bytes.</summary>
    public ReadOnlySpan<byte> Opaque(int most)
    {
        var length = Count(most);
        var value = Fixed(length);
        return Fixed(-length & 3).ContainsAnyExcept((byte)0) ? throw Malformed("has padding that is not zero") : value;
    }

    /// <summary>The number of elements of an array of at most <paramref name="most"/>.</summary>
    public int Count(int most) =>
        UInt32() is var count && count <= (uint)most
            ? (int)count
            : throw Malformed($"holds a list or text longer than {most}");

    /// <summary>Refuses bytes that were not read.</summary>
    public readonly void Done()
    {
        if (Offset != data.Length)
        {
            throw Malformed("has bytes behind its end");
        }
    }

    /// <summary>A refusal that names what is read.</summary>
    public readonly KmsException Malformed(string why) => KmsException.Refused($"{what} {why}");
}
