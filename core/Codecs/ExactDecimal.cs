using System.Globalization;
using System.Numerics;

namespace KmsCloud.Codecs;

/// <summary>Non-negative decimal numbers from outside, exactly: no floating point on the way.</summary>
public static class ExactDecimal
{
    private const int LongestText = 200;
    private const int LargestExponent = 1000;

    /// <summary>
    /// Reads digits, an optional fraction and an optional exponent, as mantissa × 10^exponent with no trailing zeros in
    /// the mantissa. No sign, no blanks, no bare point.
    /// </summary>
    public static bool TryRead(string text, out BigInteger mantissa, out int exponent)
    {
        (mantissa, exponent) = (0, 0);
        var mark = text.IndexOfAny(['e', 'E']);
        var number = mark < 0 ? text : text[..mark];
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? number : number.Remove(point, 1);
        if (text.Length > LongestText || digits.Length == 0 || point == 0 || point == number.Length - 1 || !digits.All(char.IsAsciiDigit)
            || (mark >= 0 && (!int.TryParse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || exponent is < -LargestExponent or > LargestExponent)))
        {
            return false;
        }

        var significant = digits.TrimEnd('0');
        mantissa = significant.Length == 0 ? 0 : BigInteger.Parse(significant, CultureInfo.InvariantCulture);
        exponent += digits.Length - significant.Length - (point < 0 ? 0 : number.Length - 1 - point);
        return true;
    }

    /// <summary>
    /// The number in units of 10^-<paramref name="decimals"/>, or null when it is none, not whole in them, or over 100
    /// digits.
    /// </summary>
    public static BigInteger? Units(string text, int decimals)
    {
        if (!TryRead(text, out var mantissa, out var exponent))
        {
            return null;
        }

        if (mantissa.IsZero)
        {
            return mantissa;
        }

        return exponent + decimals is >= 0 and < 100 and var power ? mantissa * BigInteger.Pow(10, power) : null;
    }
}
