using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>What the standards publish: BIP-143's signed transactions, BIP-173's and BIP-350's addresses, CashTokens prefixes, WIF, script words.</summary>
public static class BitcoinStandardsTests
{
    private const string Category = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    [Fact]
    public static void Signs_bip143_native_p2wpkh_beside_p2pk() => Signs(
        "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000",
        (625_000_000, "2103c9f4836b9a4f77fc0d81f7bcb01b7f1b35916864b9476c241ce9fc198bd25432ac", "bbc27228ddcb9209d7fd6f36b02f7dfa6252af40bb2f1cbc7a557da8027ff866"),
        (600_000_000, "00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1", "619c335025c7f4012e556c2a58b2506e30b8511b53ade95ea316fd8c3286feb9"));

    [Fact]
    public static void Signs_bip143_p2sh_p2wpkh() => Signs(
        "01000000000101db6b1b20aa0fd7b23880be2ecbd4a98130974cf4748fb66092ac4d3ceb1a5477010000001716001479091972186c449eb1ded22b78e40d009bdf0089feffffff02b8b4eb0b000000001976a914a457b684d7f0d539a46a45bbc043f35b59d0d96388ac0008af2f000000001976a914fd270b1ee6abcaea97fea7ad0402e8bd8ad6d77c88ac02473044022047ac8e878352d3ebbde1c94ce3a10d057c24175747116f8288e5d794d12d482f0220217f36a485cae903c713331d877c1f64677e3622ad4010726870540656fe9dcb012103ad1d8e89212f0b92c74d23bb710c00662ad1470198ac48c43f7d6f93a2a2687392040000",
        (1_000_000_000, "a9144733f37cf4db86fbc2efed2500b4f4e49f31202387", "eb696a065ef48a2192da5b28b694f87544b30fae8327c4510137a922f32c6dcf"));

