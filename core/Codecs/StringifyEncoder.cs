using System.Text;
using System.Text.Encodings.Web;

namespace KmsCloud.Codecs;

/// <summary>
/// Escapes exactly what JavaScript's JSON.stringify does (ECMA-262, QuoteJSONString): quote, backslash and control
/// characters below U+0020. .NET's own encoders escape more, which would change texts that are signed.
/// </summary>
internal sealed class StringifyEncoder : JavaScriptEncoder
{
    private const int LongestEscape = 6; // \u0000

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => LongestEscape;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or '"' or '\\';

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var characters = new ReadOnlySpan<char>(text, textLength);
        for (var i = 0; i < characters.Length; i++)
        {
            // a lone surrogate has no UTF-8: it is left to the encoder's caller, which replaces it
            if (WillEncode(characters[i]) || (char.IsSurrogate(characters[i]) && Rune.DecodeFromUtf16(characters[i..], out _, out _) is not System.Buffers.OperationStatus.Done))
            {
                return i;
            }

            i += char.IsHighSurrogate(characters[i]) ? 1 : 0;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(
        int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var escaped = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\b' => "\\b",
            '\f' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            < ' ' => $"\\u{unicodeScalar:x4}",
            _ => new Rune(unicodeScalar).ToString(),
        };
        numberOfCharactersWritten = escaped.TryCopyTo(new(buffer, bufferLength)) ? escaped.Length : 0;
        return numberOfCharactersWritten > 0;
    }
}
