using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains;

/// <summary>Forms of requests that libraries write and nodes read: they are signed, and what is wrong is said.</summary>
public static class ReportedRequestsTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Dollar = "0x874069fa1eb16d44d622f2e0ca25eea172369bc1";

    [Theory]
    [InlineData("\"cip64\"", true, 0x7b)]
    [InlineData("\"0x7b\"", true, 0x7b)]
    [InlineData("123", true, 0x7b)]
    [InlineData("2", true, 0x7b)]
    [InlineData("\"0x2\"", true, 0x7b)]
    [InlineData("2", false, 2)]
    public static void Celo_reads_the_type_that_its_libraries_write(string type, bool withCurrency, byte expected)
    {
        using var signer = new SingleKeySigner("CELO", Key);
        Assert.StartsWith($"0x{expected:x2}", signer.Sign(Celo(type, withCurrency)).Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"cip64\"", false)]
    [InlineData("0", true)]
    [InlineData("1", true)]
    [InlineData("\"cip42\"", true)]
    [InlineData("124", true)]
    [InlineData("true", true)]
    public static void Celo_refuses_a_type_that_contradicts_the_members(string type, bool withCurrency)
    {
        using var signer = new SingleKeySigner("CELO", Key);
        Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => signer.Decode(Celo(type, withCurrency))).Failure);
    }

    [Theory]
    [InlineData("XDC3535353535353535353535353535353535353535")]
    [InlineData("Xdc3535353535353535353535353535353535353535")]
    [InlineData("0X3535353535353535353535353535353535353535")]
    public static void Xdc_reads_its_prefix_in_either_case(string to)
    {
        using var signer = new SingleKeySigner("XDC", Key);
        var signed = EvmReading.Read(signer.Sign($$"""{"to":"{{to}}","value":"1","nonce":1,"chainId":51,"gas":21000,"gasPrice":"1000000000"}""").Data);
        Assert.Equal("0x3535353535353535353535353535353535353535", signed.To);
    }

    [Fact]
    public static void Tron_signs_what_has_null_for_a_signature_and_writes_one_member()
    {
        var vector = JsonNode.Parse(Vectors.Case("TRON", "signing", Vectors.Names("TRON", "signing").First()).GetRawText())!;
        var text = JsonNode.Parse(vector["pending"]!["serializedTransaction"]!.GetValue<string>())!.AsObject();
        text["signature"] = null;
        vector["pending"]!["serializedTransaction"] = text.ToJsonString();
        using var run = SigningRun.Sign(System.Text.Json.JsonDocument.Parse(vector.ToJsonString()).RootElement);
        var signed = StrictJson.Parse(run.Signed.Data, "it"); // refuses a member that is there twice
        Assert.Equal(1, signed.GetProperty("signature").GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    public static void Hexadecimal_for_xlm_is_named(string prefix)
    {
        var vector = Vectors.Case("XLM", "signing", Vectors.Names("XLM", "signing").First());
        var envelope = Convert.FromBase64String(vector.GetProperty("pending").GetProperty("serializedTransaction").GetString()!);
        Assert.Contains("hexadecimal", Refusal(vector, prefix + Convert.ToHexStringLower(envelope)).Message, StringComparison.Ordinal);
        Assert.Contains("hexadecimal", Refusal(vector, prefix + Convert.ToHexString(envelope)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public static void A_whole_solana_transaction_is_named(byte signature)
    {
        var vector = Vectors.Case("SOL", "signing", Vectors.Names("SOL", "signing").First());
        var pending = JsonNode.Parse(vector.GetProperty("pending").GetProperty("serializedTransaction").GetString()!)!;
        var message = Convert.FromHexString(pending["txData"]!.GetValue<string>());
        byte[] whole = [message[0], .. Enumerable.Repeat(signature, 64 * message[0]), .. message];
        pending["txData"] = Convert.ToHexStringLower(whole);
        Assert.Contains("whole transaction", Refusal(vector, pending.ToJsonString()).Message, StringComparison.Ordinal);
    }

    private static string Celo(string type, bool withCurrency) =>
        $$"""{"type":{{type}},"to":"0x3535353535353535353535353535353535353535","value":"1","nonce":1,"chainId":44787,"gas":100000,"maxFeePerGas":5,"maxPriorityFeePerGas":1"""
        + (withCurrency ? $",\"feeCurrency\":\"{Dollar}\"}}" : "}");

    private static KmsException Refusal(System.Text.Json.JsonElement vector, string text)
    {
        using var run = SigningRun.Sign(vector);
        return Assert.Throws<KmsException>(() => run.Chain.Decode(run.Pending with { SerializedTransaction = text }, run.Keys, run.Context));
    }
}
