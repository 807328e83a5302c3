using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Codecs;

public static class CborReaderTests
{
    // RFC 8949, appendix A: unsigned integers, and the same not in shortest form
    [Theory]
    [InlineData("00", 0)]
    [InlineData("17", 23)]
    [InlineData("1818", 24)]
    [InlineData("1864", 100)]
    [InlineData("1903e8", 1000)]
    [InlineData("1a000f4240", 1000000)]
    [InlineData("1b000000e8d4a51000", 1000000000000)]
    [InlineData("1bffffffffffffffff", ulong.MaxValue)]
    [InlineData("1b0000000000000001", 1)]
    [InlineData("1800", 0)]
    public static void Reads_integers(string hex, ulong number)
    {
        var cbor = Reader(hex);
        Assert.Equal(number, cbor.UInt());
        cbor.Done();
    }

    [Theory]
    [InlineData("40", "")]
    [InlineData("4401020304", "01020304")]
    [InlineData("5f42010243030405ff", "0102030405")] // appendix A: (_ h'0102', h'030405')
    [InlineData("5fff", "")]
    public static void Reads_byte_strings(string hex, string bytes)
    {
        var cbor = Reader(hex);
        Assert.Equal(bytes, Hex.Lower(cbor.Bytes()));
        cbor.Done();
    }

    [Theory]
    [InlineData("60", "")]
    [InlineData("6449455446", "IETF")]
    [InlineData("62c3bc", "ü")]
    [InlineData("7f657374726561646d696e67ff", "streaming")]
    public static void Reads_texts(string hex, string text)
    {
        var cbor = Reader(hex);
        Assert.Equal(text, cbor.Text());
        cbor.Done();
    }

    [Theory]
    [InlineData("80", 0)]
    [InlineData("83010203", 3)]
    [InlineData("9fff", 0)]
    [InlineData("9f010203ff", 3)]
    [InlineData("98190102030405060708090a0b0c0d0e0f101112131415161718181819", 25)]
    public static void Reads_arrays(string hex, int length)
    {
        var cbor = Reader(hex);
        var read = 0UL;
        for (var count = cbor.Array(); cbor.Next(ref count);)
        {
            Assert.Equal(++read, cbor.UInt());
        }

        Assert.Equal((ulong)length, read);
        cbor.Done();
    }

    // appendix A again: every kind of item, stepped over as a whole
    [Theory]
    [InlineData("20")]
    [InlineData("3bffffffffffffffff")]
    [InlineData("f97e00")]
    [InlineData("fb3ff199999999999a")]
    [InlineData("f4")]
    [InlineData("f6")]
    [InlineData("f818")]
    [InlineData("c074323031332d30332d32315432303a30343a30305a")]
    [InlineData("d818456449455446")]
    [InlineData("a201020304")]
    [InlineData("a26161016162820203")]
    [InlineData("bf61610161629f0203ffff")]
    [InlineData("826161bf61626163ff")]
    public static void Steps_over_any_item(string hex)
    {
        var cbor = Reader(hex);
        Assert.Equal(hex, Hex.Lower(cbor.Raw()));
        cbor.Done();
    }

    [Theory]
    [InlineData("")]
    [InlineData("18")]
    [InlineData("1c")] // reserved
    [InlineData("1f")]
    [InlineData("41")]
    [InlineData("5f01ff")] // a piece that is no byte string
    [InlineData("5f5f4101ffff")]
    [InlineData("61ff")] // not UTF-8
    [InlineData("8201")]
    [InlineData("9f01")]
    [InlineData("a101")]
    [InlineData("bf01ff")]
    [InlineData("ff")]
    [InlineData("c1")]
    [InlineData("5bffffffffffffffff")]
    [InlineData("9bffffffffffffffff")]
    public static void Refuses_what_is_not_well_formed(string hex) => Assert.Throws<KmsException>(() =>
    {
        var cbor = Reader(hex);
        var raw = cbor.Raw().ToArray();
        cbor.Done();
        var text = new CborReader(raw, "it");
        text.Text();
    });

    [Fact]
    public static void Refuses_nesting_without_end() =>
        Assert.Throws<KmsException>(() => new CborReader([.. Enumerable.Repeat((byte)0x81, 100_000), 0], "it").Raw().Length);

    [Fact]
    public static void Writes_the_shortest_heads()
    {
        Assert.Equal("17", Hex.Lower(Cbor.Head(CborType.UInt, 23)));
        Assert.Equal("1818", Hex.Lower(Cbor.Head(CborType.UInt, 24)));
        Assert.Equal("590100", Hex.Lower(Cbor.Head(CborType.Bytes, 256)));
        Assert.Equal("7a00010000", Hex.Lower(Cbor.Head(CborType.Text, 65536)));
        Assert.Equal("1b0000000100000000", Hex.Lower(Cbor.Head(CborType.UInt, 1UL << 32)));
    }

    [Fact]
    public static void Survives_random_bytes()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var data = random.Bytes(random.Below(40));
            try
            {
                Assert.True(new CborReader(data, "it").Raw().Length <= data.Length);
            }
            catch (KmsException)
            {
                // refused, as it should be
            }
        }
    }

    private static CborReader Reader(string hex) => new(Convert.FromHexString(hex), "it");
}
