using System.Globalization;
using System.Text;
using System.Text.Unicode;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Contracts;

/// <summary>Bytes that are meant as text, shown as such.</summary>
internal static class MemoText
{
    /// <summary>
    /// The text when the bytes are UTF-8 without control characters and without invisible ones, which could turn the order
    /// of what is read around; else hex. Null for none.
    /// </summary>
    public static string? Of(ReadOnlySpan<byte> memo)
    {
        if (memo.IsEmpty)
        {
            return null;
        }

        return Utf8.IsValid(memo) && Encoding.UTF8.GetString(memo) is var text && text.All(IsVisible) ? text : Hex.Lower0x(memo);
    }

    private static bool IsVisible(char character) => char.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
