using System.Globalization;
using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>Amounts from outside, exact to the base unit: never through a floating-point number.</summary>
internal static class Satoshis
{
    public const int Decimals = 8;
    private const int LongestText = 40;

    /// <summary>Base units: a JSON integer.</summary>
    public static long Read(JsonElement element, string what, long limit) =>
        Bounded(element.ValueKind is JsonValueKind.Number ? StrictObject.ExactInteger(element) : null, what, limit);

    /// <summary>
    /// Base units: a JSON integer, or text of nothing but digits, which the bitcore libraries take as well.
    /// </summary>
    public static long ReadAlsoText(JsonElement element, string what, long limit) =>
        element.ValueKind is JsonValueKind.String && element.GetString() is { Length: > 0 and < LongestText } text && text.All(char.IsAsciiDigit)
            ? Bounded(BigInteger.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture), what, limit)
            : Read(element, what, limit);

    /// <summary>Whole coins as a JSON number with up to 8 places, such as 0.004 or 1e-8.</summary>
    public static long FromCoins(JsonElement element, string what, long limit)
    {
        var text = element.ValueKind is JsonValueKind.Number ? element.GetRawText() : "";
        return text.Length is > 0 and < LongestText && Scale(text) is { } value && value >= 0 && value <= limit
            ? (long)value
            : throw KmsException.Refused($"{what} is not an amount of coins with at most {Decimals} places");
    }

    private static long Bounded(BigInteger? exact, string what, long limit) => exact is { } value && value >= 0 && value <= limit
        ? (long)value
        : throw KmsException.Refused($"{what} is not a whole number of base units from 0 to {limit}");

    /// <summary>The number times 10^8, or null when that is not whole.</summary>
    private static BigInteger? Scale(string number)
    {
        var parts = number.Split('e', 'E');
        var exponent = 0;
        if (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return null;
        }

        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var places = point < 0 ? 0 : parts[0].Length - point - 1;
        var digits = BigInteger.Parse(
            parts[0].Replace(".", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture);
        if (digits.IsZero)
        {
            return digits;
        }

        var shift = (long)exponent + Decimals - places;
        if (shift is < -LongestText or > LongestText)
        {
            return null;
        }

        var power = BigInteger.Pow(10, (int)Math.Abs(shift));
        return shift >= 0 ? digits * power : digits % power == 0 ? digits / power : null;
    }
}
