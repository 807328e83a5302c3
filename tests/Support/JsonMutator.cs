using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support;

/// <summary>Turns good JSON into something a hostile or broken server might send.</summary>
internal sealed class JsonMutator(SeededRandom random)
{
    /// <summary>Values that have confused parsers before.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "1.0", "1e3", "1e999", "0.1", "9007199254740991", "9007199254740992", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "1" + new string('0', 99), "1" + new string('0', 400), "\"\"", "\" \"", "\"0\"", "\"-1\"", "\"0x\"", "\"0x0\"",
        "\"0X1\"", "\"0xg\"", "\"1e3\"", "\"٣\"", "\"\\ud800\"", "\"\\u0000\"", "\"\\udc00\\ud800\"", "\"0x" + new string('f', 64) + "\"", "\"0x" + new string('f', 65) + "\"",
        "\"" + new string('9', 78) + "\"", "\"" + new string('9', 500) + "\"", "[]", "{}", "[[]]", "[null]", "[{}]", "{\"a\":1}", new string('[', 40) + new string(']', 40),
        "\"0x3535353535353535353535353535353535353535\"", "\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaee\"", "\"one1q6gkzcap0uruuu8r6sldxuu47pd4ww9w9t7tg6\"",
        "\"TAUJQJnzq5BgdLFvV1qJ1DZJx6MBvaAHps\"", "\"410580923faf8a090bc58804329cf3b76f5e5da7fc\"", "[{\"address\":\"0x3535353535353535353535353535353535353535\",\"storageKeys\":[\"0x01\"]}]",
    ];

    private static readonly string[] Names =
    [
        "from", "to", "value", "data", "input", "gas", "gasLimit", "gasPrice", "nonce", "chainId", "type", "accessList", "maxFeePerGas", "maxPriorityFeePerGas", "feeCurrency",
        "gatewayFee", "gatewayFeeRecipient", "humanReadable", "codeFormat", "chainTag", "blockRef", "expiration", "gasPriceCoef", "dependsOn", "clauses", "reserved", "visible",
        "txID", "raw_data", "raw_data_hex", "signature", "contract", "parameter", "type_url", "amount", "fee_limit", "Permission_id", "", "\\ud800", "\\u0000", "__proto__",
    ];

    /// <summary>One to four changes of the text or of what it says.</summary>
    public string Mutate(string json)
    {
        for (var i = random.Below(4); i >= 0; i--)
        {
            json = random.Below(3) == 0 ? Text(json) : Structure(json);
        }

        return json;
    }

    /// <summary>A value of the kinds above.</summary>
    public string Value() => random.Pick(Values);

    private string Text(string json)
    {
        if (json.Length == 0)
        {
            return Value();
        }

        var at = random.Below(json.Length);
        return random.Below(6) switch
        {
            0 => json[..at],
            1 => json[..at] + json[(at + 1)..],
            2 => json[..at] + (char)random.Below(128) + json[(at + 1)..],
            3 => json[..at] + (char)(0xd700 + random.Below(0x900)) + json[at..],
            4 => json[..at] + json[at..Math.Min(json.Length, at + 20)] + json[at..],
            _ => json[..at] + Value() + json[at..],
        };
    }

    private string Structure(string json)
    {
        try
        {
            return Tree(json);
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return Text(json); // no JSON, a member twice, or half of a character: nothing the tree can hold
        }
    }

    private string Tree(string json)
    {
        var root = JsonNode.Parse(json);
        var placeholder = $"@{random.Next():x}@";
        var containers = new List<JsonNode>();
        Collect(root, containers);
        if (containers.Count == 0)
        {
            return Value();
        }

        switch (random.Pick(containers))
        {
            case JsonObject { Count: > 0 } members when random.Below(4) > 0:
                var name = members.ElementAt(random.Below(members.Count)).Key;
                if (random.Below(4) == 0)
                {
                    members.Remove(name);
                    return root!.ToJsonString();
                }

                members[name] = placeholder;
                break;
            case JsonObject members:
                members[placeholder] = placeholder;
                return root!.ToJsonString().Replace($"\"{placeholder}\":\"{placeholder}\"", $"\"{random.Pick(Names)}\":{Value()}", StringComparison.Ordinal);
            case JsonArray { Count: > 0 } items when random.Coin():
                items[random.Below(items.Count)] = placeholder;
                break;
            case JsonArray items:
                items.Add(placeholder);
                break;
        }

        return root!.ToJsonString().Replace($"\"{placeholder}\"", Value(), StringComparison.Ordinal);
    }

    private static void Collect(JsonNode? node, List<JsonNode> containers)
    {
        if (node is JsonObject members)
        {
            containers.Add(node);
            foreach (var member in members)
            {
                Collect(member.Value, containers);
            }
        }
        else if (node is JsonArray items)
        {
            containers.Add(node);
            foreach (var item in items)
            {
                Collect(item, containers);
            }
        }
    }
}
