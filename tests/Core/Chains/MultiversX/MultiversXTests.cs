using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.MultiversX;

/// <summary>What EGLD refuses of requests and of a lying gateway, what it decodes, and how it reads hostile input.</summary>
public static class MultiversXTests
{
    private const string Other = "erd1sqq5asz6vprutul3t9qwxmdhntul3wn5f0gqj34swacq8n2h6f6s439clz";
    private const string Contract = "erd1qqqqqqqqqqqqqqqpqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzllls8a5w6u";
    private const string Config = """{"data":{"config":{"erd_chain_id":"D","erd_min_gas_price":1000000000,"erd_min_transaction_version":1}}}""";
    private static readonly OneWallet Ours = new("EGLD", "d868ed011676f698dd050343f0769f9b8fb92d8117dbbc07a30b0982e3f6b03a");

    [Theory]
    [InlineData("value", "\"-1\"", "no amount")]
    [InlineData("value", "-1", "no amount")]
    [InlineData("value", "null", "missing")]
    [InlineData("value", "\"0.0000000000000000001\"", "no amount")] // 19 decimals
    [InlineData("value", "\"NaN\"", "no amount")]
    [InlineData("value", "\"1,5\"", "no amount")]
    [InlineData("value", "\" 1\"", "no amount")]
    [InlineData("value", "\"\"", "no amount")]
    [InlineData("value", "1e999", "no amount")]
    [InlineData("value", "true", "no amount")]
    [InlineData("to", "\"erd1sqq5asz6vprutul3t9qwxmdhntul3wn5f0gqj34swacq8n2h6f6s439clq\"", "no address")]
    [InlineData("to", "\"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\"", "no address")]
    [InlineData("to", "null", "missing")]
    [InlineData("from", "\"erd1sqq5asz6vprutul3t9qwxmdhntul3wn5f0gqj34swacq8n2h6f6s439clz\"", "not sent from")]
    [InlineData("from", "\"nobody\"", "not sent from")]
    [InlineData("from", "1", "not sent from")]
    [InlineData("data", "5", "not text")]
    [InlineData("nonce", "5", "not a member")]
    public static void Refuses_a_transfer_with(string member, string value, string because)
    {
        var json = Transfer();
        json[member] = JsonNode.Parse(value);
        var error = Assert.Throws<KmsException>(() => Ours.Decode(json.ToJsonString()));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e-7", "0.0000001")]
    [InlineData("\"1e-7\"", "0.0000001")]
    [InlineData("1.50", "1.5")]
    [InlineData("25", "25")]
    [InlineData("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678")]
    public static void Reads_amounts_exactly(string value, string shown)
    {
        var json = Transfer().ToJsonString().Replace("\"1\"", value, StringComparison.Ordinal);
        Assert.Equal(shown, Ours.Decode(json).Summary.Transfers[0].Amount.Number);
    }

    [Theory]
    [InlineData("erd_chain_id", "\"1\"", "no chain")] // mainnet on a testnet
    [InlineData("erd_chain_id", "\"X\"", "no chain")]
    [InlineData("erd_chain_id", "null", "no chain")]
    [InlineData("erd_min_gas_price", "20000000001", "gas price")]
    [InlineData("erd_min_transaction_version", "3", "version")]
    [InlineData("erd_min_transaction_version", "null", "version")]
    public static void Refuses_network_settings_with(string member, string value, string because)
    {
        var config = JsonNode.Parse(Config)!;
        config["data"]!["config"]![member] = JsonNode.Parse(value);
        var error = Assert.Throws<KmsException>(() => Filled(Transfer(), config.ToJsonString()));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data":{"txGasUnits":0}}""")]
    [InlineData("""{"data":{"returnMessage":"no"}}""")]
    [InlineData("""{"data":null}""")]
    [InlineData("""{"data":{"txGasUnits":-5}}""")]
    [InlineData("""{"data":{"txGasUnits":"50000"}}""")]
    [InlineData("[]")]
    public static void Does_not_sign_without_gas(string answer) =>
        Assert.Equal(Failure.Gateway, Assert.Throws<KmsException>(() => Filled(Transfer(), gas: answer)).Failure);

