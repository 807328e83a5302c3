using System.Numerics;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>What a pending transaction may say: members, quantities, addresses, types.</summary>
public static class EvmRequestTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Sender = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
    private const string To = "0x3535353535353535353535353535353535353535";

    /// <summary>The example of EIP-155 itself.</summary>
    [Fact]
    public static void Signs_the_example_of_eip_155()
    {
        using var signer = new SingleKeySigner("ETH", Key, Network.Mainnet);
        var transaction = signer.Decode($$"""{"nonce":9,"gasPrice":"20000000000","gas":21000,"to":"{{To}}","value":"1000000000000000000","chainId":1}""");
        Assert.Empty(transaction.Missing);
        Assert.Equal(
            "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
            transaction.Sign(signer.Keys).Data);
    }

    [Theory]
    [InlineData("value", "\"0\"", 0)]
    [InlineData("value", "\"\"", 0)]
    [InlineData("value", "null", 0)]
    [InlineData("value", "\"0x0\"", 0)]
    [InlineData("value", "\"0xFf\"", 255)]
    [InlineData("value", "\"0x00ff\"", 255)]
    [InlineData("value", "9007199254740991", 9007199254740991)]
    [InlineData("value", "\"9007199254740993\"", 9007199254740993)]
    public static void Reads_quantities_exactly(string member, string value, long expected)
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var signed = EvmReading.Read(signer.Sign(Json(member, value)).Data);
        Assert.Equal(expected, (long)signed.Value);
    }

    [Theory]
    [InlineData("value", "-1")]
    [InlineData("value", "-0")]
    [InlineData("value", "1.0")]
    [InlineData("value", "1e3")]
    [InlineData("value", "9007199254740992")]
    [InlineData("value", "\"1e18\"")]
    [InlineData("value", "\" 1\"")]
    [InlineData("value", "\"+1\"")]
    [InlineData("value", "\"1_000\"")]
    [InlineData("value", "\"٣\"")]
    [InlineData("value", "\"0x\"")]
    [InlineData("value", "\"0xg\"")]
    [InlineData("value", "\"0X1\"")]
    [InlineData("value", "\"-0x1\"")]
    [InlineData("value", "\"0x10000000000000000000000000000000000000000000000000000000000000000\"")]
    [InlineData("value", "\"115792089237316195423570985008687907853269984665640564039457584007913129639936\"")]
    [InlineData("value", "true")]
    [InlineData("value", "[]")]
    [InlineData("value", "{}")]
    [InlineData("value", "\"\\ud800\"")]
    [InlineData("nonce", "\"\"")]
    [InlineData("nonce", "\"18446744073709551615\"")]
    [InlineData("nonce", "\"18446744073709551616\"")]
    [InlineData("gas", "0")]
    [InlineData("gas", "20999")]
    [InlineData("gas", "\"18446744073709551616\"")]
    [InlineData("gasLimit", "21001")]
    [InlineData("gasPrice", "\"abc\"")]
    [InlineData("chainId", "\"18446744073709551616\"")]
    [InlineData("chainId", "1")]
    [InlineData("chainId", "0")]
    [InlineData("to", "\"treasury.eth\"")]
    [InlineData("to", "\"XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS\"")]
    [InlineData("to", "\"0x\"")]
    [InlineData("to", "\"0x353535353535353535353535353535353535353\"")]
    [InlineData("to", "\"0x35353535353535353535353535353535353535355\"")]
    [InlineData("to", "\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaee\"")]
    [InlineData("to", "\"one1q6gkzcap0uruuu8r6sldxuu47pd4ww9w9t7tg6\"")]
    [InlineData("to", "\"xdc3535353535353535353535353535353535353535\"")]
    [InlineData("to", "53")]
    [InlineData("from", "1")]
    [InlineData("from", "\"0\"")]
    [InlineData("from", "\"0x3535353535353535353535353535353535353535\"")]
    [InlineData("data", "\"0x1\"")]
    [InlineData("data", "\"0x1g\"")]
    [InlineData("data", "1")]
    [InlineData("type", "3")]
    [InlineData("type", "4")]
    [InlineData("type", "\"0x7b\"")]
    [InlineData("type", "\"LEGACY\"")]
    [InlineData("type", "2")] // with gasPrice
    [InlineData("maxFeePerGas", "1")]
    [InlineData("maxPriorityFeePerGas", "1")]
    [InlineData("accessList", "{}")]
    [InlineData("accessList", "[{}]")]
    [InlineData("accessList", "[{\"address\":\"0x3535353535353535353535353535353535353535\",\"storageKeys\":[\"0x01\"]}]")]
    [InlineData("accessList", "[{\"address\":\"0x3535353535353535353535353535353535353535\",\"storageKeys\":[1]}]")]
    [InlineData("accessList", "[{\"address\":\"0x3535353535353535353535353535353535353535\",\"storageKeys\":[],\"more\":1}]")]
    [InlineData("common", "{}")]
    [InlineData("chain", "\"mainnet\"")]
    [InlineData("hardfork", "\"london\"")]
    [InlineData("networkId", "1")]
    [InlineData("r", "\"0x1\"")]
    [InlineData("s", "\"0x1\"")]
    [InlineData("v", "\"0x1\"")]
    [InlineData("yParity", "0")]
    [InlineData("authorizationList", "[]")]
    [InlineData("blobs", "[]")]
    [InlineData("blobVersionedHashes", "[]")]
    [InlineData("maxFeePerBlobGas", "1")]
    [InlineData("feeCurrency", "\"0x3535353535353535353535353535353535353535\"")]
    [InlineData("note", "\"pay rent\"")]
    public static void Refuses_what_could_be_read_in_two_ways_or_means_something_else(string member, string value)
    {
        using var signer = new SingleKeySigner("ETH", Key);
        Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => signer.Decode(Json(member, value))).Failure);
    }

    [Theory]
    [InlineData("""{"to":"0x3535353535353535353535353535353535353535","to":"0x3535353535353535353535353535353535353535","gas":21000}""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("""1""")]
    [InlineData("")]
    [InlineData("""{""")]
    [InlineData("""{}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"to":"0x3535353535353535353535353535353535353535","data":"0x00","input":"0x00"}""")]
    [InlineData("""{"to":"0x3535353535353535353535353535353535353535"} {}""")]
    [InlineData("""{"to":"0x3535353535353535353535353535353535353535",}""")]
    [InlineData("""{/**/"to":"0x3535353535353535353535353535353535353535"}""")]
    [InlineData("""{"value":"5"}""")]
    [InlineData("""{"value":"5","data":"0x"}""")]
    [InlineData("""{"type":0,"accessList":[],"to":"0x3535353535353535353535353535353535353535"}""")]
    [InlineData("""{"type":1,"maxFeePerGas":1,"maxPriorityFeePerGas":1,"to":"0x3535353535353535353535353535353535353535"}""")]
    [InlineData("""{"maxFeePerGas":1,"to":"0x3535353535353535353535353535353535353535"}""")]
    [InlineData("""{"maxFeePerGas":1,"maxPriorityFeePerGas":2,"to":"0x3535353535353535353535353535353535353535"}""")]
    public static void Refuses_malformed_and_contradictory_objects(string json)
    {
        using var signer = new SingleKeySigner("ETH", Key);
        Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => signer.Decode(json)).Failure);
    }

    [Theory]
    [InlineData("from", "0")]
    [InlineData("from", "\"" + Sender + "\"")]
    [InlineData("to", "\"3535353535353535353535353535353535353535\"")]
    [InlineData("gasLimit", "\"0x5208\"")]
    [InlineData("type", "0")]
    [InlineData("type", "\"0x0\"")]
    [InlineData("chainId", "17000")]
    [InlineData("data", "\"\"")]
    [InlineData("input", "\"0x\"")]
    public static void Takes_other_ways_to_say_the_same(string member, string value)
    {
        using var signer = new SingleKeySigner("ETH", Key);
        Assert.NotNull(signer.Sign(Json(member, value)).TransactionId);
    }

    [Theory]
    [InlineData(0, 0, 21000)]
    [InlineData(3, 5, 21000 + 30 + 200)] // EIP-7623
    [InlineData(1, 0, 21010)]
    public static void Wants_the_gas_that_data_costs(int zeros, int others, int least)
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var data = $"\"0x{new string('0', zeros * 2)}{new string('1', others * 2)}\"";
        Assert.NotNull(signer.Decode(Json("data", data, ("gas", $"{least}"))));
        Assert.Throws<KmsException>(() => signer.Decode(Json("data", data, ("gas", $"{least - 1}"))));
    }

    [Fact]
    public static void Wants_the_gas_that_creation_and_access_lists_cost()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        RefusedBelow("""{"nonce":1,"gasPrice":1,"chainId":11155111,"data":"0x0001","gas":GAS}""", 21000 + 32000 + 20);
        RefusedBelow(
            $$"""{"nonce":1,"gasPrice":1,"chainId":11155111,"to":"{{To}}","gas":GAS,"accessList":[{"address":"{{To}}","storageKeys":["0x{{new string('0', 64)}}"]}]}""",
            21000 + 2400 + 1900);

        void RefusedBelow(string json, int least)
        {
            Assert.NotNull(signer.Decode(json.Replace("GAS", $"{least}", StringComparison.Ordinal)));
            Assert.Throws<KmsException>(() => signer.Decode(json.Replace("GAS", $"{least - 1}", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public static void Takes_values_up_to_256_bits()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var most = (BigInteger.One << 256) - 1;
        var signed = EvmReading.Read(signer.Sign(Json("value", $"\"{most}\"")).Data);
        Assert.Equal(most, signed.Value);
    }

    [Fact]
    public static void Takes_an_extra_chain_id_but_never_the_other_network()
    {
        var options = new ChainOptions { ExtraChainIds = [31337, 1] };
        using var signer = new SingleKeySigner("ETH", Key, Network.Testnet, options);
        Assert.Equal(31337, EvmReading.Read(signer.Sign(Json("chainId", "31337")).Data).ChainId);
        Assert.Throws<KmsException>(() => signer.Decode(Json("chainId", "1")));
        using var plain = new SingleKeySigner("ETH", Key);
        Assert.Throws<KmsException>(() => plain.Decode(Json("chainId", "31337")));
    }

    [Fact]
    public static void Types_say_what_is_signed()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        Assert.Equal(1, EvmReading.Read(signer.Sign(Json("accessList", "[]")).Data).Type);
        Assert.Equal(1, EvmReading.Read(signer.Sign(Json("type", "\"0x1\"")).Data).Type);
        Assert.Equal(0, EvmReading.Read(signer.Sign(Json("type", "0")).Data).Type);
        Assert.Equal(2, EvmReading.Read(signer.Sign(Json("maxFeePerGas", "2", ("maxPriorityFeePerGas", "1"), ("gasPrice", "0"))).Data).Type);
    }

    private static string Json(string member, string value, params (string Name, string Value)[] more)
    {
        var json = (JsonObject)JsonNode.Parse($$"""{"to":"{{To}}","value":"1","nonce":1,"gas":21000,"gasPrice":"1000000000","chainId":11155111}""")!;
        var members = more.Prepend((Name: member, Value: value)).ToList();
        members.ForEach(changed => json.Remove(changed.Name));
        return json.ToJsonString()[..^1] + string.Concat(members.Select(changed => $",\"{changed.Name}\":{changed.Value}")) + "}";
    }
}
