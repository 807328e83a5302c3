using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>JSON from outside: RFC 8259 to the letter, no duplicate members, no comments, bounded depth.</summary>
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

    /// <summary>Parses text, or refuses it with a message that names <paramref name="what"/> but shows nothing of the text.</summary>
    public static JsonElement Parse(string text, string what) =>
        TryParse(text, out var value) ? value.Value : throw KmsException.Refused($"{what} is not valid JSON, nests deeper than {MaxDepth}, or repeats a member");

    /// <summary>Parses UTF-8.</summary>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return ReadAll(document.RootElement.Clone());
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
            using var document = JsonDocument.Parse(text, Options);
            value = ReadAll(document.RootElement.Clone());
            return true;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or EncoderFallbackException or InvalidOperationException)
        {
            value = null; // ArgumentException: a lone surrogate, which has no UTF-8
            return false;
        }
    }

    // a lone surrogate written as \uD800 parses, and throws InvalidOperationException at the first use: use every text here
    private static JsonElement ReadAll(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    ReadAll(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    ReadAll(member.Value);
                }

                break;
        }

        return element;
    }
}
