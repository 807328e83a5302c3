using System.Text;
using System.Text.Unicode;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Evm;

/// <summary>Bytes that are meant as text, shown as such.</summary>
internal static class MemoText
{
    /// <summary>The text when the bytes are UTF-8 without control characters, else hex; null for none.</summary>
    public static string? Of(ReadOnlySpan<byte> memo)
    {
        if (memo.IsEmpty)
        {
            return null;
        }

        return Utf8.IsValid(memo) && Encoding.UTF8.GetString(memo) is var text && !text.Any(char.IsControl) ? text : Hex.Lower0x(memo);
    }
}
