using System.Buffers;
using System.Collections.Concurrent;
using KmsCloud.Errors;

namespace KmsCloud.Telemetry;

/// <summary>
/// Log lines of many threads on one stream, whole and in the order they came. Whoever holds the stream also writes what
/// the others brought meanwhile, so that a busy cycle waits for few system calls; a call returns when its line is
/// written. Lines that cannot be written are lost.
/// </summary>
/// <param name="stream">Where they go, standard output or error; stays its owner's.</param>
public sealed class LineWriter(Stream stream)
{
    private readonly ConcurrentQueue<byte[]> waiting = new();
    private readonly ArrayBufferWriter<byte> text = new();
    private readonly Lock gate = new();

    /// <summary>A text that cannot break its line, steer a terminal or fill a disk.</summary>
    public static string OneLine(string text) => Printable.Line(text, Printable.LongestLogLine);

    /// <summary>Writes a line and the newline after it.</summary>
    /// <param name="line">UTF-8 without newline.</param>
    public void Write(byte[] line)
    {
        waiting.Enqueue(line);
        lock (gate)
        {
            while (waiting.TryDequeue(out var next))
            {
                text.Write(next);
                text.Write("\n"u8);
            }

            if (text.WrittenCount > 0)
            {
                WriteGathered();
            }
        }
    }

    private void WriteGathered()
    {
        try
        {
            stream.Write(text.WrittenSpan);
            stream.Flush();
        }
        catch (IOException)
        {
            // a full disk behind the log must not keep what is signed from being handed over
        }
        finally
        {
            text.ResetWrittenCount();
        }
    }
}
