using System.Buffers;
using System.Text.Encodings.Web;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>
/// Escapes what RFC 8259 demands and what <see cref="Printable"/> calls harmful, such as ESC and U+202E; everything
/// else stays readable.
/// </summary>
public sealed class PeopleEncoder : JavaScriptEncoder
{
    /// <summary>The encoder; it has no state.</summary>
    public static readonly PeopleEncoder Instance = new();

    private static readonly JavaScriptEncoder Relaxed = UnsafeRelaxedJsonEscaping;
    private static readonly SearchValues<char> Harmful = SearchValues.Create(
        [.. Enumerable.Range(0, 0x10000).Select(code => (char)code).Where(code => !char.IsSurrogate(code) && !Printable.IsHarmless(new(code)))]);

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => Relaxed.MaxOutputCharactersPerInputCharacter;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) =>
        Relaxed.WillEncode(unicodeScalar) || !Printable.IsHarmless(new(unicodeScalar));

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var first = Relaxed.FindFirstCharacterToEncode(text, textLength);
        var before = new ReadOnlySpan<char>(text, first < 0 ? textLength : first);
        var harmful = before.IndexOfAny(Harmful);
        return harmful < 0 ? first : harmful;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(
        int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        if (Relaxed.WillEncode(unicodeScalar))
        {
            return Relaxed.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        }

        var escaped = $"\\u{unicodeScalar:X4}"; // outside the basic plane the relaxed encoder escapes everything
        numberOfCharactersWritten = escaped.TryCopyTo(new(buffer, bufferLength)) ? escaped.Length : 0;
        return numberOfCharactersWritten > 0;
    }
}
