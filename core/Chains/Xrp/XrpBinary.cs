using System.Buffers.Binary;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Xrp;

/// <summary>A field with its value's bytes: without field id and length, an array with its end mark.</summary>
/// <param name="Field">The field.</param>
/// <param name="Value">The bytes.</param>
internal sealed record XrpMember(XrpField Field, byte[] Value);

/// <summary>The canonical binary format of objects (xrpl.org, "Serialization Format").</summary>
internal static class XrpBinary
{
    private const byte ObjectEnd = 0xe1;
    private const byte ArrayEnd = 0xf1;
    private const byte PathSetEnd = 0x00;
    private const int LongestBlob = 918_744;
    private const int DeepestObject = 8;

    /// <summary>The fields of an object in canonical order.</summary>
    public static byte[] Write(IEnumerable<XrpMember> members)
    {
        var output = new List<byte>();
        foreach (var (field, value) in members.OrderBy(member => member.Field.Order))
        {
            WriteFieldId(output, field);
            if (field.HasLength)
            {
                WriteLength(output, value.Length);
            }

            output.AddRange(value);
        }

        return [.. output];
    }

    /// <summary>An array of objects: element, fields, end mark, and the array's end mark.</summary>
    public static byte[] WriteArray(IEnumerable<(XrpField Element, IEnumerable<XrpMember> Members)> elements)
    {
        var output = new List<byte>();
        foreach (var (element, members) in elements)
        {
            WriteFieldId(output, element);
            output.AddRange(Write(members));
            output.Add(ObjectEnd);
        }

        return [.. output, ArrayEnd];
    }

    /// <summary>The fields of a whole object, which must be in canonical order.</summary>
    /// <exception cref="KmsException">The bytes are not what <see cref="Write"/> writes.</exception>
    public static IReadOnlyList<XrpMember> Read(ReadOnlySpan<byte> data)
    {
        var members = new List<XrpMember>();
        while (!data.IsEmpty)
        {
            members.Add(ReadMember(ref data, 0));
        }

        return members.Zip(members.Skip(1)).All(pair => pair.First.Field.Order < pair.Second.Field.Order)
            ? members
            : throw Malformed();
    }

    /// <summary>The elements of an array's value.</summary>
    public static IReadOnlyList<(XrpField Element, IReadOnlyList<XrpMember> Members)> ReadArray(ReadOnlySpan<byte> data)
    {
        var elements = new List<(XrpField, IReadOnlyList<XrpMember>)>();
        while (Peek(data) != ArrayEnd)
        {
            elements.Add((ReadFieldId(ref data), ReadObject(ref data, 0)));
        }

        return elements;
    }

    private static void WriteFieldId(List<byte> output, XrpField field)
    {
        var (type, code) = ((int)field.Type, field.Code);
        output.Add((byte)(((type < 16 ? type : 0) << 4) | (code < 16 ? code : 0)));
        if (type >= 16)
        {
            output.Add((byte)type);
        }

        if (code >= 16)
        {
            output.Add((byte)code);
        }
    }

    private static void WriteLength(List<byte> output, int length)
    {
        switch (length)
        {
            case <= 192:
                output.Add((byte)length);
                break;
            case <= 12480:
                output.Add((byte)(193 + ((length - 193) >> 8)));
                output.Add((byte)((length - 193) & 0xff));
                break;
            case <= LongestBlob:
                output.Add((byte)(241 + ((length - 12481) >> 16)));
                output.Add((byte)(((length - 12481) >> 8) & 0xff));
                output.Add((byte)((length - 12481) & 0xff));
                break;
            default:
                throw KmsException.Refused(
                    $"a field of the XRP transaction has {length} bytes, more than the ledger's format can hold");
        }
    }

    private static XrpMember ReadMember(ref ReadOnlySpan<byte> data, int depth)
    {
        var field = ReadFieldId(ref data);
        var start = data;
        switch (field.Type)
        {
            case XrpType.Array:
                while (Peek(data) != ArrayEnd)
                {
                    ReadFieldId(ref data);
                    ReadObject(ref data, depth + 1);
                }

                Take(ref data, 1);
                break;
            case XrpType.PathSet:
                for (var step = Peek(data); step != PathSetEnd; step = Peek(data))
                {
                    Take(
                        ref data,
                        1 + (step == 0xff ? 0 : 20 * System.Numerics.BitOperations.PopCount((uint)step & 0x31)));
                }

                Take(ref data, 1);
                break;
            default:
                return new(field, Take(ref data, Length(field, ref data)).ToArray());
        }

        return new(field, start[..(start.Length - data.Length)].ToArray());
    }

    private static List<XrpMember> ReadObject(ref ReadOnlySpan<byte> data, int depth)
    {
        if (depth > DeepestObject)
        {
            throw Malformed();
        }

        var members = new List<XrpMember>();
        while (Peek(data) != ObjectEnd)
        {
            members.Add(ReadMember(ref data, depth));
        }

        Take(ref data, 1);
        return members;
    }

    private static int Length(XrpField field, ref ReadOnlySpan<byte> data) => field.Type switch
    {
        XrpType.UInt8 => 1,
        XrpType.UInt16 => 2,
        XrpType.UInt32 => 4,
        XrpType.Hash128 => 16,
        XrpType.Hash256 => 32,
        XrpType.Amount => XrpAmount.Size(Peek(data)),
        _ when field.HasLength => ReadLength(ref data),
        _ => throw Malformed(),
    };

    private static int ReadLength(ref ReadOnlySpan<byte> data)
    {
        int first = Take(ref data, 1)[0];
        if (first <= 192)
        {
            return first;
        }

        return first <= 240
            ? 193 + ((first - 193) << 8) + Take(ref data, 1)[0]
            : 12481 + ((first - 241) << 16) + BinaryPrimitives.ReadUInt16BigEndian(Take(ref data, 2));
    }

    private static XrpField ReadFieldId(ref ReadOnlySpan<byte> data)
    {
        int first = Take(ref data, 1)[0];
        var type = first >> 4 is var high and > 0 ? high : Take(ref data, 1)[0];
        var code = (first & 15) is var low and > 0 ? low : Take(ref data, 1)[0];
        return XrpField.ByCode.TryGetValue((type, code), out var field) ? field : throw Malformed();
    }

    private static byte Peek(ReadOnlySpan<byte> data) => data.IsEmpty ? throw Malformed() : data[0];

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> data, int length)
    {
        if (length > data.Length)
        {
            throw Malformed();
        }

        var taken = data[..length];
        data = data[length..];
        return taken;
    }

    private static KmsException Malformed() => KmsException.Refused("the binary XRP transaction is malformed");
}
