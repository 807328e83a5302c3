using System.Text.Json;
using KmsCloud.Errors;

namespace KmsCloud.Gateway;

/// <summary>Cuts the gateway's array of pending transactions into its elements, so that one that nests absurdly deep or repeats members fails alone.</summary>
internal static class PendingList
{
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = 1_000_000 };

    /// <summary>The elements as bytes.</summary>
    /// <exception cref="KmsException">The answer is not a JSON array.</exception>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body)
    {
        var elements = new List<ReadOnlyMemory<byte>>();
        try
        {
            var reader = new Utf8JsonReader(body.Span, AnyDepth);
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartArray)
            {
                throw NotAnArray();
            }

            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                elements.Add(body[start..(int)reader.BytesConsumed]);
            }

            return elements;
        }
        catch (JsonException)
        {
            throw NotAnArray();
        }
    }

    private static KmsException NotAnArray() => new(Failure.Gateway, "the gateway's list of pending transactions is not a JSON array");
}
