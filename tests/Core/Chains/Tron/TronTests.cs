using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Tron;

/// <summary>What the recorded TRON cases say beyond the signed bytes, and every way in which JSON and bytes can disagree.</summary>
public static class TronTests
{
    public static TheoryData<string> Signing => new(Vectors.Names("TRON", "signing"));

    [Theory, MemberData(nameof(Signing))]
    public static void Shows_what_is_recorded(string name)
    {
        var vector = Vectors.Case("TRON", "signing", name);
        var decoded = vector.GetProperty("decoded");
        using var run = SigningRun.Sign(vector);
        var summary = run.Transaction.Summary;

        Assert.Equal(decoded.Text("contractType"), summary.Details["contract type"]);
        Assert.Equal(decoded.Text("owner"), Assert.Single(summary.From));
        Assert.Contains($"({decoded.Text("expiration")})", summary.Details["expiration"], StringComparison.Ordinal);
        Assert.Equal(decoded.Text("memo"), summary.Memo);
        Assert.Equal(decoded.TryGetProperty("permissionId", out var permission) ? permission.GetRawText() : null, summary.Details.GetValueOrDefault("permission id"));
        Assert.Equal(decoded.Text("feeLimitSun") ?? "0", (summary.Fee?.Units ?? 0).ToString(CultureInfo.InvariantCulture));
        if (decoded.Text("to") is { } to)
        {
            var transfer = Assert.Single(summary.Transfers);
            Assert.Equal(to, transfer.To);
            Assert.Equal(decoded.Text("asset"), transfer.Amount.Asset);
            Assert.Equal(decoded.Text("amountSun") ?? decoded.Text("amountBaseUnits"), transfer.Amount.Units.ToString(CultureInfo.InvariantCulture));
        }

        if (decoded.TryGetProperty("call", out var call))
        {
            Assert.Equal(decoded.Text("contract"), summary.Contract);
            Assert.Equal(call.Text("function"), summary.Method);
            Assert.Equal(string.Join(", ", call.GetProperty("args").EnumerateArray().Select(argument => argument.GetString())), summary.Details["arguments"]);
            Assert.Equal("USDT", summary.Transfers[0].Amount.Asset);
        }

        foreach (var member in (string[])["resource", "frozen_duration"])
        {
            Assert.Equal(decoded.Text(member), summary.Details.GetValueOrDefault(member.Replace('_', ' ')));
        }

        if (decoded.Text("frozen_balance") is { } frozen)
        {
            Assert.Equal(new Amount(System.Numerics.BigInteger.Parse(frozen, CultureInfo.InvariantCulture), 6, "TRX").ToString(), summary.Details["frozen balance"]);
        }
    }

    [Theory, MemberData(nameof(Signing))]
    public static void Signs_the_recorded_digest_with_the_recorded_key(string name)
    {
        var vector = Vectors.Case("TRON", "signing", name);
        using var run = SigningRun.Sign(vector);
        var text = JsonDocument.Parse(run.Signed.Data).RootElement.GetProperty("signature")[0].GetString()!;
        Assert.Equal(vector.Text("signature"), text);
        Assert.Equal(130, text.Length);
        var signature = Convert.FromHexString(text);
        Assert.Equal(vector.Text("publicKey"), Hex.Lower0x(Secp256k1.Recover(Hex.Read0x(vector.Text("digest"), "it"), signature.AsSpan(..64), signature[64] - 27)));
        Assert.Equal(vector.Text("txId"), run.Signed.TransactionId);
        Assert.Empty(run.Replay.Calls);
    }

