using System.Text.Json;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support;

/// <summary>Hostile variants of good input: cut, stretched, flipped, and JSON with members changed, dropped or added.</summary>
internal static class Mutation
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "1.5", "1e400", "-0", "2147483648", "4294967296", "18446744073709551616", "9007199254740993",
        "123456789012345678901234567890123456789012345678901234567890", "[]", "{}", "[[]]", "[null]", "{\"\":0}", "\"\"", "\"0\"", "\"-1\"",
        "\"1e9\"", "\"0x\"", "\"0xzz\"", "\"é\"", "\"\\u0000\"", "\"\\uD800\"", "\"18446744073709551616\"", "\"NaN\"", "\"00\"", "\"abc\"",
        "[0,256,-1,1.5]", "{\"type\":\"Buffer\",\"data\":[300]}", "{\"0\":1,\"2\":1}", "{\"type\":\"UInt64\",\"value\":\"-1\"}",
    ];

    public static string Text(string text, SeededRandom random)
    {
        for (var rounds = 1 + random.Below(3); rounds > 0; rounds--)
        {
            text = random.Below(3) switch
            {
                0 => Characters(text, random),
                1 => Json(text, random) ?? Characters(text, random),
                _ => Base64(text, random) ?? Json(text, random) ?? Characters(text, random),
            };
        }

        return text;
    }

    public static byte[] Bytes(byte[] data, SeededRandom random)
    {
        var at = random.Below(data.Length + 1);
        var length = Math.Min(data.Length - at, 1 + random.Below(random.Chance(4) ? 64 : 4));
        byte[] head = data[..at], tail = data[(at + length)..];
        return random.Below(6) switch
        {
            0 => head,
            1 => [.. head, .. tail],
            2 => [.. head, .. random.Bytes(length), .. tail],
            3 => [.. head, .. random.Bytes(length), .. data[at..]],
            4 => [.. data, .. random.Bytes(1 + random.Below(8))],
            _ => [.. head, .. Enumerable.Repeat(random.Chance(2) ? (byte)0xff : (byte)0, length), .. tail],
        };
    }

    private static string Characters(string text, SeededRandom random)
    {
        var at = random.Below(text.Length + 1);
        var length = Math.Min(text.Length - at, 1 + random.Below(random.Chance(4) ? 40 : 3));
        string head = text[..at], tail = text[(at + length)..];
        return random.Below(6) switch
        {
            0 => head,
            1 => head + tail,
            2 => head + random.Pick(Values) + tail,
            3 => string.Concat(head, text.AsSpan(at, length), text.AsSpan(at)),
            4 => head + (char)random.Below(random.Chance(8) ? 0x10000 : 0x80) + tail,
            _ => text + random.Pick(Values),
        };
    }

    private static string? Base64(string text, SeededRandom random)
    {
        var bytes = new byte[text.Length];
        return text.Length > 8 && Convert.TryFromBase64String(text, bytes, out var length)
            ? Convert.ToBase64String(Bytes(bytes[..length], random))
            : null;
    }

    private static string? Json(string text, SeededRandom random)
    {
        try
        {
            if (JsonNode.Parse(text) is not { } root || Places(root).ToList() is not { Count: > 0 } places)
            {
                return null;
            }

            var (parent, key) = random.Pick(places);
            var old = parent is JsonObject holder ? holder[(string)key] : parent[(int)key];
            switch (random.Below(4))
            {
                case 0 when parent is JsonObject named:
                    named.Remove((string)key);
                    break;
                case 1 when parent is JsonArray list:
                    list.Add(old?.DeepClone());
                    break;
                case 2 when old is JsonValue value && value.GetValueKind() is JsonValueKind.String:
                    Set(parent, key, InText(value.GetValue<string>(), random));
                    break;
                default:
                    Set(parent, key, JsonNode.Parse(random.Pick(Values)));
                    break;
            }

            return root.ToJsonString();
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            return null; // earlier rounds made it something else than JSON, or the value a lone surrogate
        }
    }

    private static string InText(string text, SeededRandom random)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length > 8 && text.Length % 2 == 0 && !random.Chance(3)
            && Convert.FromHexString(text, bytes, out _, out _) is System.Buffers.OperationStatus.Done
            ? Convert.ToHexStringLower(Bytes(bytes, random))
            : (random.Chance(2) ? Base64(text, random) : null) ?? Characters(text, random);
    }

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

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode node) => node switch
    {
        JsonObject named => named.SelectMany(member => Below(node, member.Key, member.Value)),
        JsonArray list => Enumerable.Range(0, list.Count).SelectMany(i => Below(node, i, list[i])),
        _ => [],
    };

    private static IEnumerable<(JsonNode Parent, object Key)> Below(JsonNode parent, object key, JsonNode? child) =>
        child is null ? [(parent, key)] : Places(child).Prepend((parent, key));
}
