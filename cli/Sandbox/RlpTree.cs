using System.Numerics;
using Nethereum.RLP;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Recursive length prefix (Yellow Paper, appendix B) for the independent readers, by Nethereum: a byte array or a list of items.</summary>
internal static class RlpTree
{
    private const int Word = 32;

    /// <summary>Reads one item, which must be all there is; Nethereum takes longer forms and bytes behind, so it is written again and must be the same.</summary>
    internal static object Read(byte[] bytes)
    {
        var item = Item(RLP.Decode(bytes));
        return Write(item).AsSpan().SequenceEqual(bytes) ? item : throw new FormatException("RLP in another form than the shortest");
    }

    /// <summary>Reads a list.</summary>
    internal static List<object> ReadList(ReadOnlySpan<byte> bytes) => (List<object>)Read(bytes.ToArray());

    /// <summary>Writes an item.</summary>
    internal static byte[] Write(object item) =>
        item is byte[] bytes ? RLP.EncodeElement(bytes) : RLP.EncodeList([.. ((IEnumerable<object>)item).Select(Write)]);

    /// <summary>A number as its shortest bytes.</summary>
    internal static byte[] Bytes(BigInteger number) => number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true);

    /// <summary>An item as a number, which has no leading zeros.</summary>
    internal static BigInteger Number(object item) =>
        item is byte[] and not [0, ..] ? new((byte[])item, isUnsigned: true, isBigEndian: true) : throw new FormatException("a number with leading zeros");

    /// <summary>A number of a signature as 32 bytes.</summary>
    internal static byte[] Padded(object number) => [.. new byte[Word - ((byte[])number).Length], .. (byte[])number];

    private static object Item(IRLPElement element) => element is RLPCollection list ? list.ConvertAll(Item) : element.RLPData ?? [];
}
