using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>The least gas of data (EIP-7623) and the most gas of a transaction (EIP-7825), where the network has the rule.</summary>
public static class GasRulesTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const int Bytes = 1000;
    private const ulong Floor = 21_000 + (10 * 4 * Bytes); // EIP-7623: ten a token, four tokens a byte that is not zero
    private const ulong Cap = 1 << 24; // EIP-7825

    [Theory]
    [InlineData("ETH", 11155111, Floor - 1, "EIP-7623")]
    [InlineData("ETH", 11155111, Floor, null)]
    [InlineData("ETH", 11155111, Cap, null)]
    [InlineData("ETH", 11155111, Cap + 1, "EIP-7825")]
    [InlineData("BSC", 97, Floor - 1, "EIP-7623")]
    [InlineData("BSC", 97, Cap + 1, "EIP-7825")]
    [InlineData("CELO", 44787, Floor - 1, "EIP-7623")]
    [InlineData("CELO", 44787, Cap + 1, null)]
    [InlineData("KCS", 322, Floor - 1, null)]
    [InlineData("KCS", 322, Cap + 1, null)]
    [InlineData("KCS", 322, 21_000 + (16 * Bytes) - 1, "before anything runs")]
    [InlineData("ETH", 1337, Floor - 1, null)]
    [InlineData("ETH", 1337, Cap + 1, null)]
    public static void Gas_is_within_the_rules_of_the_network(string chain, ulong chainId, ulong gas, string? rule)
    {
        using var signer = new SingleKeySigner(chain, Key, options: new() { ExtraChainIds = [1337] });
        var data = string.Concat(Enumerable.Repeat("ff", Bytes));
        var text = $$"""{"to":"0x3535353535353535353535353535353535353535","value":"1","nonce":1,"chainId":{{chainId}},"gas":{{gas}},"gasPrice":"1000000000","data":"0x{{data}}"}""";
        var error = Record.Exception(() => signer.Decode(text));
        Assert.Equal(rule is null, error is null);
        Assert.True(rule is null || (error is KmsException { Failure: Failure.Refused } && error.Message.Contains(rule, StringComparison.Ordinal)), $"{error}");
    }

    [Theory]
    [InlineData(61_000 - 1, false)]
    [InlineData(61_000, true)]
    public static void An_answer_is_held_to_the_rules_too(ulong estimate, bool taken)
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var data = string.Concat(Enumerable.Repeat("ff", Bytes));
        var transaction = signer.Decode($$"""{"to":"0x3535353535353535353535353535353535353535","nonce":1,"chainId":11155111,"gasPrice":"1000000000","data":"0x{{data}}"}""");
        var answer = System.Text.Json.JsonDocument.Parse($"{{\"result\":\"0x{estimate:x}\"}}").RootElement;
        Assert.Equal(taken, Record.Exception(() => transaction.Complete(new([answer]))) is null);
    }
}
