using System.Globalization;
using System.Numerics;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Contracts;

/// <summary>One argument of a contract call (Solidity ABI), as far as token calls need it.</summary>
/// <param name="Text">As people read it.</param>
/// <param name="Number">A number; a truth value is 0 or 1.</param>
/// <param name="Numbers">The elements of an array.</param>
/// <param name="IsArray">Whether it is an array.</param>
internal readonly record struct AbiValue(
    string Text, BigInteger Number, IReadOnlyList<BigInteger> Numbers, bool IsArray)
{
    private const int Word = 32;

    /// <summary>
    /// Arguments of the given types, or null when they do not have the layout every compiler writes: a word each, then
    /// the dynamic ones in order. What is left over or stands where it must be zero is warned of.
    /// </summary>
    public static AbiValue[]? TryRead(
        string[] types, ReadOnlySpan<byte> data, Func<byte[], string> address, List<string> warnings, out int trailing)
    {
        trailing = 0;
        var values = new AbiValue[types.Length];
        var tail = types.Length * Word;
        if (data.Length < tail)
        {
            return null;
        }

        for (var i = 0; i < types.Length; i++)
        {
            var word = data.Slice(i * Word, Word);
            if (types[i] is not ("bytes" or "uint256[]"))
            {
                values[i] = Static(types[i], word, address, warnings);
            }
            else if (Unsigned(word) != tail || !TryDynamic(types[i], data, ref tail, out values[i]))
            {
                return null;
            }
        }

        trailing = data.Length - tail;
        if (trailing > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{trailing} bytes stand behind the arguments of the call"));
        }

        return values;
    }

    private static AbiValue Static(
        string type, ReadOnlySpan<byte> word, Func<byte[], string> address, List<string> warnings)
    {
        if (type == "address")
        {
            if (word[..12].ContainsAnyExcept((byte)0))
            {
                warnings.Add("an address in the call has bits set beyond its 20 bytes");
            }

            return new(address(word[12..].ToArray()), 0, [], false);
        }

        var number = Unsigned(word);
        if (type == "bool")
        {
            if (number > 1)
            {
                warnings.Add("a truth value in the call is neither true nor false");
            }

            return new(number.IsZero ? "false" : "true", number, [], false);
        }

        return new(number.ToString(CultureInfo.InvariantCulture), number, [], false);
    }

    private static bool TryDynamic(string type, ReadOnlySpan<byte> data, ref int tail, out AbiValue value)
    {
        value = default;
        if (data.Length - tail < Word || Unsigned(data.Slice(tail, Word)) is var count && count > data.Length)
        {
            return false;
        }

        var rest = data[(tail + Word)..];
        var (length, size) = type == "bytes"
            ? ((int)count, ((int)count + Word - 1) / Word * Word)
            : ((int)count, (int)count * Word);
        if (rest.Length < size)
        {
            return false;
        }

        tail += Word + size;
        if (type == "bytes")
        {
            value = new(length == 0 ? "no bytes" : Hex.Lower0x(rest[..Math.Min(length, Word)]) + (length > Word ? $"… ({length} bytes)" : ""), 0, [], false);
            return !rest[length..size].ContainsAnyExcept((byte)0);
        }

        var numbers = new BigInteger[length];
        for (var i = 0; i < length; i++)
        {
            numbers[i] = Unsigned(rest.Slice(i * Word, Word));
        }

        value = new($"[{string.Join(", ", numbers)}]", 0, numbers, true);
        return true;
    }

    private static BigInteger Unsigned(ReadOnlySpan<byte> word) => new(word, isUnsigned: true, isBigEndian: true);
}
