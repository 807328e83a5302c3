using System.Text;
using KmsCloud.Telemetry;

namespace KmsCloud.Tests.Telemetry;

public sealed class LineWriterTests
{
    [Fact]
    public void Lines_of_many_threads_are_whole_and_each_is_written_when_its_call_returns()
    {
        using var stream = new Recorder();
        var lines = new LineWriter(stream);
        Parallel.For(0, 2_000, i =>
        {
            var line = $"<{i} {new string('x', i % 300)}>";
            lines.Write(Encoding.UTF8.GetBytes(line));
            Assert.Contains(line + "\n", stream.Text, StringComparison.Ordinal);
        });
        Assert.Equal(
            Enumerable.Range(0, 2_000).Select(i => $"<{i} {new string('x', i % 300)}>").Order(StringComparer.Ordinal),
            stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lines_of_one_thread_keep_their_order()
    {
        using var stream = new Recorder();
        var lines = new LineWriter(stream);
        lines.Write("first"u8.ToArray());
        lines.Write("second"u8.ToArray());
        Assert.Equal("first\nsecond\n", stream.Text);
    }

    [Fact]
    public void A_stream_that_takes_nothing_stops_nobody_and_later_lines_are_written()
    {
        using var stream = new Recorder { IsFull = true };
        var lines = new LineWriter(stream);
        lines.Write("lost"u8.ToArray());
        stream.IsFull = false;
        lines.Write("kept"u8.ToArray());
        Assert.Equal("kept\n", stream.Text);
    }

    [Theory]
    [InlineData("plain text, 漢字", "plain text, 漢字")]
    [InlineData("two\r\nlines", "two  lines")]
    [InlineData("\u001b[2Jgone", " [2Jgone")]
    [InlineData("del\u007f c1\u009b", "del  c1 ")]
    public void Control_characters_become_spaces(string text, string expected) => Assert.Equal(expected, LineWriter.OneLine(text));

    /// <summary>A stream that can be read while others write to it, and that can be full.</summary>
    private sealed class Recorder : MemoryStream
    {
        private readonly Lock gate = new();

        public bool IsFull { get; set; }

        public string Text
        {
            get
            {
                lock (gate)
                {
                    return Encoding.UTF8.GetString(ToArray());
                }
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (gate)
            {
                if (IsFull)
                {
                    throw new IOException("No space left on device");
                }

                base.Write(buffer);
            }
        }
    }
}
