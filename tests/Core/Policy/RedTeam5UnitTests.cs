using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Solana;
using KmsCloud.Codecs;
using KmsCloud.Policy;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>
/// One token, one unit: whether a transfer of SOL states the token's decimals is the gateway's choice, and widens no limit by
/// a million.
/// </summary>
public static class RedTeam5UnitTests
{
    private const string Usdc = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
    private static readonly OneWallet Solana = new("SOL", "5YEMS6F2hhb6JECkSVixYbH9wtPtjasH8MLYhRDC6h77gRcGA8KcVHJcD68H53cC5weovue4Bx3ThuYS7EKwRd2N");
    private static readonly byte[] Payee = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];

    [Theory]
    [InlineData(2_000_000, true)]
    [InlineData(2_000_001, false)]
    [InlineData(1_999_999_000_000, false)] // two million USDC where two are allowed
    public static void A_limit_counts_the_same_whether_decimals_are_stated_or_not(ulong units, bool allowed)
    {
        Assert.Equal(allowed, Allows([3, .. BitConverter.GetBytes(units)], [7, 1, 0])); // as the gateway's own requests are: source, destination, owner
        Assert.Equal(allowed, Allows([12, .. BitConverter.GetBytes(units), 6], [7, 3, 1, 0])); // with the mint and its decimals
    }

    [Fact]
    public static void People_are_shown_the_decimals_that_are_stated() =>
        Assert.Equal($"1.5 {Usdc}", Read([12, .. BitConverter.GetBytes(1_500_000UL), 6], [7, 3, 1, 0]).Transfers[0].Amount.ToString());

    private static bool Allows(byte[] data, byte[] places)
    {
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes(
            $$$"""{"version":1,"rules":[{"name":"r","chains":["SOL"],"recipients":"any","assets":{"{{{Usdc}}}":{"perTransaction":"2000000"},"SOL":{} } }]}"""));
        return PolicyCheck.Verdict(rules, Read(data, places), ["w"], (_, _) => default, DateTimeOffset.UnixEpoch, filled: true).Allowed;
    }

    private static TransactionSummary Read(byte[] data, byte[] places)
    {
        var account = Base58.TryDecode(SolanaPrograms.AssociatedAccount(Base58.Encode(Payee), Usdc))!;
        byte[][] accounts =
        [
            [.. Solana.Wallet.Key().Bytes], account, Payee, Base58.TryDecode(Usdc)!, new byte[32],
            Base58.TryDecode(SolanaPrograms.Token)!, Base58.TryDecode(SolanaPrograms.AssociatedToken)!, [.. Enumerable.Repeat((byte)7, 32)],
        ];
        byte[] message =
        [
            1, 0, 5, (byte)accounts.Length, .. accounts.SelectMany(key => key), .. Enumerable.Repeat((byte)9, 32), 2,
            6, 6, 0, 1, 2, 3, 4, 5, 1, 1, // create the payee's account, idempotent
            5, (byte)places.Length, .. places, (byte)data.Length, .. data,
        ];
        return Solana.Decode(new JsonObject { ["txData"] = Hex.Lower(message) }.ToJsonString()).Summary;
    }
}
