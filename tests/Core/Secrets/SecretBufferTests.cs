using KmsCloud.Secrets;

namespace KmsCloud.Tests.Store;

/// <summary>The buffer grows in locked memory, keeps what was written, and gives it away once.</summary>
public static class SecretBufferTests
{
    [Fact]
    public static void What_is_written_in_pieces_is_whole_after_it_grew()
    {
        using var buffer = new SecretBuffer();
        var expected = new List<byte>();
        for (var piece = 0; piece < 500; piece++)
        {
            byte[] bytes = [(byte)(piece & 0xff), (byte)(piece >> 8), 7];
            (piece % 2 == 0 ? buffer.GetSpan(3) : buffer.GetMemory(3).Span)[0] = bytes[0];
            bytes.CopyTo(buffer.GetSpan(3));
            buffer.Advance(3);
            expected.AddRange(bytes);
        }

        buffer.GetSpan(10_000).Fill(9);
        buffer.Advance(10_000);
        expected.AddRange(Enumerable.Repeat((byte)9, 10_000));
        Assert.Equal(expected, buffer.Written.ToArray());
    }

    [Fact]
    public static void Taking_leaves_it_empty_and_wiped()
    {
        using var buffer = new SecretBuffer();
        "secret"u8.CopyTo(buffer.GetSpan(6));
        buffer.Advance(6);
        using var taken = buffer.Take();
        Assert.Equal("secret"u8, taken.Span);
        Assert.True(buffer.Written.IsEmpty);
        Assert.Equal(new byte[6], buffer.GetSpan(6)[..6].ToArray());
    }
}
