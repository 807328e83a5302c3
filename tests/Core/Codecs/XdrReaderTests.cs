using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Tests.Codecs;

/// <summary>XDR as RFC 4506 has it, and every way in which bytes may fail to be that.</summary>
public static class XdrReaderTests
{
    [Fact]
    public static void Numbers_texts_and_lists_are_read_in_order()
    {
        var reader = new XdrReader(Convert.FromHexString("0000000a" + "ffffffff" + "0000000000000001" + "ffffffffffffffff" + "00000001" + "00000003" + "61626300" + "00000002"), "it");
        Assert.Equal(10u, reader.UInt32());
        Assert.Equal(-1, reader.Int32());
        Assert.Equal(1ul, reader.UInt64());
        Assert.Equal(-1, reader.Int64());
        Assert.True(reader.Bool());
        Assert.Equal("abc"u8, reader.Opaque(3));
        Assert.Equal(2, reader.Count(2));
        Assert.Equal(40, reader.Offset);
        Assert.Equal(4, reader.Since(36).Length);
        reader.Done();
    }

    [Theory]
    [InlineData("000000", "is truncated")]
    [InlineData("00000002", "holds a truth value other than 0 and 1")]
    [InlineData("0000000100000000", "has bytes behind its end")]
    public static void What_is_no_truth_value_is_refused(string hex, string why) => Refused(why, () =>
    {
        var reader = new XdrReader(Convert.FromHexString(hex), "it");
        reader.Bool();
        reader.Done();
    });

    [Theory]
    [InlineData("0000000361626301", "has padding that is not zero")]
    [InlineData("00000003616263", "is truncated")]
    [InlineData("000000056162636465000000", "holds a list or text longer than 4")]
    [InlineData("ffffffff", "holds a list or text longer than 4")]
    public static void What_is_no_text_of_four_bytes_at_most_is_refused(string hex, string why) => Refused(why, () => new XdrReader(Convert.FromHexString(hex), "it").Opaque(4));

    private static void Refused(string why, Action read)
    {
        var error = Assert.Throws<KmsException>(read);
        Assert.Equal((Failure.Refused, "it " + why), (error.Failure, error.Message));
    }
}
