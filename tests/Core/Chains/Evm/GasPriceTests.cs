using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>A price that lacks nine zeros is refused with the unit, and chains whose price was long a fixed one ask for today's.</summary>
public static class GasPriceTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";

    [Theory]
    [InlineData("ETH", "25")]
    [InlineData("ETH", "0x19")]
    [InlineData("MATIC", "500")]
    [InlineData("BSC", "9999")]
    public static void Refuses_a_price_in_the_wrong_unit(string chain, string price)
    {
        using var signer = new SingleKeySigner(chain, Key, options: ChainOptions.Default);
        var refused = Assert.Throws<KmsException>(() => signer.Decode(Request(chain, $",\"gasPrice\":\"{price}\"")));
        Assert.Equal(Failure.Refused, refused.Failure);
        Assert.Contains("in wei", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"TATUM_KMS_{chain}_ALLOW_LOW_FEE", refused.Hint, StringComparison.Ordinal);
        using var allowed = new SingleKeySigner(chain, Key, options: new ChainOptions { AllowLowFee = true });
        Assert.NotNull(allowed.Decode(Request(chain, $",\"gasPrice\":\"{price}\"")).Summary.Kind);
    }

    [Theory]
    [InlineData("BSC", "0x5f5e100", 100_000_000)] // a tenth of a gwei, as in 2025
    [InlineData("KCS", "0xb2d05e00", 3_000_000_000)]
    public static void Takes_the_networks_price_where_the_request_has_none(string chain, string answer, long price)
    {
        using var signer = new SingleKeySigner(chain, Key, options: ChainOptions.Default);
        var filled = SingleKeySigner.Complete(signer.Decode(Request(chain, "")), _ => $$"""{"result":"{{answer}}"}""");
        Assert.Equal(new BigInteger(21000) * price, filled.Summary.Fee!.Value.Units);
    }

    [Theory]
    [InlineData("BSC", 10_000_000_000)]
    [InlineData("KCS", 1_000_000_000)]
    public static void Falls_back_where_the_network_does_not_say(string chain, long price)
    {
        using var signer = new SingleKeySigner(chain, Key, options: ChainOptions.Default);
        var asked = Assert.Single(signer.Decode(Request(chain, "")).Missing);
        Assert.True(asked.IsOptional);
        Assert.Contains("eth_gasPrice", asked.Body, StringComparison.Ordinal);
        var filled = SingleKeySigner.Complete(signer.Decode(Request(chain, "")), _ => "null");
        Assert.Equal(new BigInteger(21000) * price, filled.Summary.Fee!.Value.Units);
    }

    [Theory, InlineData("BSC"), InlineData("KCS")]
    public static void A_gateway_that_names_a_price_beyond_the_ceiling_gets_no_signature(string chain)
    {
        using var signer = new SingleKeySigner(chain, Key, options: ChainOptions.Default);
        Assert.Contains("above the ceiling", Assert.Throws<KmsException>(() => SingleKeySigner.Complete(signer.Decode(Request(chain, "")), _ => """{"result":"0x2386f26fc10000"}""")).Message, StringComparison.Ordinal);
    }

    private static string Request(string chain, string more) =>
        $$"""{"to":"0x7dB98c08E0bAF33cb04FE43cC17bBeE99fFEBC6A","value":"1","nonce":0,"gas":"21000","chainId":{{chain switch { "BSC" => 97, "KCS" => 322, "MATIC" => 80002, _ => 11155111 }}}{{more}}}""";
}
