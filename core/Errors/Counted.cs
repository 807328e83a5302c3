using System.Globalization;
using System.Numerics;

namespace KmsCloud.Errors;

/// <summary>A number with its noun, for people: "1 wallet", "2 wallets".</summary>
public static class Counted
{
    /// <summary>The number and the noun in the form that goes with it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun of one.</param>
    /// <param name="many">The noun of several; without it an s is added.</param>
    public static string Of(BigInteger count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {Noun(count, one, many)}");

    /// <summary>The noun alone.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun of one.</param>
    /// <param name="many">The noun of several; without it an s is added.</param>
    public static string Noun(BigInteger count, string one, string? many = null) => count.IsOne ? one : many ?? one + "s";
}
