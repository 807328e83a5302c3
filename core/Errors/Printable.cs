using System.Globalization;
using System.Text;

namespace KmsCloud.Errors;

/// <summary>
/// Text from outside, made fit for a terminal, a log or a file people read: nothing in it steers, hides or turns
/// around.
/// </summary>
public static class Printable
{
    /// <summary>Most characters of an error's message or hint.</summary>
    public const int LongestMessage = 1000;

    /// <summary>Most characters of a log line.</summary>
    public const int LongestLogLine = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The text, or "0x…" when the bytes are not UTF-8 or hold control or direction-changing characters.
    /// </summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = Strict.GetString(bytes);
            return IsLine(text) ? text : "0x" + Convert.ToHexStringLower(bytes);
        }
        catch (DecoderFallbackException)
        {
            return "0x" + Convert.ToHexStringLower(bytes);
        }
    }

    /// <summary>
    /// The text as one line: a blank for each control, format (U+202E and its like), separator, private or unassigned
    /// character, U+FFFD for half of a surrogate pair, and an ellipsis where it is cut.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="most">Most UTF-16 characters of the line, the ellipsis included.</param>
    public static string Line(string text, int most = LongestMessage) =>
        text.Length <= most && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? text : Cleaned(text, most);

    /// <summary>Whether a text stays as it is when it is shown.</summary>
    public static bool IsLine(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text.EnumerateRunes().All(IsHarmless);

    /// <summary>Whether a character only shows itself.</summary>
    internal static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static string Cleaned(string text, int most)
    {
        var line = new StringBuilder(Math.Min(text.Length, most));
        var left = text.Length;
        foreach (var rune in text.EnumerateRunes())
        {
            var isLast = left <= rune.Utf16SequenceLength;
            if (line.Length + rune.Utf16SequenceLength > (isLast ? most : most - 1))
            {
                return line.Append('…').ToString();
            }

            line.Append(IsHarmless(rune) ? rune.ToString() : " ");
            left -= rune.Utf16SequenceLength;
        }

        return line.ToString();
    }
}
