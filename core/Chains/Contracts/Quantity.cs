using System.Globalization;
using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Contracts;

/// <summary>
/// Non-negative whole numbers from outside: a decimal string, a 0x string, or a JSON integer that JavaScript can hold
/// exactly (a reviewer's tool written in JavaScript would show another number beyond 2^53-1).
/// </summary>
internal static class Quantity
{
    private const long LargestSafeInteger = (1L << 53) - 1;
    private const int LongestText = 100;

    /// <summary>A member of at most <paramref name="bits"/> bits, or null when it is absent.</summary>
    /// <param name="json">The object.</param>
    /// <param name="name">The member.</param>
    /// <param name="bits">Most bits it may have.</param>
    /// <param name="blankIsAbsent">Whether "" counts as absent.</param>
    public static BigInteger? Optional(StrictObject json, string name, int bits, bool blankIsAbsent = false)
    {
        if (json.Optional(name) is not { } value || (blankIsAbsent && value.ValueKind is JsonValueKind.String && value.ValueEquals("")))
        {
            return null;
        }

        var number = Exact(value)
            ?? throw json.Bad(name, "is not a whole number: a decimal or 0x string, or a JSON integer below 2^53");
        return number.GetBitLength() <= bits ? number : throw json.Bad(name, $"has more than {bits} bits");
    }

    /// <summary>A member of at most 64 bits, or null when it is absent.</summary>
    public static ulong? OptionalUInt64(StrictObject json, string name) => (ulong?)Optional(json, name, 64);

    /// <summary>An account's nonce, or null when it is absent: below 2^64-1 (EIP-2681).</summary>
    public static ulong? OptionalNonce(StrictObject json, string name) =>
        OptionalUInt64(json, name) is not { } nonce ? null : nonce < ulong.MaxValue ? nonce : throw json.Bad(name, "is not below 2^64-1 (EIP-2681)");

    /// <summary>A number of a gateway's answer: 0x string or JSON integer.</summary>
    public static BigInteger Answer(JsonElement value, string what) => value.ValueKind switch
    {
        JsonValueKind.String => FromHex(value.GetString()!),
        JsonValueKind.Number when StrictObject.ExactInteger(value) is { Sign: >= 0 } number => number,
        _ => null,
    } ?? throw KmsException.Refused($"the gateway's answer for {what} is not a whole number");

    /// <summary>0x and the shortest hex digits, as JSON-RPC wants quantities.</summary>
    public static string ToHex(BigInteger value) =>
        value.IsZero ? "0x0" : "0x" + value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');

    /// <summary>The number, or null when it is none.</summary>
    public static BigInteger? Exact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => FromText(value.GetString()!),
        JsonValueKind.Number when !value.GetRawText().StartsWith('-') && StrictObject.ExactInteger(value) is { } number && number <= LargestSafeInteger => number,
        _ => null,
    };

    private static BigInteger? FromText(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? FromHex(text)
        : text.Length is > 0 and <= LongestText && text.All(char.IsAsciiDigit) ? BigInteger.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static BigInteger? FromHex(string text) =>
        text.Length is > 2 and <= LongestText && text.StartsWith("0x", StringComparison.Ordinal) && text.AsSpan(2).IndexOfAnyExcept(HexDigits) < 0
            ? BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : null;

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create(
        "0123456789abcdefABCDEF");
}
