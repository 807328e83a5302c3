using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>What the recorded cases say beyond the signed bytes: human terms, digest, and the exact questions to the gateway.</summary>
public static class EvmVectorTests
{
    private static readonly string[] Codes = ["ETH", "BSC", "MATIC", "KLAY", "ONE", "KCS", "XDC", "CELO"];

    public static IEnumerable<TheoryDataRow<string, string>> Signing() =>
        from code in Codes
        from name in Vectors.Names(code, "signing")
        select new TheoryDataRow<string, string>(code, name) { TestDisplayName = $"{code}: {name}" };

    [Theory, MemberData(nameof(Signing))]
    public static void Shows_what_is_recorded(string code, string name)
    {
        var vector = Vectors.Case(code, "signing", name);
        var decoded = vector.GetProperty("decoded");
        using var run = SigningRun.Sign(vector);
        var summary = run.Transaction.Summary;

        Assert.Equal(TypeName(decoded.GetProperty("type")), summary.Details["type"]);
        Assert.Equal(decoded.GetProperty("chainId").GetRawText(), summary.Details["chain id"]);
        Assert.Equal(decoded.Text("from"), Plain(Assert.Single(summary.From)));
        Assert.Equal(decoded.GetProperty("nonce").GetRawText(), summary.Sequence);
        Assert.Equal(decoded.Text("gasLimit"), summary.Details["gas limit"]);
        if (decoded.Text("gasPrice") is { } price)
        {
            Assert.Equal(Gwei(price), summary.Details["gas price"]);
        }
        else
        {
            Assert.Equal(Gwei(decoded.Text("maxFeePerGas")!), summary.Details["max fee per gas"]);
            Assert.Equal(Gwei(decoded.Text("maxPriorityFeePerGas")!), summary.Details["max priority fee per gas"]);
        }

        Assert.Equal(decoded.Text("maxFee") ?? summary.Fee!.Value.Number, summary.Fee!.Value.Number);
        Assert.Equal(decoded.Text("maxFeeBaseUnits") ?? summary.Fee.Value.Units.ToString(CultureInfo.InvariantCulture), summary.Fee.Value.Units.ToString(CultureInfo.InvariantCulture));
        if (decoded.Text("feeAsset") is { } feeAsset && feeAsset != "CELO")
        {
            Assert.EndsWith(feeAsset, summary.Details["fee currency"], StringComparison.Ordinal);
        }

        CompareAction(decoded, summary);
    }

    [Theory, MemberData(nameof(Signing))]
    public static void Signs_the_recorded_digest_with_the_recorded_key(string code, string name)
    {
        var vector = Vectors.Case(code, "signing", name);
        using var run = SigningRun.Sign(vector);
        var (digest, signer) = Read(run.Signed.Data);
        Assert.Equal(vector.Text("digest"), Hex.Lower0x(digest));
        Assert.Equal(Hex.Lower(Secp256k1.Convert(Hex.Read0x(vector.Text("publicKey")!, "the key"), compressed: true)), signer.PublicKey);
        Assert.Equal(vector.Text("txId"), run.Signed.TransactionId);
    }

    [Theory, MemberData(nameof(Signing))]
    public static void Asks_the_gateway_for_what_is_missing_and_nothing_else(string code, string name)
    {
        var vector = Vectors.Case(code, "signing", name);
        using var run = SigningRun.Sign(vector);
        var required = vector.GetProperty("gateway").EnumerateArray().Where(call => call.Flag("required")).Select(Describe).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(required, run.Replay.Calls.Select(Describe).Order(StringComparer.Ordinal));
    }

    private static (byte[] Digest, EvmSigner Signer) Read(string data)
    {
        var bytes = Convert.FromHexString(data[2..]);
        if (EvmEnvelope.Reads(bytes))
        {
            var envelope = EvmEnvelope.Read(bytes);
            return (envelope.Digest, envelope.Signer);
        }

        var read = EvmReading.Read(data);
        return ([.. read.Digest], read.Signer);
    }

    private static void CompareAction(JsonElement decoded, TransactionSummary summary)
    {
        var units = decoded.Text("valueBaseUnits")!;
        var length = decoded.TryGetProperty("dataLength", out var bytes) ? bytes.GetInt32() : decoded.Text("data") is { } data ? (data.Length - 2) / 2 : 0;
        Assert.Equal(length > 0 ? $"{length} bytes" : null, summary.Details.GetValueOrDefault("data"));
        if (decoded.Flag("contractCreation"))
        {
            Assert.Equal("contract creation", summary.Kind);
            Assert.False(summary.Understood);
            return;
        }

        if (length == 0)
        {
            var payment = Assert.Single(summary.Transfers);
            Assert.Equal(decoded.Text("to"), Plain(payment.To));
            Assert.Equal(units, payment.Amount.Units.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(decoded.Text("value") is { } value ? Trim(value) : payment.Amount.Number, payment.Amount.Number);
            Assert.Contains(payment.Amount.Asset, decoded.Text("asset") ?? payment.Amount.Asset, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(decoded.Text("to"), Plain(summary.Contract!));
        Assert.True(summary.Understood);
        if (decoded.TryGetProperty("call", out var call))
        {
            Assert.Equal(call.Text("function"), summary.Method);
            Assert.Equal(
                string.Join(", ", call.GetProperty("args").EnumerateArray().Select(argument => Plain(argument.GetString()!))),
                string.Join(", ", summary.Details["arguments"].Split(", ").Select(Plain)));
            Assert.Equal(Plain(call.GetProperty("args")[0].GetString()!), Plain(summary.Transfers[0].To));
        }
    }

    private static string TypeName(JsonElement type) => type.GetRawText() switch
    {
        "0" => "legacy (EIP-155)",
        "1" => "type 1 with access list (EIP-2930)",
        "2" => "type 2 with fee market (EIP-1559)",
        "123" => "type 0x7b with fee currency (CIP-64)",
        _ => type.GetString()!,
    };

    private static string Gwei(string wei) => new Amount(System.Numerics.BigInteger.Parse(wei, CultureInfo.InvariantCulture), 9, "gwei").ToString();

    private static string Trim(string number) => number.EndsWith(".0", StringComparison.Ordinal) ? number[..^2] : number;

    /// <summary>Addresses as the vectors write most of them: 0x, lower case.</summary>
    private static string Plain(string text) =>
        (text.StartsWith("xdc", StringComparison.Ordinal) ? "0x" + text[3..] : text).ToLowerInvariant();

    private static string Describe(JsonElement record) => Describe(
        record.Text("method")!, record.Text("path")!, record.TryGetProperty("request", out var request) ? JsonNode.Parse(request.GetRawText()) : null);

    private static string Describe(NodeCall call) => Describe(call.Method, call.Path, call.Body is null ? null : JsonNode.Parse(call.Body));

    /// <summary>One line per call, members in one order. Two things of the original are not asked for: gas of zero, and an estimate that leaves the fee currency out.</summary>
    private static string Describe(string method, string path, JsonNode? body)
    {
        if (body?["params"]?.AsArray() is [JsonObject estimate, ..])
        {
            if ((string?)estimate["gas"] == "0x0")
            {
                estimate.Remove("gas");
            }

            estimate.Remove("feeCurrency");
            var sorted = estimate.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{member.Key}={member.Value?.ToJsonString()}");
            return $"{method} {path} {body["method"]} {string.Join(' ', sorted)}";
        }

        return $"{method} {path} {body?["method"]} {body?["params"]?.ToJsonString()}";
    }
}