    /// <summary>Every number, text and flag of raw_data changed, one at a time: the bytes no longer say the same.</summary>
    [Theory, MemberData(nameof(Signing))]
    public static void Refuses_json_that_differs_from_the_bytes_anywhere(string name)
    {
        var vector = Vectors.Case("TRON", "signing", name);
        var paths = new List<Func<JsonNode, (JsonNode Parent, object Key)>>();
        Collect(Payload(vector)["raw_data"]!, root => root["raw_data"]!, paths);
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            var payload = Payload(vector);
            var (parent, key) = path(payload);
            var changed = Change(key is string member ? parent[member]! : parent[(int)key]!);
            if (key is string named)
            {
                parent[named] = changed;
            }
            else
            {
                parent[(int)key] = changed;
            }

            Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => Sign(vector, payload.ToJsonString()).Dispose()).Failure);
        }
    }

    [Theory, MemberData(nameof(Signing))]
    public static void Refuses_every_changed_byte_of_raw_data_hex(string name)
    {
        var vector = Vectors.Case("TRON", "signing", name);
        var hex = (string)Payload(vector)["raw_data_hex"]!;
        for (var i = 0; i < hex.Length; i++)
        {
            var payload = Payload(vector);
            payload["raw_data_hex"] = hex[..i] + (hex[i] == '0' ? '1' : '0') + hex[(i + 1)..];
            Assert.Throws<KmsException>(() => Sign(vector, payload.ToJsonString()).Dispose());
        }
    }

    [Theory]
    [InlineData("visible", "\"yes\"")]
    [InlineData("visible", "true")] // the addresses are in hex
    [InlineData("signature", "[]")]
    [InlineData("txID", "null")]
    [InlineData("txID", "\"e9\"")]
    [InlineData("raw_data", "null")]
    [InlineData("raw_data", "[]")]
    [InlineData("raw_data", "{}")]
    [InlineData("raw_data_hex", "\"\"")]
    [InlineData("raw_data_hex", "5")]
    public static void Refuses_a_frame_that_is_not_whole(string member, string value)
    {
        var vector = Vectors.Case("TRON", "signing", "trx-transfer");
        var payload = Payload(vector);
        payload[member] = JsonNode.Parse(value);
        Assert.Throws<KmsException>(() => Sign(vector, payload.ToJsonString()).Dispose());
    }

    [Fact]
    public static void Keeps_members_it_does_not_know_and_every_digit()
    {
        var vector = Vectors.Case("TRON", "signing", "amount-above-2-to-53");
        var text = vector.GetProperty("pending").Text("serializedTransaction")!;
        using var run = Sign(vector, text.Insert(1, "\"note\" : 12345678901234567890.10e5 ,"));
        Assert.StartsWith("{\"note\":12345678901234567890.10e5,\"visible\":false,", run.Signed.Data, StringComparison.Ordinal);
        Assert.Contains("\"amount\":9007199254740993,", run.Signed.Data, StringComparison.Ordinal);
    }

    [Fact]
    public static void Refuses_a_fee_limit_beyond_the_ceiling_unless_configured()
    {
        var vector = Vectors.Case("TRON", "signing", "trc20-transfer"); // limit 100 TRX
        var network = vector.Flag("testnet") ? Network.Testnet : Network.Mainnet;
        Assert.Throws<KmsException>(() => SigningRun.Sign(vector, Context(99_999_999)).Dispose());
        SigningRun.Sign(vector, Context(100_000_000)).Dispose();

        SigningContext Context(long ceiling) => new(network) { Chains = new Dictionary<string, ChainOptions> { ["TRON"] = new() { FeeCeiling = ceiling } } };
    }

    private static SigningRun Sign(JsonElement vector, string serialized)
    {
        var changed = JsonNode.Parse(vector.GetRawText())!;
        changed["pending"]!["serializedTransaction"] = serialized;
        return SigningRun.Sign(JsonDocument.Parse(changed.ToJsonString()).RootElement);
    }

    private static JsonObject Payload(JsonElement vector) => (JsonObject)JsonNode.Parse(vector.GetProperty("pending").Text("serializedTransaction")!)!;

    private static void Collect(JsonNode node, Func<JsonNode, JsonNode> find, List<Func<JsonNode, (JsonNode, object)>> paths)
    {
        var children = node is JsonObject members
            ? members.Select(member => (Key: (object)member.Key, Value: member.Value!))
            : ((JsonArray)node).Select((value, at) => (Key: (object)at, Value: value!));
        foreach (var (key, value) in children)
        {
            if (value is JsonValue)
            {
                paths.Add(root => (find(root), key));
            }
            else
            {
                Collect(value, root => key is string name ? find(root)[name]! : find(root)[(int)key]!, paths);
            }
        }
    }

    private static JsonNode Change(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => JsonNode.Parse(value.ToJsonString() == "1" ? "2" : "1")!,
        JsonValueKind.True => JsonNode.Parse("false")!,
        JsonValueKind.False => JsonNode.Parse("true")!,
        _ => (string)value! switch
        {
            "" => "x",
            { } text when text.StartsWith("41", StringComparison.Ordinal) => text[..^1] + (text[^1] == '0' ? '1' : '0'),
            { } text => (text[0] == '0' ? '1' : '0') + text[1..],
        },
    };
}
