using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Flow;

/// <summary>
/// Arguments of a script as JSON-Cadence (Flow documentation, "JSON-Cadence Data Interchange Format").
/// </summary>
internal static class FlowArgument
{
    private const int FixedDecimals = 8;
    private const int MostElements = 10_000;
    private static readonly BigInteger LargestUFix64 = ulong.MaxValue;

    // integers: name, least and most; the two without bounds hold what fits into our limit on digits
    private static readonly FrozenDictionary<string, (BigInteger? Least, BigInteger? Most)> Integers = new[] { 8, 16, 32, 64, 128, 256 }
        .SelectMany(bits => new (string, (BigInteger?, BigInteger?))[]
        {
            ($"Int{bits}", (-BigInteger.Pow(2, bits - 1), BigInteger.Pow(2, bits - 1) - 1)),
            ($"UInt{bits}", (0, BigInteger.Pow(2, bits) - 1)),
            ($"Word{bits}", (0, BigInteger.Pow(2, bits) - 1)),
        })
        .Append(("Int", (null, null))).Append(("UInt", (0, null)))
        .ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2);

    /// <summary>An argument <c>{type, subType?, value}</c> as compact JSON-Cadence.</summary>
    public static string Encode(JsonElement argument, string what)
    {
        var json = new StrictObject(argument, what);
        var (type, subType, value) = (json.String("type"), json.OptionalString("subType"), json.Required("value"));
        json.Done();
        return CompactJson.Stringify(writer =>
        {
            if (type == "Array")
            {
                WriteArray(writer, subType ?? throw json.Bad("subType", "is missing"), value, what);
            }
            else
            {
                Write(writer, type, value, what);
            }
        });
    }

    /// <summary>A UFix64 as the language writes it, with eight decimals.</summary>
    public static string UFix64(string text, string what) => ExactDecimal.Units(text, FixedDecimals) is { } units && units <= LargestUFix64
        ? Fixed(units)
        : throw KmsException.Refused($"{what} is no number from 0 to 184467440737.09551615 with at most eight decimals");

    /// <summary>An address: 0x and 16 hexadecimal digits.</summary>
    public static string Address(string text, string what) =>
        text.Length == 18 && text.StartsWith("0x", StringComparison.Ordinal) && text.Skip(2).All(char.IsAsciiHexDigit)
            ? text
            : throw KmsException.Refused($"{what} is no Flow address of 0x and 16 hexadecimal digits");

    private static void WriteArray(Utf8JsonWriter writer, string elementType, JsonElement value, string what)
    {
        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() > MostElements)
        {
            throw KmsException.Refused($"{what} is no list");
        }

        writer.WriteStartObject();
        writer.WriteString("type", "Array");
        writer.WriteStartArray("value");
        foreach (var element in value.EnumerateArray())
        {
            Write(writer, elementType, element, what);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string type, JsonElement value, string what)
    {
        writer.WriteStartObject();
        if (type == "Bool")
        {
            writer.WriteString("type", type);
            writer.WriteBoolean("value", value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw KmsException.Refused($"{what} is not true or false"));
        }
        else
        {
            var text = Text(type, value, what); // first, so that an unknown type is refused before it is written
            writer.WriteString("type", type);
            writer.WriteString("value", text);
        }

        writer.WriteEndObject();
    }

    private static string Text(string type, JsonElement value, string what)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number when type is not ("String" or "Character" or "Address") => value.GetRawText(),
            _ => throw KmsException.Refused($"{what} has a value that is no {Shown(type)}"),
        };
        return type switch
        {
            "String" => text,
            "Character" => new StringInfo(text).LengthInTextElements == 1 ? text : throw KmsException.Refused($"{what} is not one character"),
            "Address" => Address(text, what),
            "UFix64" => UFix64(text, what),
            "Fix64" => Fix64(text, what),
            _ when Integers.TryGetValue(type, out var bounds) => Integer(text, bounds.Least, bounds.Most, what),
            _ => throw KmsException.Refused($"{what} is of type {Shown(type)}, which is no supported Cadence type"),
        };
    }

    private static string Integer(string text, BigInteger? least, BigInteger? most, string what) =>
        text.Length <= 100 && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && !text.StartsWith('+')
        && (least is null || number >= least) && (most is null || number <= most)
            ? number.ToString(CultureInfo.InvariantCulture)
            : throw KmsException.Refused($"{what} is no whole number of its type");

    private static string Fix64(string text, string what)
    {
        var isNegative = text.StartsWith('-');
        return ExactDecimal.Units(isNegative ? text[1..] : text, FixedDecimals) is { } units && units <= long.MaxValue + (isNegative ? BigInteger.One : 0)
            ? (isNegative ? "-" : "") + Fixed(units)
            : throw KmsException.Refused($"{what} is no number of 64 bits with at most eight decimals");
    }

    private static string Fixed(BigInteger units)
    {
        var digits = units.ToString(CultureInfo.InvariantCulture).PadLeft(FixedDecimals + 1, '0');
        return $"{digits[..^FixedDecimals]}.{digits[^FixedDecimals..]}";
    }

    private static string Shown(string type) =>
        Printable.Text(System.Text.Encoding.UTF8.GetBytes(type.Length > 20 ? type[..20] : type));
}
