using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KmsCloud.Codecs;

/// <summary>JSON without white space, escaping only what RFC 8259 demands and what could upset a terminal.</summary>
public static class CompactJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Stringified = new() { Encoder = new StringifyEncoder() };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, NewLine = "\n" };

    /// <summary>The text of what <paramref name="write"/> writes; not for secrets, the buffers are not wiped.</summary>
    public static string Write(Action<Utf8JsonWriter> write, bool indented = false) => Write(write, indented ? Indented : Compact);

    /// <summary>The same with JavaScript's escapes to the letter, for texts whose bytes are signed.</summary>
    public static string Stringify(Action<Utf8JsonWriter> write) => Write(write, Stringified);

    private static string Write(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
