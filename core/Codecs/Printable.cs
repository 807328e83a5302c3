using System.Text;

namespace KmsCloud.Codecs;

/// <summary>Bytes from a transaction for people to read: UTF-8 where that is harmless on a terminal, else hexadecimal.</summary>
public static class Printable
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text, or "0x…" when the bytes are not UTF-8 or hold control or direction-changing characters.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = Strict.GetString(bytes);
            return text.EnumerateRunes().All(IsHarmless) ? text : Hex.Lower0x(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Hex.Lower0x(bytes);
        }
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.OtherNotAssigned);
}
