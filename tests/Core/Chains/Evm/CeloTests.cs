using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>Fee currencies, and the format of before 2025 behind its switch.</summary>
public static class CeloTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Dollar = "0x874069fa1eb16d44d622f2e0ca25eea172369bc1";
    private const string Whole = """{"to":"0x3535353535353535353535353535353535353535","value":"1","nonce":1,"chainId":44787,"gas":100000""";

    public static TheoryData<string> Legacy =>
        new(from vector in Vectors.Read("CELO").GetProperty("signing").EnumerateArray() where vector.TryGetProperty("celoLegacy", out _) select vector.Text("name")!);

    [Theory, MemberData(nameof(Legacy))]
    public static void Writes_the_old_format_on_request(string name)
    {
        var vector = Vectors.Case("CELO", "signing", name);
        var expected = vector.GetProperty("celoLegacy");
        var network = vector.Flag("testnet") ? Network.Testnet : Network.Mainnet;
        var context = new SigningContext(network) { Chains = new Dictionary<string, ChainOptions> { ["CELO"] = new() { LegacyFormat = true } } };
        using var run = SigningRun.Sign(vector, context);
        Assert.Equal(expected.Text("signed"), run.Signed.Data);
        Assert.Equal(expected.Text("txId") ?? run.Signed.TransactionId, run.Signed.TransactionId);
        Assert.StartsWith("Celo legacy", run.Transaction.Summary.Details["type"], StringComparison.Ordinal);
    }

    [Fact]
    public static void The_old_format_has_no_fee_market()
    {
        using var signer = new SingleKeySigner("CELO", Key, options: new() { LegacyFormat = true });
        Assert.Throws<KmsException>(() => signer.Decode(Whole + ""","maxFeePerGas":2,"maxPriorityFeePerGas":1}"""));
        Assert.Throws<KmsException>(() => signer.Decode(Whole + ""","accessList":[]}"""));
    }

    [Theory]
    [InlineData($"\"gasPrice\":5,\"feeCurrency\":\"{Dollar}\"", 0x7b)]
    [InlineData($"\"maxFeePerGas\":5,\"maxPriorityFeePerGas\":1,\"feeCurrency\":\"{Dollar}\"", 0x7b)]
    [InlineData($"\"gasPrice\":5,\"accessList\":[],\"feeCurrency\":\"{Dollar}\"", 0x7b)]
    [InlineData("\"gasPrice\":5,\"feeCurrency\":\"\"", 0)]
    [InlineData("\"gasPrice\":5,\"feeCurrency\":null,\"gatewayFee\":\"0x0\",\"gatewayFeeRecipient\":\"\"", 0)]
    [InlineData("\"gasPrice\":5,\"accessList\":[]", 1)]
    [InlineData("\"maxFeePerGas\":5,\"maxPriorityFeePerGas\":1", 2)]
    public static void Picks_the_format_by_what_is_there(string members, byte type)
    {
        using var signer = new SingleKeySigner("CELO", Key);
        var data = signer.Sign($"{Whole},{members}}}").Data;
        Assert.Equal(type, data.StartsWith("0x7b", StringComparison.Ordinal) ? 0x7b : EvmReading.Read(data).Type);
    }

    [Theory]
    [InlineData("\"gatewayFee\":\"0x1\"")]
    [InlineData("\"gatewayFee\":1")]
    [InlineData("\"gatewayFee\":{}")]
    [InlineData("\"gatewayFeeRecipient\":\"0x3535353535353535353535353535353535353535\"")]
    [InlineData("\"feeCurrency\":\"CUSD\"")]
    [InlineData("\"feeCurrency\":5")]
    [InlineData("\"feeCurrency\":\"0x874069Fa1Eb16D44d622F2e0Ca25eeA172369bC2\"")]
    [InlineData("\"type\":5")]
    [InlineData("\"foo\":1")]
    public static void Refuses_gateway_fees_names_and_unknown_members(string members)
    {
        using var signer = new SingleKeySigner("CELO", Key);
        Assert.Throws<KmsException>(() => signer.Decode($"{Whole},\"gasPrice\":5,{members}}}"));
    }

    [Fact]
    public static void Estimates_in_the_fee_currency_after_the_price_is_known()
    {
        using var signer = new SingleKeySigner("CELO", Key);
        var first = signer.Decode($$"""{"to":"0x3535353535353535353535353535353535353535","value":"1","feeCurrency":"{{Dollar}}","gasLimit":"0"}""");
        Assert.Equal(["the nonce", "the gas price", "the chain id"], first.Missing.Select(call => call.What));
        var second = first.Complete(new([Json("\"0x1\""), Json("\"0x5\""), Json("\"0xaef3\"")]));
        var estimate = Assert.Single(second.Missing);
        var parameters = JsonDocument.Parse(estimate.Body!).RootElement.GetProperty("params")[0];
        Assert.Equal((Dollar, "0x5", "0x1"), (parameters.Text("feeCurrency"), parameters.Text("gasPrice"), parameters.Text("value")));
        var whole = second.Complete(new([Json("\"0x5208\"")]));
        Assert.Equal("121000", whole.Summary.Details["gas limit"]);
        Assert.Equal("cUSD " + Dollar, whole.Summary.Details["fee currency"]);
        Assert.Equal("cUSD", whole.Summary.Fee!.Value.Asset);

        static JsonElement Json(string result) => JsonDocument.Parse($$"""{"jsonrpc":"2.0","id":1,"result":{{result}}}""").RootElement;
    }

    [Theory]
    [InlineData(Dollar, "100000000000000", null)] // of price, at a gas of 100,000: 10 cUSD
    [InlineData(Dollar, "200000000000000", "20000000000000000000")]
    [InlineData(Dollar, "1", "100000")]
    [InlineData("0xe8537a3d056da446677b9e9d6c5db704eaab4787", "500000000000000", null)]
    [InlineData("0x3535353535353535353535353535353535353535", "50000000000", null)]
    [InlineData("0x3535353535353535353535353535353535353535", "70000000000", "7000000000000000")]
    public static void A_fee_in_a_token_has_a_ceiling_in_that_token(string currency, string price, string? ceiling)
    {
        var settings = ChainSettings.Read(name => name == "TATUM_KMS_CELO_FEE_CURRENCY_CEILINGS" && ceiling is not null ? $"{currency}={ceiling}" : null);
        var chosen = settings.GetValueOrDefault("CELO", ChainOptions.Default);
        using var signer = new SingleKeySigner("CELO", Key, options: chosen with { AllowLowFee = true, FeeCeiling = 1, FeeRateCeiling = 1 }); // those two are CELO's
        var highest = ulong.Parse(price, System.Globalization.CultureInfo.InvariantCulture);
        Assert.NotNull(Decode(highest).Summary.Fee);
        Assert.Contains(currency, Assert.Throws<KmsException>(() => Decode(highest + 1)).Message, StringComparison.Ordinal);

        UnsignedTransaction Decode(ulong perGas) => signer.Decode(Whole + $$""","gasPrice":"{{perGas}}","feeCurrency":"{{currency}}"}""");
    }

    [Fact]
    public static void Shows_an_unknown_fee_currency_in_full_and_its_fee_in_raw_units()
    {
        using var signer = new SingleKeySigner("CELO", Key);
        var summary = signer.Decode(Whole + ""","gasPrice":5,"feeCurrency":"0x3535353535353535353535353535353535353535"}""").Summary;
        Assert.Equal("0x3535353535353535353535353535353535353535", summary.Details["fee currency"]);
        Assert.Equal("500000 raw units of 0x3535353535353535353535353535353535353535", summary.Fee.ToString());
    }
}