    [Fact]
    public static void Refuses_gas_that_burns_money()
    {
        var json = Transfer();
        json["gasLimit"] = 50000;
        json["gasPrice"] = 1000000000;
        Assert.Contains("far above", Assert.Throws<KmsException>(() => Filled(json, gas: """{"data":{"txGasUnits":500001}}""")).Message, StringComparison.Ordinal);
        Assert.Contains("far above", Assert.Throws<KmsException>(() => Filled(json, Config.Replace("1000000000", "10000000001", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Contains("fee", Assert.Throws<KmsException>(() => Filled(Transfer(), gas: """{"data":{"txGasUnits":18446744073709551615}}""")).Message, StringComparison.Ordinal);
        Assert.Throws<KmsException>(() => Filled(Transfer(), options: new() { FeeRateCeiling = 999_999_999 }));
        Assert.Throws<KmsException>(() => Filled(Transfer(), options: new() { FeeCeiling = 49_999 }));
    }

    [Fact]
    public static void Takes_the_nonce_that_was_not_handed_out_yet()
    {
        Assert.Equal("7", Filled(Transfer()).Summary.Sequence);
        Assert.Equal("9", Filled(Transfer(), next: 9).Summary.Sequence);
        Assert.Equal("7", Filled(Transfer(), next: 3).Summary.Sequence);
        Assert.Equal(9UL, Filled(Transfer(), next: 9).Sign(Ours.Wallet).Sequence);
    }

    [Fact]
    public static void Shows_the_fee_of_moving_and_executing()
    {
        var json = Transfer();
        json["data"] = "0123456789";
        Assert.Equal("0.00006535 EGLD", Filled(json, gas: """{"data":{"txGasUnits":100000}}""").Summary.Fee.ToString()); // 65000 in full, 35000 at a hundredth
    }

    [Fact]
    public static void Finds_the_real_receiver_of_tokens_in_the_data()
    {
        var hex = Convert.ToHexStringLower(KmsCloud.Chains.MultiversX.MultiversXKey.TryReadAddress(Other)!);
        var nft = Call(Ours.Address, $"ESDTNFTTransfer@4e46542d313233343536@0a@01@{hex}");
        Assert.Equal($"{Other} 1 raw units of NFT-123456 no. 10", $"{nft.Transfers[0].To} {nft.Transfers[0].Amount}");

        var several = Call(Ours.Address, $"MultiESDTNFTTransfer@{hex}@02@544f4b2d616263646566@@64@4e46542d313233343536@05@01");
        Assert.Equal(["100 raw units of TOK-abcdef", "1 raw units of NFT-123456 no. 5"], several.Transfers.Select(transfer => transfer.Amount.ToString()));
        Assert.All(several.Transfers, transfer => Assert.Equal(Other, transfer.To));
    }

    [Theory]
    [InlineData(Other, "ESDTTransfer@544f4b2d616263646566@64@6275794e6674@01", "buyNft")] // a call along with the transfer
    [InlineData(Contract, "claim@01", "claim")]
    [InlineData(Contract, "claim", "claim")]
    [InlineData(Contract, "é", null)]
    [InlineData("self", "SetGuardian@00", "SetGuardian")]
    [InlineData("self", "GuardAccount", "GuardAccount")]
    [InlineData("self", "MultiESDTNFTTransfer@00", "MultiESDTNFTTransfer")]
    public static void Does_not_claim_to_understand_calls(string to, string data, string? method)
    {
        var summary = Call(to == "self" ? Ours.Address : to, data);
        Assert.False(summary.Understood);
        Assert.Equal(method, summary.Method);
        Assert.NotEmpty(summary.Warnings);
    }

    [Fact]
    public static void Takes_text_to_a_person_for_a_note()
    {
        var summary = Call(Other, "thanks");
        Assert.Equal("thanks", summary.Memo);
        Assert.Null(summary.Method);
        Assert.True(Call(Contract, "issue@544f4b@01").Understood);
    }

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("EGLD", (transaction, signed) =>
    {
        Assert.Equal(JsonDocument.Parse(signed.Data).RootElement.Text("sender"), Assert.Single(transaction.Summary.From));
        Assert.True(transaction.Summary.Fee!.Value.Units <= 100_000_000_000_000_000);
    });

    private static JsonObject Transfer() => new() { ["from"] = Ours.Address, ["to"] = Other, ["value"] = "1" };

    private static TransactionSummary Call(string to, string data) =>
        Ours.Decode(new JsonObject { ["to"] = to, ["value"] = "0", ["data"] = data }.ToJsonString()).Summary;

    private static UnsignedTransaction Filled(
        JsonObject json, string config = Config, string gas = """{"data":{"txGasUnits":50000}}""", ulong? next = null, ChainOptions? options = null)
    {
        var transaction = Ours.Decode(json.ToJsonString(), options);
        Assert.Equal(2, transaction.Missing.Count);
        transaction = transaction.Complete(new([Json(config), Json("""{"data":{"nonce":7}}""")], next));
        Assert.Single(transaction.Missing);
        transaction = transaction.Complete(new([Json(gas)], next));
        Assert.Empty(transaction.Missing);
        return transaction;
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
