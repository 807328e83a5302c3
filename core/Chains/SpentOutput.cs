using System.Globalization;
using KmsCloud.Errors;

namespace KmsCloud.Chains;

/// <summary>An output that a signed transaction spends.</summary>
/// <param name="Outpoint">Transaction id in lower-case hex, a colon, and the output's number.</param>
/// <param name="Units">What it was said to hold, in base units.</param>
/// <param name="IsProved">Whether the transaction that made it was at hand, so that this is what it holds.</param>
internal readonly record struct SpentOutput(string Outpoint, long Units, bool IsProved)
{
    private const char Proved = '+';

    /// <summary>
    /// Several as one text: <c>outpoint=units</c>, with a plus sign where it is proved, and a space between two; null
    /// for none.
    /// </summary>
    public static string? Write(IReadOnlyList<SpentOutput> outputs) =>
        outputs.Count == 0 ? null : string.Join(' ', outputs);

    /// <summary>Reads that text.</summary>
    /// <exception cref="KmsException">It is none.</exception>
    public static IReadOnlyList<SpentOutput> Read(string? text) =>
        [.. (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ReadOne)];

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Outpoint}={Units}{(IsProved ? "+" : "")}");

    private static SpentOutput ReadOne(string text) =>
        text.Split('=') is [var outpoint, var amount] && long.TryParse(amount.TrimEnd(Proved), NumberStyles.None, CultureInfo.InvariantCulture, out var units)
            ? new(outpoint, units, amount.EndsWith(Proved))
            : throw KmsException.Refused("what it spends is not written as outpoint=units");
}
