using System.Text.Json;

namespace KmsCloud.Secrets;

/// <summary>Takes one secret text out of JSON (RFC 8259) without making a string of it.</summary>
internal static class SecretJson
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 8, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>
    /// The text at a path; null when the JSON is not well formed, a member of the path is missing, repeated or not a
    /// text, or it is empty.
    /// </summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="path">Names of members; an empty name is an array's first element.</param>
    internal static SecretBytes? TryText(ReadOnlySpan<byte> json, params scoped ReadOnlySpan<string> path)
    {
        SecretBytes? found = null;
        try
        {
            var reader = new Utf8JsonReader(json, Strict);
            reader.Read();
            var isOnce = Walk(ref reader, path, ref found);
            if (isOnce && !reader.Read() && found is { Length: > 0 })
            {
                return found;
            }
        }
        catch (JsonException)
        {
            // not JSON; its reader's message could quote it
        }

        found?.Dispose();
        return null;
    }

    /// <summary>Reads one value to its end; false when a member of the path is there twice.</summary>
    private static bool Walk(ref Utf8JsonReader reader, scoped ReadOnlySpan<string> path, ref SecretBytes? found)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when path.IsEmpty:
                found = Text(ref reader);
                return true;
            case JsonTokenType.StartObject when !path.IsEmpty:
                return WalkObject(ref reader, path, ref found);
            case JsonTokenType.StartArray when !path.IsEmpty && path[0].Length == 0:
                return WalkArray(ref reader, path[1..], ref found);
            default:
                reader.Skip();
                return true;
        }
    }

    private static bool WalkObject(ref Utf8JsonReader reader, scoped ReadOnlySpan<string> path, ref SecretBytes? found)
    {
        var isMet = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(path[0]);
            reader.Read();
            if (!isIt)
            {
                reader.Skip();
                continue;
            }

            if (isMet || !Walk(ref reader, path[1..], ref found))
            {
                return false;
            }

            isMet = true;
        }

        return true;
    }

    private static bool WalkArray(ref Utf8JsonReader reader, scoped ReadOnlySpan<string> rest, ref SecretBytes? found)
    {
        var isFirst = true;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (!isFirst)
            {
                reader.Skip();
            }
            else if (!Walk(ref reader, rest, ref found))
            {
                return false;
            }

            isFirst = false;
        }

        return true;
    }

    private static SecretBytes Text(ref Utf8JsonReader reader)
    {
        using var room = new SecretBytes(reader.ValueSpan.Length); // unescaped text is never longer
        try
        {
            var length = reader.CopyString(room.Span);
            return SecretBytes.Copy(room.Span[..length]);
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException("not a text of Unicode", error);
        }
    }
}
