using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>Token calls in words, and the lies that call data can hold.</summary>
public static class TokenCallTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Contract = "0x1111111111111111111111111111111111111111";
    private const string A = "000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "000000000000000000000000bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string AText = "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa";
    private const string BText = "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB";

    [Theory]
    [InlineData("a9059cbb" + A + Five, "token transfer", "transfer(address,uint256)", AText, null, "5 raw units of " + Contract)]
    [InlineData("23b872dd" + A + B + Five, "token transfer", "transferFrom(address,address,uint256)", BText, AText, "5 raw units of " + Contract)]
    [InlineData("095ea7b3" + A + Five, "token approval", "approve(address,uint256)", AText, null, "5 raw units of " + Contract)]
    [InlineData("42842e0e" + A + B + Five, "NFT transfer", "safeTransferFrom(address,address,uint256)", BText, AText, "1 item 5 of " + Contract)]
    [InlineData("b88d4fde" + A + B + Five + At80 + Zero, "NFT transfer", "safeTransferFrom(address,address,uint256,bytes)", BText, AText, "1 item 5 of " + Contract)]
    [InlineData("f242432a" + A + B + Five + Two + AtA0 + Two + Bytes2, "NFT transfer", "safeTransferFrom(address,address,uint256,uint256,bytes)", BText, AText, "2 item 5 of " + Contract)]
    [InlineData("40c10f19" + A + Five, "token mint", "mint(address,uint256)", AText, "(newly made)", "5 raw units of " + Contract)]
    [InlineData("42966c68" + Five, "token burn", "burn(uint256)", "(destroyed)", null, "5 raw units of " + Contract)]
    public static void Says_who_gets_what(string data, string kind, string method, string to, string? from, string amount)
    {
        var summary = Decode(data);
        Assert.Equal((kind, method, true), (summary.Kind, summary.Method, summary.Understood));
        Assert.Empty(summary.Warnings);
        var transfer = Assert.Single(summary.Transfers);
        Assert.Equal((to, from, amount), (transfer.To, transfer.From, transfer.Amount.ToString()));
        Assert.Equal(Contract, summary.Contract);
    }

    [Fact]
    public static void Says_each_item_of_a_batch()
    {
        var summary = Decode("2eb2c2d6" + A + B + AtA0 + Word(0x100) + Word(0x160) + Two + Five + Two + Two + Word(1) + Word(3) + Zero);
        Assert.True(summary.Understood);
        Assert.Equal(["1 item 5 of " + Contract, "3 item 2 of " + Contract], summary.Transfers.Select(transfer => transfer.Amount.ToString()));
        Assert.All(summary.Transfers, transfer => Assert.Equal((BText, AText), (transfer.To, transfer.From)));
    }

    [Fact]
    public static void Does_not_understand_a_batch_of_uneven_lists() =>
        Assert.False(Decode("2eb2c2d6" + A + B + AtA0 + Word(0x100) + Word(0x140) + Two + Five + Two + Word(1) + Word(1) + Zero).Understood);

    [Theory]
    [InlineData("8000000000000000000000000000000000000000000000000000000000000000", true)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", true)]
    [InlineData("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false)]
    public static void Warns_of_unlimited_approvals(string amount, bool warns) =>
        Assert.Equal(warns, Decode("095ea7b3" + A + amount).Warnings.Any(warning => warning.Contains("unlimited", StringComparison.Ordinal)));

    [Fact]
    public static void Warns_of_approvals_for_all_and_lists_the_operator()
    {
        var given = Decode("a22cb465" + A + Word(1));
        Assert.Contains(given.Warnings, warning => warning.Contains("all tokens", StringComparison.Ordinal));
        Assert.Equal(AText, Assert.Single(given.Transfers).To);
        var taken = Decode("a22cb465" + A + Zero);
        Assert.Empty(taken.Warnings);
        Assert.Empty(taken.Transfers);
    }

    [Fact]
    public static void Warns_of_value_sent_along_and_counts_it()
    {
        var summary = Decode("a9059cbb" + A + Five, value: "1000000000000000000");
        Assert.Contains(summary.Warnings, warning => warning.Contains("1 ETH", StringComparison.Ordinal));
        Assert.Equal([AText, Contract], summary.Transfers.Select(transfer => transfer.To));
    }

    [Theory]
    [InlineData("a9059cbb" + A + Five + "00", "behind")]
    [InlineData("a9059cbb010000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + Five, "beyond its 20 bytes")]
    [InlineData("a9059cbb000000000000000000000001aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + Five, "beyond its 20 bytes")]
    [InlineData("a22cb465" + A + Two, "neither true nor false")]
    public static void Warns_of_what_an_honest_caller_would_not_write(string data, string warning) =>
        Assert.Contains(Decode(data).Warnings, text => text.Contains(warning, StringComparison.Ordinal));

    [Theory]
    [InlineData("a9059cbb")]
    [InlineData("a9059cbb" + A)]
    [InlineData("b88d4fde" + A + B + Five + At80)] // the bytes are missing
    [InlineData("b88d4fde" + A + B + Five + AtA0 + Zero + Zero)] // a gap before them
    [InlineData("b88d4fde" + A + B + Five + At80 + Two)] // fewer than said
    [InlineData("b88d4fde" + A + B + Five + At80 + Two + "0102030000000000000000000000000000000000000000000000000000000000")] // padding that is none
    [InlineData("b88d4fde" + A + B + Five + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("b88d4fde" + A + B + Five + At80 + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public static void Says_so_when_arguments_cannot_be_read(string data)
    {
        var summary = Decode(data);
        Assert.False(summary.Understood);
        Assert.NotEmpty(summary.Warnings);
    }

    [Theory]
    [InlineData("deadbeef" + A, "0xdeadbeef")]
    [InlineData("dead", "(no selector)")]
    public static void Shows_selector_and_size_of_other_calls(string data, string method)
    {
        var summary = Decode(data);
        Assert.Equal(("contract call", method, false), (summary.Kind, summary.Method, summary.Understood));
        Assert.Equal($"{data.Length / 2} bytes", summary.Details["data"]);
        Assert.NotEmpty(summary.Warnings);
    }

    [Fact]
    public static void Shows_the_creation_of_a_contract()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var summary = signer.Decode("""{"data":"0x6000","value":"7","gas":100000}""").Summary;
        Assert.Equal(("contract creation", false), (summary.Kind, summary.Understood));
        Assert.Equal("(the new contract)", Assert.Single(summary.Transfers).To);
        Assert.NotEmpty(summary.Warnings);
    }

    private const string Five = "0000000000000000000000000000000000000000000000000000000000000005";
    private const string Two = "0000000000000000000000000000000000000000000000000000000000000002";
    private const string Zero = "0000000000000000000000000000000000000000000000000000000000000000";
    private const string At80 = "0000000000000000000000000000000000000000000000000000000000000080";
    private const string AtA0 = "00000000000000000000000000000000000000000000000000000000000000a0";
    private const string Bytes2 = "0102000000000000000000000000000000000000000000000000000000000000";

    private static string Word(BigInteger number) => number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    private static TransactionSummary Decode(string data, string value = "0")
    {
        using var signer = new SingleKeySigner("ETH", Key);
        return signer.Decode($$"""{"to":"{{Contract}}","data":"0x{{data}}","value":"{{value}}","gas":1000000}""").Summary;
    }
}
