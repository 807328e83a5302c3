using System.Numerics;

namespace KmsCloud.Tests.Support;

/// <summary>RLP read to the letter (Yellow Paper, appendix B), apart from the product's writer: every length minimal, nothing left over.</summary>
internal sealed record RlpItem(byte[] Bytes, IReadOnlyList<RlpItem>? Items)
{
    public RlpItem this[int index] => Items![index];

    public int Count => Items!.Count;

    /// <summary>An integer without leading zeros.</summary>
    public BigInteger Integer
    {
        get
        {
            Assert.True(Items is null && (Bytes.Length == 0 || Bytes[0] != 0), "an integer has leading zeros");
            return new(Bytes, isUnsigned: true, isBigEndian: true);
        }
    }

    /// <summary>32 bytes of an integer, as signatures need them.</summary>
    public byte[] Padded32 => [.. new byte[32 - Bytes.Length], .. Bytes];

    public static RlpItem Parse(ReadOnlySpan<byte> data)
    {
        var item = Next(ref data);
        Assert.True(data.IsEmpty, "bytes are left behind the item");
        return item;
    }

    private static RlpItem Next(ref ReadOnlySpan<byte> data)
    {
        var first = data[0];
        if (first < 0x80)
        {
            var single = data[..1].ToArray();
            data = data[1..];
            return new(single, null);
        }

        var list = first >= 0xc0;
        var code = first - (list ? 0xc0 : 0x80);
        var (length, header) = code < 56 ? (code, 1) : (Long(data.Slice(1, code - 55)), code - 54);
        var body = data.Slice(header, length);
        data = data[(header + length)..];
        if (!list)
        {
            Assert.False(length == 1 && body[0] < 0x80, "a byte below 0x80 has a header");
            return new(body.ToArray(), null);
        }

        var items = new List<RlpItem>();
        while (!body.IsEmpty)
        {
            items.Add(Next(ref body));
        }

        return new([], items);
    }

    private static int Long(ReadOnlySpan<byte> bytes)
    {
        Assert.NotEqual(0, bytes[0]);
        var length = 0;
        foreach (var value in bytes)
        {
            length = (length << 8) | value;
        }

        Assert.True(length >= 56, "a long header stands before a short string");
        return length;
    }
}
