using KmsCloud.Codecs;

namespace KmsCloud.Tests.Codecs;

/// <summary>The heads of MessagePack at the edges of their lengths (MessagePack specification, bin and str).</summary>
public static class MsgPackLengthTests
{
    [Theory]
    [InlineData(0, "c400", "a0")]
    [InlineData(31, "c41f", "bf")]
    [InlineData(32, "c420", "d920")]
    [InlineData(255, "c4ff", "d9ff")]
    [InlineData(256, "c50100", "da0100")]
    [InlineData(65_535, "c5ffff", "daffff")]
    [InlineData(65_536, "c600010000", "db00010000")]
    [InlineData(16_777_216, "c601000000", "db01000000")]
    public static void Every_length_has_its_head(int length, string bytesHead, string textHead)
    {
        var bytes = MsgPack.Bytes(new byte[length]);
        var text = MsgPack.Text(new string('x', length));
        Assert.Equal(bytesHead, Hex.Lower(bytes.AsSpan(0, bytes.Length - length)));
        Assert.Equal(textHead, Hex.Lower(text.AsSpan(0, text.Length - length)));
    }
}
