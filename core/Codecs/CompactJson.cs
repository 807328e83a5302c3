using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KmsCloud.Codecs;

/// <summary>JSON without white space, escaping only what RFC 8259 demands and what could upset a terminal.</summary>
public static class CompactJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = PeopleEncoder.Instance };
    private static readonly JsonWriterOptions Settled = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Stringified = new() { Encoder = new StringifyEncoder() };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, NewLine = "\n" };
    [ThreadStatic]
    private static Scratch? spare;

    /// <summary>The text of what <paramref name="write"/> writes; not for secrets, the buffers are not wiped.</summary>
    public static string Write(Action<Utf8JsonWriter> write, bool indented = false) =>
        indented ? WriteNew(write, Indented) : Write(write, Encoding.UTF8.GetString);

    /// <summary>The same as UTF-8.</summary>
    public static byte[] Utf8(Action<Utf8JsonWriter> write) => Write(write, text => text.ToArray());

    /// <summary>The same with JavaScript's escapes to the letter, for texts whose bytes are signed.</summary>
    public static string Stringify(Action<Utf8JsonWriter> write) => WriteNew(write, Stringified);

    /// <summary>
    /// The same as UTF-8 with the escapes of .NET's relaxed encoder, for bytes whose hash is kept in files of older
    /// versions.
    /// </summary>
    public static byte[] Hashed(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetBytes(WriteNew(write, Settled));

    private static T Write<T>(Action<Utf8JsonWriter> write, Func<ReadOnlySpan<byte>, T> result)
    {
        var scratch = spare ?? new();
        spare = null; // a writer inside a writer has one of its own
        write(scratch.Writer);
        scratch.Writer.Flush();
        var text = result(scratch.Buffer.WrittenSpan);
        spare = scratch.Reset();
        return text;
    }

    private static string WriteNew(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>
    /// A buffer and its writer, used again because a cycle writes some ten texts for every transaction.
    /// </summary>
    private sealed class Scratch
    {
        private const int LargestKept = 64 * 1024;

        internal Scratch() => Writer = new(Buffer, Compact);

        internal ArrayBufferWriter<byte> Buffer { get; } = new(1024);

        internal Utf8JsonWriter Writer { get; }

        internal Scratch? Reset()
        {
            if (Buffer.Capacity > LargestKept)
            {
                return null;
            }

            // zeroes it: one of the texts is a new password on its way to a vault, and this lives as long as the thread
            Buffer.Clear();
            Writer.Reset();
            return this;
        }
    }
}
