using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>
/// JSON from outside: RFC 8259 to the letter, no duplicate members, no comments, no half of a surrogate pair, bounded
/// depth.
/// </summary>
public static class StrictJson
{
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
    };

    /// <summary>
    /// Parses text, or refuses it with a message that names <paramref name="what"/> but shows nothing of the text.
    /// </summary>
    public static JsonElement Parse(string text, string what) =>
        TryParse(text, out var value) ? value.Value : throw KmsException.Refused($"{what} is not valid JSON, nests deeper than {MaxDepth}, or repeats a member");

    /// <summary>Parses UTF-8.</summary>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8, string what)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            throw KmsException.Refused($"{what} is not UTF-8"); // the parser looks at text only when it is asked for
        }

        try
        {
            return WithWholeText(JsonElement.Parse(utf8.Span, Options));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw KmsException.Refused($"{what} is not valid JSON, nests deeper than {MaxDepth}, or repeats a member");
        }
    }

    /// <summary>Parses text, or says no.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonElement? value)
    {
        try
        {
            value = WithWholeText(JsonElement.Parse(text, Options));
            return true;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or EncoderFallbackException or InvalidOperationException)
        {
            value = null; // ArgumentException: a lone surrogate, which has no UTF-8
            return false;
        }
    }

    /// <summary>
    /// An escape such as \ud800 without its other half passes the parser and throws where the text is read, so it is
    /// read here. Names of members are read by the parser itself, which looks for duplicates.
    /// </summary>
    private static JsonElement WithWholeText(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when JsonMarshal.GetRawUtf8Value(value).Contains((byte)'\\'):
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                {
                    WithWholeText(element);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    WithWholeText(member.Value);
                }

                break;
        }

        return value;
    }
}
