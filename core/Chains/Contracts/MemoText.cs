using KmsCloud.Errors;

namespace KmsCloud.Chains.Contracts;

/// <summary>Bytes that are meant as text, shown as such.</summary>
internal static class MemoText
{
    /// <summary>
    /// The text where nothing in it hides or steers (<see cref="Printable.Text"/>), else hex; null for none.
    /// </summary>
    public static string? Of(ReadOnlySpan<byte> memo) => memo.IsEmpty ? null : Printable.Text(memo);
}
