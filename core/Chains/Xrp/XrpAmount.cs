using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Xrp;

/// <summary>
/// Amounts: drops in 8 bytes, issued currency in 48 (xrpl.org, "Serialization Format", Amount Fields), or a
/// multi-purpose token in 33 (XLS-33): 0x60, the value in 8 bytes, the issuance in 24.
/// </summary>
internal static class XrpAmount
{
    private const ulong NotNative = 1UL << 63;
    private const ulong Positive = 1UL << 62;
    private const ulong MostDrops = 100_000_000_000_000_000;
    private const byte PositiveToken = 0x60;
    private const byte IssuedBit = 0x80;
    private const byte TokenBit = 0x20;
    private const int IssuanceSize = 24;
    private const int MantissaDigits = 16;
    private const int LeastExponent = -96;
    private const int LargestExponent = 80;

    private static readonly SearchValues<char> CodeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789?!@#$%^&*(){}[]|<>");

    /// <summary>Bytes of an encoded amount, by its first byte.</summary>
    public static int Size(byte first)
    {
        if ((first & IssuedBit) != 0)
        {
            return 48;
        }

        return (first & TokenBit) != 0 ? 1 + sizeof(ulong) + IssuanceSize : sizeof(ulong);
    }

    /// <summary>
    /// Bytes of a JSON amount: drops as text, <c>{currency, issuer, value}</c> or <c>{mpt_issuance_id, value}</c>.
    /// </summary>
    public static byte[] Encode(JsonElement json, string name)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                return Drops(json.GetString()!, name);
            case JsonValueKind.Object:
                var issued = new StrictObject(json, name);
                if (issued.OptionalString("mpt_issuance_id") is { } issuance)
                {
                    return Token(issuance, issued, name);
                }

                byte[] bytes =
                [
                    .. Value(issued.String("value"), name), .. Currency(issued.String("currency"), name),
                    .. XrpAddress.Account(issued.String("issuer"), $"the issuer of {name}"),
                ];
                issued.Done();
                return bytes;
            default:
                throw KmsException.Refused($"{name} is neither drops as text nor an issued amount");
        }
    }

    /// <summary>
    /// The amount of encoded bytes. Issued amounts always count in units of 10^-96, the finest there are, so that
    /// amounts of one asset can be compared and added.
    /// </summary>
    public static Amount Decode(ReadOnlySpan<byte> value)
    {
        if (value.Length == Size(PositiveToken))
        {
            return new(
                BinaryPrimitives.ReadUInt64BigEndian(value[1..]),
                null,
                Convert.ToHexString(value[(1 + sizeof(ulong))..]));
        }

        var word = BinaryPrimitives.ReadUInt64BigEndian(value);
        if ((word & NotNative) == 0)
        {
            return new(word & ~Positive, 6, "XRP");
        }

        BigInteger mantissa = word & ((1UL << 54) - 1);
        var exponent = mantissa.IsZero ? 0 : (int)((word >> 54) & 0xff) - 97;
        return new(
            mantissa * BigInteger.Pow(10, exponent - LeastExponent),
            -LeastExponent,
            $"{CurrencyText(value[8..28])}.{XrpAddress.FromAccount(value[28..])}");
    }

    /// <summary>20 bytes of a currency code: three characters, or 40 hexadecimal digits.</summary>
    public static byte[] Currency(string code, string name)
    {
        var bytes = new byte[20];
        if (code.Length == 3 && !code.AsSpan().ContainsAnyExcept(CodeCharacters))
        {
            Encoding.ASCII.GetBytes(code, bytes.AsSpan(12));
        }
        else if (code.Length == 40)
        {
            bytes = Hex.Read(code, $"the currency of {name}");
        }
        else
        {
            throw KmsException.Refused($"the currency of {name} is neither three characters nor 40 hexadecimal digits");
        }

        return CurrencyText(bytes) is "XRP" || !bytes.AsSpan().ContainsAnyExcept((byte)0)
            ? throw KmsException.Refused($"{name} names XRP as an issued currency")
            : bytes;
    }

    /// <summary>A currency code as people write it.</summary>
    public static string CurrencyText(ReadOnlySpan<byte> currency)
    {
        var code = Encoding.Latin1.GetString(currency[12..15]);
        return !currency[..12].ContainsAnyExcept((byte)0) && !currency[15..].ContainsAnyExcept((byte)0) && !code.AsSpan().ContainsAnyExcept(CodeCharacters)
            ? code
            : Convert.ToHexString(currency);
    }

    // how many decimals its issuer means, only the ledger knows: counted in whole units
    private static byte[] Token(string issuance, StrictObject json, string name)
    {
        var id = Hex.Read(issuance, $"the mpt_issuance_id of {name}", IssuanceSize);
        var text = json.String("value");
        json.Done();
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var units) || units > long.MaxValue)
        {
            throw KmsException.Refused($"the value of {name} is not a whole number from 0 to 2^63-1");
        }

        byte[] bytes = [PositiveToken, .. new byte[sizeof(ulong)], .. id];
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(1), units);
        return bytes;
    }

    private static byte[] Drops(string text, string name)
    {
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var drops) || drops > MostDrops)
        {
            throw KmsException.Refused($"{name} is not a whole number of drops from 0 to 10^17");
        }

        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Positive | drops);
        return bytes;
    }

    private static byte[] Value(string text, string name)
    {
        if (!ExactDecimal.TryRead(text, out var mantissa, out var exponent)) // it takes no sign: no transaction may carry a negative amount
        {
            throw KmsException.Refused($"the value of {name} is not a decimal number of at least zero");
        }

        var word = NotNative;
        if (!mantissa.IsZero)
        {
            var missing = MantissaDigits - mantissa.ToString(CultureInfo.InvariantCulture).Length;
            exponent -= missing;
            word = missing >= 0 && exponent is >= LeastExponent and <= LargestExponent
                ? NotNative | Positive | ((ulong)(exponent + 97) << 54) | (ulong)(mantissa * BigInteger.Pow(10, missing))
                : throw KmsException.Refused($"the value of {name} has more than {MantissaDigits} significant digits or is too large or too small");
        }

        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, word);
        return bytes;
    }
}