    [Theory]
    [InlineData("BTC", Network.Mainnet, "0014751e76e8199196d454941c45d1b3a323f1433bd6", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")]
    [InlineData("BTC", Network.Testnet, "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262", "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7")]
    [InlineData("BTC", Network.Mainnet, "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6", "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y")]
    [InlineData("BTC", Network.Mainnet, "6002751e", "bc1sw50qgdz25j")]
    [InlineData("BTC", Network.Mainnet, "5210751e76e8199196d454941c45d1b3a323", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs")]
    [InlineData("BTC", Network.Testnet, "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433", "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy")]
    [InlineData("BTC", Network.Testnet, "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433", "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c")]
    [InlineData("BTC", Network.Mainnet, "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")]
    [InlineData("DOGE", Network.Mainnet, "0014751e76e8199196d454941c45d1b3a323f1433bd6", null)]
    [InlineData("BCH", Network.Mainnet, "0014751e76e8199196d454941c45d1b3a323f1433bd6", null)]
    [InlineData("BCH", Network.Testnet, "aa203173ef6623c6b48ffd1a3dcc0cc6489b0a07bb47a37f47cfef4fe69de825c06087", "bchtest:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq7fqng6m6")]
    [InlineData("BTC", Network.Mainnet, "aa203173ef6623c6b48ffd1a3dcc0cc6489b0a07bb47a37f47cfef4fe69de825c06087", null)]
    [InlineData("BTC", Network.Mainnet, "", null)]
    [InlineData("BTC", Network.Mainnet, "0015751e76e8199196d454941c45d1b3a323f1433bd6ff", null)]
    [InlineData("BTC", Network.Mainnet, "5101ff", null)]
    [InlineData("BTC", Network.Mainnet, "76a914751e76e8199196d454941c45d1b3a323f1433bd688", null)]
    public static void Writes_addresses(string chain, Network network, string script, string? address) =>
        Assert.Equal(address, BitcoinAddress.Of(Convert.FromHexString(script), BitcoinVectorTests.Coin(chain), network));

    [Theory]
    [InlineData("1001", 1, null, "")]
    [InlineData("10fc", 252, null, "")]
    [InlineData("10fdfd00", 253, null, "")]
    [InlineData("10ffffffffffffffff7f", long.MaxValue, null, "")]
    [InlineData("20", 0, "immutable", "")]
    [InlineData("3001", 1, "immutable", "")]
    [InlineData("6001cc", 0, "immutable", "cc")]
    [InlineData("7002ccccfdfd00", 253, "immutable", "cccc")]
    [InlineData("7028ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccfe00000100", 65536, "immutable", "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc")]
    [InlineData("21", 0, "mutable", "")]
    [InlineData("31feffffffff", 4294967295, "mutable", "")]
    [InlineData("7101ccff0000000001000000", 4294967296, "mutable", "cc")]
    [InlineData("22", 0, "minting", "")]
    [InlineData("7202ccccfe00000100", 65536, "minting", "cccc")]
    public static void Reads_cashtoken_prefixes(string rest, long units, string? capability, string commitment)
    {
        var (script, token) = CashToken.Split(Convert.FromHexString("ef" + Category + rest + "76a9"));
        Assert.Equal("76A9", Convert.ToHexString(script));
        Assert.Equal(new CashToken(Category, units, capability, commitment), token);
    }

    [Theory]
    [InlineData("ef")]
    [InlineData("efbbbbbbbb1001")]
    [InlineData("ef" + Category)]
    [InlineData("ef" + Category + "00")]
    [InlineData("ef" + Category + "1000")]
    [InlineData("ef" + Category + "9001")]
    [InlineData("ef" + Category + "23")]
    [InlineData("ef" + Category + "5001")]
    [InlineData("ef" + Category + "1101")]
    [InlineData("ef" + Category + "60")]
    [InlineData("ef" + Category + "60fd0100cc")]
    [InlineData("ef" + Category + "6000")]
    [InlineData("ef" + Category + "6001")]
    [InlineData("ef" + Category + "6202cc")]
    [InlineData("ef" + Category + "10fd00")]
    [InlineData("ef" + Category + "10ff00000000000000")]
    [InlineData("ef" + Category + "10fd0100")]
    [InlineData("ef" + Category + "10ff0000000000000080")]
    public static void Refuses_malformed_cashtoken_prefixes(string script) =>
        Assert.Throws<KmsException>(() => CashToken.Split(Convert.FromHexString(script)));

    [Theory]
    [InlineData("OP_DUP OP_HASH160 20 0x66d442d210765a756033f6297757cbddb7d32bc4 OP_EQUALVERIFY OP_CHECKSIG", "76a91466d442d210765a756033f6297757cbddb7d32bc488ac")]
    [InlineData("OP_HASH160 20 0x91059CD808CBA34DC5CA7B59CA9D7C84FBB6950A OP_EQUAL", "a91491059cd808cba34dc5ca7b59ca9d7c84fbb6950a87")]
    [InlineData("OP_0 20 0x66d442d210765a756033f6297757cbddb7d32bc4", "001466d442d210765a756033f6297757cbddb7d32bc4")]
    [InlineData("OP_1 32 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")]
    [InlineData("OP_RETURN OP_PUSHDATA1 3 0x616263", "6a4c03616263")]
    [InlineData("OP_PUSHDATA2 1 0x61", "4d010061")]
    [InlineData("OP_PUSHDATA4 1 0x61", "4e0100000061")]
    [InlineData("0xba OP_NOP10 OP_16 OP_1NEGATE OP_CHECKSEQUENCEVERIFY OP_WITHIN", "bab9604fb2a5")]
    [InlineData("OP_0", "00")]
    [InlineData("OP_TRUE", "51")]
    [InlineData("", "")]
    [InlineData("76A9", "76a9")]
    [InlineData("OP_DUP 20", null)]
    [InlineData("OP_DUP  OP_DUP", null)]
    [InlineData("OP_UNKNOWN", null)]
    [InlineData("OP_dup", null)]
    [InlineData("19 0x66d442d210765a756033f6297757cbddb7d32bc4", null)]
    [InlineData("76 0x66", null)]
    [InlineData("1 0x6", null)]
    [InlineData("1 66", null)]
    [InlineData("-1 0x66", null)]
    [InlineData("+1 0x66", null)]
    [InlineData("0x6666", null)]
    [InlineData("0x", null)]
    [InlineData("x", null)]
    [InlineData("OP_PUSHDATA1 256 0x61", null)]
    [InlineData("OP_PUSHDATA4 99999999999 0x61", null)]
    [InlineData("OP_PUSHDATA4", null)]
    [InlineData(" ", null)]
    public static void Reads_scripts_in_words(string words, string? hex) =>
        Assert.Equal(hex, ScriptText.TryParse(words) is { } script ? Convert.ToHexStringLower(script) : null);

    [Theory]
    [InlineData("BTC", Network.Mainnet, "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", false)] // Bitcoin wiki
    [InlineData("BTC", Network.Mainnet, "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617", true)]
    public static void Reads_and_writes_wif(string chain, Network network, string text, bool compressed)
    {
        var wallets = ChainCatalog.Get(chain).Wallets;
        using var key = wallets.ParseKey(System.Text.Encoding.ASCII.GetBytes(text), network);
        using var written = wallets.FormatKey(key, network);
        Assert.Equal("0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d", Convert.ToHexStringLower(key.Export.Span));
        Assert.Equal(compressed ? 33 : 65, key.PublicKey.Bytes.Length);
        Assert.Equal(text, written.Reveal());
    }

    [Theory]
    [InlineData("BTC", Network.Testnet, "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617", "another network")]
    [InlineData("LTC", Network.Mainnet, "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617", "another coin")]
    [InlineData("BTC", Network.Mainnet, "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98618", "wallet import format")]
    [InlineData("BTC", Network.Mainnet, "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP9861", "wallet import format")]
    [InlineData("BTC", Network.Mainnet, "testnet", "wallet import format")]
    [InlineData("BTC", Network.Mainnet, "", "wallet import format")]
    [InlineData("BTC", Network.Mainnet, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "wallet import format")] // an address
    [InlineData("BTC", Network.Mainnet, "0000000000000000000000000000000000000000000000000000000000000000", "zero")]
    [InlineData("DOGE", Network.Mainnet, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "group order")]
    [InlineData("LTC", Network.Mainnet, "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1x", "hexadecimal")]
    [InlineData("BCH", Network.Mainnet, "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d", "too long")]
    public static void Refuses_what_is_no_key_of_the_network(string chain, Network network, string text, string why)
    {
        var error = Assert.Throws<KmsException>(() => ChainCatalog.Get(chain).Wallets.ParseKey(System.Text.Encoding.UTF8.GetBytes(text), network).Dispose());
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.True(text.Length < 8 || !error.Message.Contains(text, StringComparison.Ordinal));
    }

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE")]
    public static void Reads_a_hex_key_as_compressed(string chain)
    {
        using var key = ChainCatalog.Get(chain).Wallets.ParseKey("0C28FCA386C7A227600B2FE50B7CAE11EC86D3BF1FBE471BE89827E19D72AA1D"u8, Network.Mainnet);
        Assert.Equal(33, key.PublicKey.Bytes.Length);
    }

    private static void Signs(string signed, params (long Satoshis, string Script, string Secret)[] spent)
    {
        var parsed = ParsedTransaction.Read(signed);
        var pending = new JsonObject
        {
            ["version"] = parsed.Version,
            ["inputs"] = new JsonArray(
            [
                .. parsed.Inputs.Zip(spent).Select(pair => new JsonObject
                {
                    ["prevTxId"] = pair.First.TransactionId,
                    ["outputIndex"] = pair.First.Index,
                    ["sequenceNumber"] = pair.First.Sequence,
                    ["script"] = "",
                    ["output"] = new JsonObject { ["satoshis"] = pair.Second.Satoshis, ["script"] = pair.Second.Script },
                }),
            ]),
            ["outputs"] = new JsonArray([.. parsed.Outputs.Select(output => new JsonObject { ["satoshis"] = output.Satoshis, ["script"] = Convert.ToHexString(output.Script) })]),
            ["nLockTime"] = parsed.LockTime,
        };
        var vector = new JsonObject
        {
            ["testnet"] = false,
            ["pending"] = new JsonObject
            {
                ["id"] = "bip143",
                ["chain"] = "BTC",
                ["serializedTransaction"] = pending.ToJsonString(),
                ["hashes"] = new JsonArray([.. spent.Select((_, at) => JsonValue.Create($"key-{at}"))]),
            },
            ["walletStore"] = new JsonObject(spent.Select((coin, at) => KeyValuePair.Create<string, JsonNode?>(
                $"key-{at}", new JsonObject { ["privateKey"] = coin.Secret, ["chain"] = "BTC", ["testnet"] = false }))),
        };
        var generous = new SigningContext(Network.Mainnet)
        {
            Chains = new Dictionary<string, ChainOptions> { ["BTC"] = new() { FeeRateCeiling = BigInteger.Pow(10, 12), FeeCeiling = BigInteger.Pow(10, 10) } }, // the example burns 8.9 BTC
        };
        using var run = SigningRun.Sign(JsonSerializer.SerializeToElement(vector), generous);
        Assert.Equal(signed, run.Signed.Data);
    }
}
