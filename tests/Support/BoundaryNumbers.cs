using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support;

/// <summary>A text with one of its numbers after the other at a boundary: numbers of JSON, and those inside hex and Base64.</summary>
internal static class BoundaryNumbers
{
    private static readonly BigInteger[] Edges =
    [
        0, 1, 255, 256, 65_535, 65_536, (1L << 31) - 1, 1L << 31, uint.MaxValue, 1L << 32, (1L << 53) - 1, 1L << 53, long.MaxValue, 1UL << 63, ulong.MaxValue,
        BigInteger.One << 64, BigInteger.One << 128, BigInteger.One << 256, -1, long.MinValue,
    ];

    private static readonly string[] Others = ["1.5", "1e3", "1e400", "\"\"", "\"12x\"", "\"0x\"", "null", "true", "[]", "{}"];

    /// <summary>Values as JSON: each boundary as a number, as text and as 0x text, and what is no whole number.</summary>
    public static IReadOnlyList<string> Json { get; } =
    [
        .. Edges.Select(edge => edge.ToString(CultureInfo.InvariantCulture)),
        .. Edges.Select(edge => $"\"{edge.ToString(CultureInfo.InvariantCulture)}\""),
        .. Edges.Where(edge => edge.Sign >= 0).Select(edge => $"\"0x{edge.ToString("x", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0')}\""),
        .. Others,
    ];

    /// <summary>The text with each of its numbers at each boundary.</summary>
    public static IEnumerable<string> Of(string text) => JsonRoot(text) is { } root ? OfJson(root) : Inside(text);

    /// <summary>The JSON with each number that stands in it as such at each boundary.</summary>
    public static IEnumerable<string> OfMembers(string json) => JsonRoot(json) is { } root ? OfJson(root, inside: false) : [];

    private static IEnumerable<string> OfJson(JsonNode root, bool inside = true)
    {
        foreach (var (parent, key) in Places(root).ToList())
        {
            var old = Get(parent, key);
            if (!inside && !IsNumber(old))
            {
                continue;
            }

            var values = IsNumber(old) ? Json.Select(value => JsonNode.Parse(value)) : Inside(old!.GetValue<string>()).Select(inner => (JsonNode?)JsonValue.Create(inner));
            foreach (var value in values)
            {
                Set(parent, key, value);
                yield return root.ToJsonString();
            }

            Set(parent, key, old?.DeepClone());
        }
    }

    // windows of 1, 2, 4 and 8 bytes at every place, in both byte orders
    private static IEnumerable<string> Inside(string text)
    {
        if (Bytes(text) is not var (bytes, write) || bytes.Length > 1000)
        {
            yield break;
        }

        foreach (var size in (int[])[1, 2, 4, 8])
        {
            for (var at = 0; at + size <= bytes.Length; at++)
            {
                foreach (var edge in (ulong[])[0, ulong.MaxValue, 1UL << ((8 * size) - 1), (1UL << ((8 * size) - 1)) - 1])
                {
                    var changed = bytes.ToArray();
                    Span<byte> word = stackalloc byte[8];
                    BinaryPrimitives.WriteUInt64LittleEndian(word, edge);
                    word[..size].CopyTo(changed.AsSpan(at));
                    yield return write(changed);
                    changed.AsSpan(at, size).Reverse();
                    yield return write(changed);
                }
            }
        }
    }

    private static (byte[] Bytes, Func<byte[], string> Write)? Bytes(string text)
    {
        var digits = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        if (digits.Length is > 1 and < 4000 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit))
        {
            return (Convert.FromHexString(digits), bytes => text[..^digits.Length] + Convert.ToHexStringLower(bytes));
        }

        var buffer = new byte[text.Length];
        return text.Length > 40 && Convert.TryFromBase64String(text, buffer, out var length) ? (buffer[..length], Convert.ToBase64String) : null;
    }

    private static JsonNode? JsonRoot(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonNode root and (JsonObject or JsonArray) ? root : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static bool IsNumber(JsonNode? node) =>
        node is null || node.GetValueKind() is System.Text.Json.JsonValueKind.Number || node.GetValue<string>() is var text && text.Length < 80 && BigInteger.TryParse(text, out _);

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode node) => node switch
    {
        JsonObject named => named.ToList().SelectMany(member => Below(node, member.Key, member.Value)),
        JsonArray list => Enumerable.Range(0, list.Count).SelectMany(i => Below(node, i, list[i])),
        _ => [],
    };

    private static IEnumerable<(JsonNode Parent, object Key)> Below(JsonNode parent, object key, JsonNode? child) =>
        child is JsonObject or JsonArray ? Places(child)
        : child is null || child.GetValueKind() is System.Text.Json.JsonValueKind.Number or System.Text.Json.JsonValueKind.String ? [(parent, key)]
        : [];

    private static JsonNode? Get(JsonNode parent, object key) => parent is JsonObject named ? named[(string)key] : parent[(int)key];

    private static void Set(JsonNode parent, object key, JsonNode? value)
    {
        if (parent is JsonObject named)
        {
            named[(string)key] = value;
        }
        else
        {
            parent[(int)key] = value;
        }
    }
}
