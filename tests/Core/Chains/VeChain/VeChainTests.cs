using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.VeChain;

/// <summary>What the recorded VET cases say beyond the signed bytes, and what a pending transaction may say.</summary>
public static class VeChainTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string To = "0x3535353535353535353535353535353535353535";
    private const string Genesis = "0x000000000b2bce3c70bc649a02749e8687721b09ed2e15997f466536b20bb127";

    public static TheoryData<string> Signing => new(Vectors.Names("VET", "signing"));

    [Theory, MemberData(nameof(Signing))]
    public static void Shows_and_signs_what_is_recorded(string name)
    {
        var vector = Vectors.Case("VET", "signing", name);
        var decoded = vector.GetProperty("decoded");
        using var run = SigningRun.Sign(vector);
        var summary = run.Transaction.Summary;
        var signed = SignedVeChain.Read(run.Signed.Data);
        var deterministic = vector.Flag("deterministic", true);

        Assert.Equal(decoded.Text("origin"), Assert.Single(summary.From).ToLowerInvariant());
        Assert.Equal(decoded.Text("origin"), Hex.Lower0x(signed.Origin));
        Assert.Equal(decoded.GetProperty("chainTag").GetRawText(), summary.Details["chain tag"]);
        Assert.Equal(decoded.Text("blockRef"), summary.Details["block reference"]);
        Assert.StartsWith(decoded.GetProperty("expiration").GetRawText() + " blocks", summary.Details["expiration"], StringComparison.Ordinal);
        Assert.Contains($" {decoded.GetProperty("gasPriceCoef").GetRawText()}/255", summary.Details["gas price"], StringComparison.Ordinal);
        Assert.Equal(decoded.Text("gas"), summary.Details["gas limit"]);
        Assert.Equal(decoded.Text("dependsOn"), summary.Details.GetValueOrDefault("depends on"));
        Assert.Equal(decoded.Text("feeAsset"), summary.Fee!.Value.Asset);
        Assert.Equal(signed.Nonce.ToString(CultureInfo.InvariantCulture), summary.Details["nonce"]);
        Assert.Equal(run.Signed.TransactionId, signed.Id);
        if (deterministic)
        {
            Assert.Equal(decoded.Text("nonce"), summary.Details["nonce"]);
            Assert.Equal(vector.Text("digest"), Hex.Lower0x(signed.Digest));
            Assert.Equal(Hex.Lower(Secp256k1.Convert(Hex.Read0x(vector.Text("publicKey")!, "the key"), compressed: true)), signed.Signer.PublicKey);
            Assert.Equal(vector.Text("txId"), run.Signed.TransactionId);
        }

        // everything but nonce, signature and the lengths in front stands at the same place in the recorded bytes
        var recorded = SignedVeChain.Read(vector.Text("signed")!);
        Assert.Equal(
            (recorded.ChainTag, recorded.BlockRef, recorded.Expiration, recorded.GasPriceCoef, recorded.Gas),
            (signed.ChainTag, signed.BlockRef, signed.Expiration, signed.GasPriceCoef, signed.Gas));
        Assert.Equal(recorded.Clauses.SelectMany(clause => clause).Select(item => Hex.Lower((byte[])item)), signed.Clauses.SelectMany(clause => clause).Select(item => Hex.Lower((byte[])item)));
        CompareClauses(decoded.GetProperty("clauses"), summary);
    }

    [Theory, MemberData(nameof(Signing))]
    public static void Asks_the_node_for_what_is_missing_and_nothing_else(string name)
    {
        var vector = Vectors.Case("VET", "signing", name);
        using var run = SigningRun.Sign(vector);
        var required = vector.TryGetProperty("gateway", out var gateway) ? gateway.EnumerateArray().Where(call => call.Flag("required")).ToList() : [];
        Assert.Equal(
            required.Select(call => Describe(call.Text("path")!, call.TryGetProperty("request", out var body) ? body.GetRawText() : null)),
            run.Replay.Calls.Select(call => Describe(call.Path, call.Body)));
        Assert.All(run.Replay.Calls, call => Assert.Same(ChainCatalog.Get("VET").Info.Node, call.Host));
    }

    [Fact]
    public static void Every_nonce_is_another()
    {
        using var signer = new SingleKeySigner("VET", Key);
        var nonces = Enumerable.Range(0, 50).Select(_ => SignedVeChain.Read(signer.Sign(Json("gas", "21000")).Data).Nonce).ToHashSet();
        Assert.Equal(50, nonces.Count);
    }

    [Theory]
    [InlineData("chainTag", "0")]
    [InlineData("chainTag", "74")]
    [InlineData("chainTag", "256")]
    [InlineData("chainTag", "\"0x4a\"")]
    [InlineData("blockRef", "\"0x0014c8d70e1321\"")]
    [InlineData("blockRef", "\"0x0014c8d70e13216000\"")]
    [InlineData("blockRef", "1")]
    [InlineData("expiration", "4294967296")]
    [InlineData("expiration", "-1")]
    [InlineData("gasPriceCoef", "256")]
    [InlineData("gasPriceCoef", "-5")]
    [InlineData("dependsOn", "\"0x00\"")]
    [InlineData("nonce", "\"18446744073709551616\"")]
    [InlineData("nonce", "9007199254740992")]
    [InlineData("gas", "20999")]
    [InlineData("reserved", "{}")]
    [InlineData("features", "1")]
    [InlineData("delegator", "\"0x3535353535353535353535353535353535353535\"")]
    [InlineData("clauses", "[]")]
    [InlineData("clauses", "[{\"to\":\"0x3535353535353535353535353535353535353535\"}]")] // beside to
    [InlineData("maxFeePerGas", "1")]
    public static void Refuses_what_does_not_fit_the_network_or_the_form(string member, string value)
    {
        using var signer = new SingleKeySigner("VET", Key);
        Assert.Throws<KmsException>(() => signer.Decode(Json(member, value)));
    }

    [Theory]
    [InlineData("""{"clauses":[{}]}""")]
    [InlineData("""{"clauses":[{"to":null,"value":"1"}]}""")]
    [InlineData("""{"clauses":[{"to":"0x3535353535353535353535353535353535353535","comment":"rent"}]}""")]
    [InlineData("""{"clauses":[1]}""")]
    [InlineData("""{"clauses":{}}""")]
    [InlineData("""{"clauses":[{"to":"0x3535353535353535353535353535353535353535"}],"data":"0x00"}""")]
    [InlineData("""{"clauses":[{"to":"0x3535353535353535353535353535353535353535"}],"value":"0"}""")]
    [InlineData("""{}""")]
    public static void Refuses_clauses_that_lose_money_or_say_two_things(string json)
    {
        using var signer = new SingleKeySigner("VET", Key);
        Assert.Throws<KmsException>(() => signer.Decode(json));
    }

    [Fact]
    public static void A_reference_with_leading_zeros_is_trimmed_and_a_dependency_is_not()
    {
        using var signer = new SingleKeySigner("VET", Key);
        var id = "0x00" + new string('1', 62);
        var signed = SignedVeChain.Read(signer.Sign($$"""{"to":"{{To}}","gas":21000,"nonce":0,"chainTag":39,"blockRef":"0x0000000000000000","dependsOn":"{{id}}","gasPrice":"5"}""").Data);
        Assert.Equal((0, 0), ((int)signed.BlockRef, (int)signed.Nonce));
        Assert.Equal(id, Hex.Lower0x(signed.DependsOn));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("[{\"gasUsed\":1}]")]
    [InlineData("[{\"gasUsed\":-1,\"reverted\":false}]")]
    [InlineData("[{\"gasUsed\":1.5,\"reverted\":false}]")]
    [InlineData("[{\"gasUsed\":1,\"reverted\":\"no\"}]")]
    [InlineData("[{\"gasUsed\":1,\"reverted\":true}]")]
    [InlineData("[{\"gasUsed\":99999999999,\"reverted\":false}]")]
    [InlineData("[{\"gasUsed\":1,\"reverted\":false},{\"gasUsed\":1,\"reverted\":false}]")]
    public static void Refuses_simulations_that_fail_or_make_no_sense(string answer)
    {
        using var signer = new SingleKeySigner("VET", Key);
        Assert.Throws<KmsException>(() => signer.Sign(Json("nonce", "1"), call => call.What == "the gas" ? answer : throw new InvalidOperationException()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"id\":5}")]
    [InlineData("{\"id\":\"0x27\"}")]
    [InlineData("{\"id\":\"0x00000000851caf3cfdb6e899cf5958bfb1ac3413d346d43539627e6be7ec1b4a\"}")] // mainnet
    [InlineData("{\"id\":\"0x0000000000000000000000000000000000000000000000000000000000000027\"}")] // the tag alone is not the network
    public static void Refuses_a_node_of_another_network(string answer)
    {
        using var signer = new SingleKeySigner("VET", Key);
        var json = $$"""{"to":"{{To}}","gas":21000,"nonce":1,"blockRef":"0x0014c8d70e132160"}""";
        Assert.Throws<KmsException>(() => signer.Sign(json, _ => answer));
        Assert.NotNull(signer.Sign(json, _ => $$"""{"id":"{{Genesis}}"}"""));
    }

    [Fact]
    public static void A_private_network_can_be_added()
    {
        using var signer = new SingleKeySigner("VET", Key, options: new() { ExtraChainIds = [0xf6, 0x4a] });
        var json = $$"""{"to":"{{To}}","gas":21000,"nonce":1,"blockRef":"0x0014c8d70e132160"}""";
        Assert.Equal(0xf6, SignedVeChain.Read(signer.Sign(json, _ => $$"""{"id":"0x{{new string('0', 62)}}f6"}""").Data).ChainTag);
        Assert.Throws<KmsException>(() => signer.Decode(Json("chainTag", "74"))); // never the other network
    }

    private static void CompareClauses(JsonElement clauses, TransactionSummary summary)
    {
        var payments = new Queue<Transfer>(summary.Transfers);
        foreach (var clause in clauses.EnumerateArray())
        {
            if (clause.TryGetProperty("call", out var call))
            {
                var transfer = payments.Dequeue();
                Assert.Equal(call.GetProperty("args")[0].GetString(), transfer.To);
                Assert.Equal(call.GetProperty("args")[1].GetString(), transfer.Amount.Units.ToString(CultureInfo.InvariantCulture));
                Assert.Contains(call.Text("function")!, summary.Method, StringComparison.Ordinal);
                Assert.Equal("VTHO", transfer.Amount.Asset);
            }
            else if (clause.Text("to") is { } to)
            {
                var transfer = payments.Dequeue();
                Assert.Equal(to, transfer.To.ToLowerInvariant());
                Assert.Equal(clause.Text("valueBaseUnits"), transfer.Amount.Units.ToString(CultureInfo.InvariantCulture));
                Assert.Equal("VET", transfer.Amount.Asset);
            }
            else
            {
                Assert.Contains("contract creation", summary.Kind, StringComparison.Ordinal);
            }
        }

        Assert.Empty(payments);
    }

    /// <summary>The original writes no value where zero is meant.</summary>
    private static string Describe(string path, string? body)
    {
        var json = body is null ? null : JsonNode.Parse(body);
        foreach (var clause in json?["clauses"]?.AsArray() ?? [])
        {
            clause!["value"] = (string?)clause["value"] == "" ? "0x0" : (string?)clause["value"];
        }

        return $"{path} {json?["caller"]} {json?["clauses"]?.ToJsonString()}";
    }

    private static string Json(string member, string value)
    {
        var json = (JsonObject)JsonNode.Parse($$"""{"to":"{{To}}","value":"1","blockRef":"0x0014c8d70e132160","chainTag":39}""")!;
        json.Remove(member);
        return json.ToJsonString()[..^1] + $",\"{member}\":{value}}}";
    }
}
