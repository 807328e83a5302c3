using System.Buffers.Binary;
using System.Text;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>
/// Reads CBOR (RFC 8949) in every well-formed variant: over-long integers and indefinite lengths are read like their
/// short forms, for those who hash what they were given instead of encoding it again.
/// </summary>
/// <param name="data">The bytes.</param>
/// <param name="what">What they are, for messages.</param>
internal ref struct CborReader(ReadOnlySpan<byte> data, string what)
{
    private const int Indefinite = -1;
    private const byte Break = 0xff;
    private const int DeepestItem = 32;
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> left = data;

    /// <summary>The type of the next item.</summary>
    public readonly CborType Type => left.IsEmpty ? throw Malformed("is truncated") : (CborType)(left[0] >> 5);

    /// <summary>An unsigned integer.</summary>
    public ulong UInt() => Head(CborType.UInt) ?? throw Malformed("holds an integer of indefinite length");

    /// <summary>A byte string; pieces of an indefinite one joined.</summary>
    public byte[] Bytes() => String(CborType.Bytes);

    /// <summary>A text; pieces of an indefinite one joined.</summary>
    public string Text()
    {
        try
        {
            return StrictUtf8.GetString(String(CborType.Text));
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("holds a text that is not UTF-8");
        }
    }

    /// <summary>The number of a tag.</summary>
    public ulong Tag() => Head(CborType.Tag) ?? throw Malformed("holds a tag of indefinite length");

    /// <summary>Starts an array: the count to go through with <see cref="Next"/>.</summary>
    public int Array() => Count(CborType.Array);

    /// <summary>Starts a map: the count of pairs to go through with <see cref="Next"/>.</summary>
    public int Map() => Count(CborType.Map);

    /// <summary>Whether another element or pair follows; steps over the end of an indefinite array or map.</summary>
    public bool Next(ref int count)
    {
        if (count != Indefinite)
        {
            return count-- > 0;
        }

        if (left.IsEmpty || left[0] != Break)
        {
            return true;
        }

        left = left[1..];
        return false;
    }

    /// <summary>One item, whatever it is, as it stands.</summary>
    public ReadOnlySpan<byte> Raw()
    {
        var start = left;
        Skip(0);
        return start[..(start.Length - left.Length)];
    }

    /// <summary>Refuses bytes that were not read.</summary>
    public readonly void Done()
    {
        if (!left.IsEmpty)
        {
            throw Malformed("has bytes behind its end");
        }
    }

    /// <summary>A refusal that names what is read.</summary>
    public readonly KmsException Malformed(string why) => KmsException.Refused($"{what} {why}");

    private void Skip(int depth)
    {
        if (depth > DeepestItem)
        {
            throw Malformed("nests too deep");
        }

        switch (Type)
        {
            case CborType.UInt or CborType.Negative:
                _ = Head(Type) ?? throw Malformed("holds an integer of indefinite length");
                break;
            case CborType.Bytes or CborType.Text:
                String(Type);
                break;
            case CborType.Tag:
                Tag();
                Skip(depth + 1);
                break;
            case CborType.Simple:
                _ = Head(CborType.Simple) ?? throw Malformed("holds a break where nothing is to end");
                break;
            default:
                var items = Type is CborType.Map ? 2 : 1;
                for (var count = Count(Type); Next(ref count);)
                {
                    for (var item = 0; item < items; item++)
                    {
                        Skip(depth + 1);
                    }
                }

                break;
        }
    }

    private byte[] String(CborType type)
    {
        if (Head(type) is { } length)
        {
            return Take(length).ToArray();
        }

        var pieces = new List<byte>();
        var count = Indefinite;
        while (Next(ref count))
        {
            pieces.AddRange(Take(Head(type) ?? throw Malformed("holds pieces inside pieces")));
        }

        return [.. pieces];
    }

    // an element takes at least a byte, so no count can ask for more than there is
    private int Count(CborType type) => Head(type) switch
    {
        null => Indefinite,
        var count when count <= (ulong)left.Length => (int)count,
        _ => throw Malformed("is truncated"),
    };

    // the argument, or null for an indefinite length
    private ulong? Head(CborType type)
    {
        if (Type != type)
        {
            throw Malformed($"holds {Type} where {type} is expected");
        }

        var argument = Take(1)[0] & 31;
        return argument switch
        {
            < 24 => (ulong)argument,
            24 => Take(1)[0],
            25 => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
            26 => BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
            27 => BinaryPrimitives.ReadUInt64BigEndian(Take(8)),
            31 => null,
            _ => throw Malformed("holds a length of an unknown form"),
        };
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)left.Length)
        {
            throw Malformed("is truncated");
        }

        var taken = left[..(int)length];
        left = left[(int)length..];
        return taken;
    }
}
