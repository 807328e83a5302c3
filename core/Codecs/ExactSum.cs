using System.Globalization;
using System.Numerics;

namespace KmsCloud.Codecs;

/// <summary>
/// A non-negative decimal number, exactly: amounts of one asset are added and compared without knowing its decimals.
/// </summary>
/// <param name="Mantissa">Digits.</param>
/// <param name="Exponent">Power of ten, zero or less.</param>
public readonly record struct ExactSum(BigInteger Mantissa, int Exponent)
{
    /// <summary>Reads an amount of an audit line; what is no amount counts as nothing.</summary>
    public static ExactSum Read(string text) => TryRead(text) ?? default;

    /// <summary>Reads a decimal number, or says no.</summary>
    public static ExactSum? TryRead(string text) => ExactDecimal.TryRead(text, out var mantissa, out var exponent)
        ? exponent > 0 ? new(mantissa * BigInteger.Pow(10, exponent), 0) : new(mantissa, exponent)
        : null;

    /// <summary>The sum.</summary>
    public static ExactSum operator +(ExactSum left, ExactSum right)
    {
        var exponent = Math.Min(left.Exponent, right.Exponent);
        return new(left.At(exponent) + right.At(exponent), exponent);
    }

    /// <summary>The difference; the right side is never more than the left one where this is used.</summary>
    public static ExactSum operator -(ExactSum left, ExactSum right) =>
        left + new ExactSum(-right.Mantissa, right.Exponent);

    /// <summary>Whether this is more than <paramref name="times"/> times the other.</summary>
    public bool Exceeds(ExactSum other, int times)
    {
        var exponent = Math.Min(Exponent, other.Exponent);
        return At(exponent) > other.At(exponent) * times;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var digits = Mantissa.ToString(CultureInfo.InvariantCulture).PadLeft(1 - Exponent, '0');
        return Exponent == 0 ? digits : $"{digits[..^-Exponent]}.{digits[^-Exponent..]}".TrimEnd('0').TrimEnd('.');
    }

    private BigInteger At(int exponent) => Mantissa * BigInteger.Pow(10, Exponent - exponent);
}
