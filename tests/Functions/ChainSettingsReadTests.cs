using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Functions;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Functions;

/// <summary>Every option of a chain is a setting that daemon and function read; one that a chain does not heed is an error.</summary>
public static class ChainSettingsReadTests
{
    [Theory]
    [InlineData("TATUM_KMS_BTC_FEE_RATE_CEILING", "500000")]
    [InlineData("TATUM_KMS_XLM_FEE_CEILING", "500000")]
    [InlineData("TATUM_KMS_BSC_DEFAULT_FEE_RATE", "500000")]
    public static void Numbers_are_read(string name, string text)
    {
        var options = Assert.Single(ChainSettings.Read(Of(name, text))).Value;
        Assert.Equal(500_000, options.FeeRateCeiling ?? options.FeeCeiling ?? options.DefaultFeeRate);
        var set = new[] { options.FeeRateCeiling, options.FeeCeiling, options.DefaultFeeRate };
        Assert.Equal(name.Contains("RATE_CEILING", StringComparison.Ordinal) ? 0 : name.Contains("DEFAULT", StringComparison.Ordinal) ? 2 : 1, Array.FindIndex(set, value => value is not null));
        Assert.Single(set, value => value is not null);
    }

    [Fact]
    public static void Several_settings_of_a_chain_come_together()
    {
        var settings = new Dictionary<string, string>
        {
            ["TATUM_KMS_CELO_FEE_RATE_CEILING"] = "123456789012345678901234567890",
            ["TATUM_KMS_CELO_EXTRA_CHAIN_IDS"] = "31337, 1337",
            ["TATUM_KMS_CELO_LEGACY_FORMAT"] = "true",
            ["TATUM_KMS_ALGO_ALLOW_ACCOUNT_CONTROL"] = "true",
        };
        var context = new SigningContext(Network.Testnet) { Chains = ChainSettings.Read(settings.GetValueOrDefault) };
        Assert.Equal(BigInteger.Parse("123456789012345678901234567890", System.Globalization.CultureInfo.InvariantCulture), context.For("CELO").FeeRateCeiling);
        Assert.Equal([31337UL, 1337UL], context.For("CELO").ExtraChainIds);
        Assert.True(context.For("CELO").LegacyFormat);
        Assert.False(context.For("CELO").AllowAccountControl);
        Assert.True(context.For("ALGO").AllowAccountControl);
        Assert.Same(ChainOptions.Default, context.For("BTC"));
    }

    [Theory]
    [InlineData("TATUM_KMS_FLOW_FEE_CEILING", "1")]
    [InlineData("TATUM_KMS_ETH_DEFAULT_FEE_RATE", "1")]
    [InlineData("TATUM_KMS_ETH_LEGACY_FORMAT", "true")]
    [InlineData("TATUM_KMS_BTC_FEE_CEILING", "0")]
    [InlineData("TATUM_KMS_BTC_FEE_CEILING", "-1")]
    [InlineData("TATUM_KMS_BTC_FEE_CEILING", "1.5")]
    [InlineData("TATUM_KMS_BTC_FEE_CEILING", "1e9")]
    [InlineData("TATUM_KMS_BTC_FEE_CEILING", "1234567890123456789012345678901")]
    [InlineData("TATUM_KMS_ETH_EXTRA_CHAIN_IDS", "1,,2")]
    [InlineData("TATUM_KMS_ETH_EXTRA_CHAIN_IDS", "18446744073709551616")]
    [InlineData("TATUM_KMS_CELO_LEGACY_FORMAT", "yes")]
    [InlineData("TATUM_KMS_CELO_FEE_CURRENCY_CEILINGS", "0x3535353535353535353535353535353535353535")]
    [InlineData("TATUM_KMS_CELO_FEE_CURRENCY_CEILINGS", "0x3535353535353535353535353535353535353535=0")]
    [InlineData("TATUM_KMS_CELO_FEE_CURRENCY_CEILINGS", "0x35=5")]
    [InlineData("TATUM_KMS_CELO_FEE_CURRENCY_CEILINGS", "0x3535353535353535353535353535353535353535=1,0x3535353535353535353535353535353535353535=2")]
    public static void What_makes_no_sense_is_refused_by_name(string name, string text)
    {
        var error = Assert.Throws<KmsException>(() => ChainSettings.Read(Of(name, text)));
        Assert.Equal(Failure.Usage, error.Failure);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Every_option_of_a_chain_is_a_setting_and_documented()
    {
        Assert.Equal(ChainSettings.All.Count, typeof(ChainOptions).GetProperties().Count(property => property.SetMethod is { IsPublic: true }));
        var table = File.ReadAllText(Path.Combine(Peer.SourceRoot, "docs", "operations.md"));
        Assert.All(ChainSettings.All, setting =>
        {
            Assert.Contains($"`{setting.Variable("CHAIN")}`", table, StringComparison.Ordinal);
            Assert.Contains($"`{setting.Option}`", table, StringComparison.Ordinal);
            Assert.Contains($" {string.Join(' ', setting.Chains)} |", table, StringComparison.Ordinal);
            Assert.All(setting.Chains, chain => Assert.True(ChainCatalog.All.ContainsKey(chain), chain));
        });
    }

    [Fact]
    public static void The_function_reads_the_same_variables()
    {
        var settings = new Dictionary<string, string>
        {
            ["KMS_NETWORK"] = "testnet",
            ["KMS_WALLET"] = "/srv/kms/wallet.dat",
            ["TATUM_KMS_BTC_FEE_CEILING"] = "50000",
        };
        Assert.Equal(50_000, FunctionSettings.Read(settings.GetValueOrDefault).ChainOptions["BTC"].FeeCeiling);
        settings["TATUM_KMS_FLOW_FEE_CEILING"] = "1";
        Assert.Throws<KmsException>(() => FunctionSettings.Read(settings.GetValueOrDefault));
    }

    private static Func<string, string?> Of(string name, string text) => asked => asked == name ? text : null;
}
