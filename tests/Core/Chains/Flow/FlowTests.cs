using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Flow;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Flow;

/// <summary>What FLOW refuses, encodes, and reads from hostile input.</summary>
public static class FlowTests
{
    private const string Account = "0x955cd3f17b2fd8ad";
    private static readonly OneWallet Ours = new("FLOW", "c24249b0838721df367526ddbd1c9f8407e65f851c506a3151f32ccca3f43084");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public static void Refuses_the_scripts_that_no_longer_run(int type)
    {
        var json = $$$"""{"type":{{{type}}},"body":{"account":"{{{Account}}}"}}""";
        Assert.Contains("Cadence 1.0", Assert.Throws<KmsException>(() => Ours.Decode(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amount", "\"-1\"", "no number")]
    [InlineData("amount", "\"0.000000001\"", "no number")]
    [InlineData("amount", "\"184467440737.09551616\"", "no number")]
    [InlineData("amount", "1.5", "not text")]
    [InlineData("amount", "null", "missing")]
    [InlineData("to", "\"0x10247089e55180c\"", "no Flow address")]
    [InlineData("to", "\"10247089e55180c900\"", "no Flow address")]
    [InlineData("to", "\"0x10247089e55180cg\"", "no Flow address")]
    [InlineData("account", "\"0x\"", "no Flow address")]
    [InlineData("currency", "\"USDC\"", "neither FLOW nor FUSD")]
    [InlineData("privateKey", "\"00\"", "not a member")]
    public static void Refuses_a_transfer_with(string member, string value, string because)
    {
        var json = new JsonObject { ["type"] = 2, ["body"] = new JsonObject { ["account"] = Account, ["currency"] = "FLOW", ["to"] = "0x10247089e55180c9", ["amount"] = "1.5" } };
        json["body"]![member] = JsonNode.Parse(value);
        var error = Assert.Throws<KmsException>(() => Ours.Decode(json.ToJsonString()));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    // the examples of the JSON-Cadence specification, as this gateway writes them
    [Theory]
    [InlineData("""{"type":"Bool","value":true}""", """{"type":"Bool","value":true}""")]
    [InlineData("""{"type":"String","value":"Hello, \"world\"! é ☃"}""", "{\"type\":\"String\",\"value\":\"Hello, \\\"world\\\"! é ☃\"}")]
    [InlineData("""{"type":"Character","value":"é"}""", """{"type":"Character","value":"é"}""")]
    [InlineData("""{"type":"Address","value":"0x1234567890abcDEF"}""", """{"type":"Address","value":"0x1234567890abcDEF"}""")]
    [InlineData("""{"type":"UInt8","value":123}""", """{"type":"UInt8","value":"123"}""")]
    [InlineData("""{"type":"Int256","value":"-57896044618658097711785492504343953926634992332820282019728792003956564819968"}""",
        """{"type":"Int256","value":"-57896044618658097711785492504343953926634992332820282019728792003956564819968"}""")]
    [InlineData("""{"type":"UInt64","value":18446744073709551615}""", """{"type":"UInt64","value":"18446744073709551615"}""")]
    [InlineData("""{"type":"UFix64","value":"12.3"}""", """{"type":"UFix64","value":"12.30000000"}""")]
    [InlineData("""{"type":"UFix64","value":5}""", """{"type":"UFix64","value":"5.00000000"}""")]
    [InlineData("""{"type":"UFix64","value":"184467440737.09551615"}""", """{"type":"UFix64","value":"184467440737.09551615"}""")]
    [InlineData("""{"type":"Fix64","value":"-92233720368.54775808"}""", """{"type":"Fix64","value":"-92233720368.54775808"}""")]
    [InlineData("""{"type":"Array","subType":"UInt8","value":[1,"2"]}""", """{"type":"Array","value":[{"type":"UInt8","value":"1"},{"type":"UInt8","value":"2"}]}""")]
    [InlineData("""{"type":"Array","subType":"Bool","value":[]}""", """{"type":"Array","value":[]}""")]
    public static void Writes_arguments_as_json_cadence(string argument, string cadence) =>
        Assert.Equal(cadence, FlowArgument.Encode(JsonDocument.Parse(argument).RootElement, "it"));

    [Theory]
    [InlineData("""{"type":"UInt8","value":256}""")]
    [InlineData("""{"type":"UInt8","value":-1}""")]
    [InlineData("""{"type":"Int8","value":"-129"}""")]
    [InlineData("""{"type":"UInt64","value":"1.0"}""")]
    [InlineData("""{"type":"UInt64","value":"1e3"}""")]
    [InlineData("""{"type":"UInt","value":"-1"}""")]
    [InlineData("""{"type":"Int","value":"+1"}""")]
    [InlineData("""{"type":"Int","value":" 1"}""")]
    [InlineData("""{"type":"UFix64","value":"-1"}""")]
    [InlineData("""{"type":"UFix64","value":"0.000000001"}""")]
    [InlineData("""{"type":"Fix64","value":"92233720368.54775808"}""")]
    [InlineData("""{"type":"Address","value":"0x12"}""")]
    [InlineData("""{"type":"Character","value":"ab"}""")]
    [InlineData("""{"type":"Bool","value":"true"}""")]
    [InlineData("""{"type":"String","value":5}""")]
    [InlineData("""{"type":"Array","value":[]}""")]
    [InlineData("""{"type":"Array","subType":"Array","value":[[]]}""")]
    [InlineData("""{"type":"Foo","value":"1"}""")]
    [InlineData("""{"type":"UInt8"}""")]
    [InlineData("""{"type":"UInt8","value":1,"more":1}""")]
    public static void Refuses_arguments(string argument) => Assert.Equal(
        Failure.Refused, Assert.Throws<KmsException>(() => FlowArgument.Encode(JsonDocument.Parse(argument).RootElement, "it")).Failure);

    [Theory]
    [InlineData("""{"address":"0x955cd3f17b2fd8ad","keyId":0}""", "our own account")]
    [InlineData("""{"address":"955CD3F17B2FD8AD","keyId":0}""", "our own account")]
    [InlineData("""{"address":"0x955cd3","keyId":0}""", "no ")]
    [InlineData("""{"address":"0x8ee4ed24ff1d1dd2","keyId":-1}""", "no ")]
    [InlineData("""{"address":"0x8ee4ed24ff1d1dd2"}""", "no ")]
    [InlineData("[]", "no ")]
    public static void Refuses_roles(string answer, string because)
    {
        const string Good = """{"address":"0x8ee4ed24ff1d1dd2","keyId":5}""";
        Assert.Contains(because, Assert.Throws<KmsException>(() => Custom().Complete(Answers(answer, Good, Block))).Message, StringComparison.Ordinal);
        Assert.Contains(because, Assert.Throws<KmsException>(() => Custom().Complete(Answers(Good, answer, Block))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[{"index":"4","sequence_number":"45"}]}""")]
    [InlineData("""{"keys":[{"index":"5","sequence_number":"45","revoked":true}]}""")]
    [InlineData("""{"keys":[{"index":"5","sequence_number":"x"}]}""")]
    [InlineData("{}")]
    public static void Does_not_sign_without_a_sequence_number(string account)
    {
        const string Good = """{"address":"0x8ee4ed24ff1d1dd2","keyId":5}""";
        var transaction = Custom().Complete(Answers(Good, Good, Block));
        Assert.Equal(Failure.Gateway, Assert.Throws<KmsException>(() => transaction.Complete(Answers(account))).Failure);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""[{"header":{"id":"12","height":"5"}}]""")]
    [InlineData("""[{"header":{"id":"717a49e0eea43f0d6d63cd1d4a0d36ad4f2cb360799fe2977686d05a1bc1c1b6"}}]""")]
    public static void Does_not_sign_without_a_reference_block(string block)
    {
        const string Good = """{"address":"0x8ee4ed24ff1d1dd2","keyId":5}""";
        Assert.Equal(Failure.Gateway, Assert.Throws<KmsException>(() => Custom().Complete(Answers(Good, Good, block))).Failure);
    }

    [Fact]
    public static void Reads_keys_without_leading_zeros()
    {
        using var short1 = Ours.Chain.Wallets.ParseKey("1"u8, Network.Testnet);
        using var text = Ours.Chain.Wallets.FormatKey(short1, Network.Testnet);
        Assert.Equal(1.ToString("x64", CultureInfo.InvariantCulture), text.Reveal());
    }

    [Fact]
    public static void Shows_scripts_without_control_characters()
    {
        var json = new JsonObject { ["type"] = 8, ["body"] = new JsonObject { ["account"] = Account, ["transaction"] = "line 1\n\tline 2\r\n\u001b[31mred" } };
        var script = Ours.Decode(json.ToJsonString()).Summary.Details["script"];
        Assert.StartsWith("line 1\n    line 2\n0x1b", script, StringComparison.Ordinal);
    }

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("FLOW");

    private const string Block = """[{"header":{"id":"717a49e0eea43f0d6d63cd1d4a0d36ad4f2cb360799fe2977686d05a1bc1c1b6","height":"129000000"}}]""";

    private static UnsignedTransaction Custom() => Ours.Decode($$$"""{"type":8,"body":{"account":"{{{Account}}}","transaction":"transaction {}"}}""");

    private static NodeAnswers Answers(params string[] bodies) => new([.. bodies.Select(body => JsonDocument.Parse(body).RootElement)]);
}
