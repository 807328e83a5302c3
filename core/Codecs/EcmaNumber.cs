using System.Globalization;

namespace KmsCloud.Codecs;

/// <summary>
/// Numbers as ECMAScript spells them (ECMA-262, Number::toString), which is the spelling of RFC 8785, section 3.2.2.3.
/// </summary>
internal static class EcmaNumber
{
    private const int LargestPlain = 21; // digits before the point, beyond which an exponent is written
    private const int SmallestPlain = -6;

    /// <summary>
    /// Whether a JSON number is spelled that way, so that every reader sees the same number and every writer the same
    /// text.
    /// </summary>
    public static bool IsOwnSpelling(string json) =>
        double.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            && Spelling(value) == json;

    /// <summary>The spelling of a finite number.</summary>
    public static string Spelling(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        var (digits, point) = Shortest(Math.Abs(value));
        return (value < 0 ? "-" : "") + Placed(digits, point);
    }

    /// <summary>The fewest digits that give the number back, and after how many of them the point stands.</summary>
    private static (string Digits, int Point) Shortest(double value)
    {
        var parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var exponent = parts.Length == 2
            ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : 0;
        var at = parts[0].IndexOf('.', StringComparison.Ordinal);
        var whole = at < 0 ? parts[0].Length : at;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return (digits.TrimEnd('0'), whole + exponent - (all.Length - digits.Length));
    }

    private static string Placed(string digits, int point)
    {
        if (point is > 0 and <= LargestPlain)
        {
            return digits.Length <= point ? digits.PadRight(point, '0') : $"{digits[..point]}.{digits[point..]}";
        }

        if (point is > SmallestPlain and <= 0)
        {
            return "0." + new string('0', -point) + digits;
        }

        var exponent = (point - 1).ToString("+0;-0", CultureInfo.InvariantCulture);
        return digits.Length == 1 ? $"{digits}e{exponent}" : $"{digits[0]}.{digits[1..]}e{exponent}";
    }
}
