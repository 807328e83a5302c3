namespace KmsCloud.Evidence;

/// <summary>
/// An ECDSA signature over P-256 as authenticators give it: DER (X.690) of two numbers (RFC 3279, section 2.2.3).
/// </summary>
internal static class EcdsaSignature
{
    /// <summary>Most bytes of one: two numbers of 33 bytes.</summary>
    internal const int Longest = 72;

    private const int Size = 32;
    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;

    /// <summary>
    /// Reads the one DER encoding that a signature has into r and s of 32 bytes each, or says no: other lengths, a
    /// leading zero that is not needed,
    /// a negative number and bytes behind the end are refused. Both values of s are taken.
    /// </summary>
    internal static bool TryRead(ReadOnlySpan<byte> der, Span<byte> numbers)
    {
        if (der.Length is < 8 or > Longest || der[0] != Sequence || der[1] != der.Length - 2)
        {
            return false;
        }

        var rest = der[2..];
        numbers.Clear();
        return TryNumber(ref rest, numbers[..Size]) && TryNumber(ref rest, numbers[Size..]) && rest.IsEmpty;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> rest, Span<byte> number)
    {
        if (rest.Length < 3 || rest[0] != Integer || rest[1] is 0 or > Size + 1 || rest.Length < 2 + rest[1])
        {
            return false;
        }

        var digits = rest.Slice(2, rest[1]);
        rest = rest[(2 + digits.Length)..];
        var isPadded = digits[0] == 0 && digits.Length > 1;
        if (digits[0] >= 0x80 || (isPadded && digits[1] < 0x80))
        {
            return false;
        }

        digits = isPadded ? digits[1..] : digits;
        if (digits.Length > Size)
        {
            return false;
        }

        digits.CopyTo(number[(Size - digits.Length)..]);
        return true;
    }
}
