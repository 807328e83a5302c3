using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Gateway;

/// <summary>
/// The gateway's array of pending transactions, cut into its elements, so that one that nests absurdly deep or repeats
/// members fails alone. Holds its part of the memory of all answers until it is disposed of.
/// </summary>
public sealed class PendingList : IDisposable
{
    /// <summary>Most elements that are worked on in one cycle.</summary>
    public const int Most = 10_000;

    private const int MostParts = 50_000;
    private const int LongestId = 100;
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = 1_000_000 };
    private readonly AnswerBudget.Lease? room;

    private PendingList(IReadOnlyList<ReadOnlyMemory<byte>> elements, bool isCut, AnswerBudget.Lease? room)
    {
        Elements = elements;
        IsCut = isCut;
        this.room = room;
    }

    /// <summary>The elements as UTF-8.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Elements { get; }

    /// <summary>Whether there were more than <see cref="Most"/>.</summary>
    public bool IsCut { get; }

    /// <inheritdoc/>
    public void Dispose() => room?.Dispose();

    /// <summary>
    /// Refuses an element of more parts than a pending transaction can have, before a document is made of it.
    /// </summary>
    /// <exception cref="KmsException">It has too many.</exception>
    public static void RequireFewParts(ReadOnlySpan<byte> element)
    {
        try
        {
            var reader = new Utf8JsonReader(element, AnyDepth);
            for (var parts = 0; reader.Read(); parts++)
            {
                if (parts == MostParts)
                {
                    throw KmsException.Refused($"the pending transaction has more than {MostParts} members and items");
                }
            }
        }
        catch (JsonException)
        {
            // said by whoever reads it
        }
    }

    /// <summary>
    /// The id of an element that may be refused before a document is made of it; null when it has none that can be
    /// reported.
    /// </summary>
    public static string? IdOf(ReadOnlySpan<byte> element)
    {
        try
        {
            var reader = new Utf8JsonReader(element, AnyDepth);
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("id"u8);
                reader.Read();
                if (isId)
                {
                    return reader.TokenType is JsonTokenType.String && reader.ValueSpan.Length <= LongestId && reader.GetString() is { } id && PendingId.IsPlain(id) ? id : null;
                }

                reader.Skip();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null; // not JSON, or not text
        }

        return null;
    }

    /// <summary>The elements of an answer.</summary>
    /// <exception cref="KmsException">The answer is not a JSON array.</exception>
    internal static PendingList Split(ReadOnlyMemory<byte> body, AnswerBudget.Lease? room = null)
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
                if (elements.Count == Most)
                {
                    return new(elements, isCut: true, room);
                }

                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                elements.Add(body[start..(int)reader.BytesConsumed]);
            }

            return new(elements, isCut: false, room);
        }
        catch (JsonException)
        {
            throw NotAnArray();
        }
    }

    private static KmsException NotAnArray() =>
        new(Failure.Gateway, "the gateway's list of pending transactions is not a JSON array");
}
