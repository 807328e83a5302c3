using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Xrp;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>Payments to an exchange's address reach the customer that its tag or memo names, so a rule may name both.</summary>
public static class RecipientTagTests
{
    private const string Extended = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu"; // XLS-5, with tag 1

    [Theory]
    [InlineData("r1?tag=5", "tag=5", true)]
    [InlineData("r1?tag=5", "tag=6", false)]
    [InlineData("r1?tag=5", null, false)]
    [InlineData("r1?tag=5 r1?tag=6", "tag=6", true)]
    [InlineData("r1?tag=5 r1", "tag=6", false)]
    [InlineData("r1?tag=5 r1", null, true)]
    [InlineData("r1", "tag=6", true)]
    [InlineData("r1?tag=0", "tag=0", true)]
    [InlineData("r1?tag=0", null, false)]
    [InlineData("r2?tag=5", "tag=5", false)]
    [InlineData("r1?memo=5", "tag=5", false)]
    [InlineData("r1?memo=customer%205", "memo=customer 5", true)]
    [InlineData("r1?memo=a", "memo=A", false)]
    public static void A_tag_must_be_listed_where_the_address_is_listed_with_one(string recipients, string? tag, bool allowed) =>
        Assert.Equal(allowed, Verdict(recipients.Split(' '), new("r1", new(1, 6, "XRP")) { Tag = tag }).Allowed);

    [Theory]
    [InlineData("tag=1", true)]
    [InlineData("tag=2", false)]
    [InlineData(null, false)]
    public static void An_x_address_is_its_address_with_its_tag(string? tag, bool allowed)
    {
        var (account, number) = XrpAddress.AccountAndTag(Extended, Network.Mainnet, "it");
        var address = XrpAddress.FromAccount(account);
        Assert.NotNull(number);
        Assert.Equal(allowed, Verdict([Extended], new(address, new(1, 6, "XRP")) { Tag = tag is "tag=1" ? $"tag={number}" : tag is null ? null : $"tag={number + 1}" }).Allowed);
    }

    [Theory]
    [InlineData("r1?tag=")]
    [InlineData("r1?tag=x")]
    [InlineData("r1?tag=05")]
    [InlineData("r1?tag=4294967296")]
    [InlineData("r1?memo=")]
    [InlineData("r1?dt=5")]
    [InlineData("r1?")]
    [InlineData("?tag=5")]
    public static void What_is_no_tag_makes_the_policy_invalid(string recipient) => Assert.Throws<KmsException>(() => Rules([recipient]));

    [Fact]
    public static void The_tag_of_an_xrp_payment_is_the_one_that_is_signed()
    {
        var payment = new JsonObject
        {
            ["TransactionType"] = "Payment",
            ["Account"] = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
            ["Destination"] = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe",
            ["DestinationTag"] = 5,
            ["Amount"] = "1000000",
            ["Sequence"] = 5,
            ["Fee"] = "10",
        };
        var summary = new OneWallet("XRP", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb").Decode(payment.ToJsonString()).Summary;
        Assert.Equal("tag=5", summary.Transfers.Single().Tag);
    }

    [Theory]
    [InlineData("XLM", "payment-native-mainnet-memo-text", "memo=order 42")]
    [InlineData("XLM", "payment-memo-hash", "memo=c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0")]
    [InlineData("BNB", "transfer-bnb", null)]
    public static void The_memo_of_a_payment_is_its_tag(string chain, string name, string? tag)
    {
        using var run = SigningRun.Sign(Vectors.Case(chain, "signing", name));
        Assert.Equal(tag, run.Transaction.Summary.Transfers[0].Tag);
    }

    [Fact]
    public static void A_beacon_chain_memo_is_its_tag()
    {
        using var run = SigningRun.Sign(Vectors.Case("BNB", "signing", "transfer-bnb-memo-mainnet"));
        Assert.Equal("memo=" + run.Transaction.Summary.Memo, run.Transaction.Summary.Transfers[0].Tag);
    }

    private static PolicyVerdict Verdict(string[] recipients, Transfer payment) => PolicyCheck.Verdict(
        Rules(recipients), new TransactionSummary { Chain = "XRP", Network = Network.Mainnet, Kind = "transfer", Transfers = [payment] }, ["w"], (_, _) => default, DateTimeOffset.UnixEpoch, true);

    private static IReadOnlyList<PolicyRule> Rules(string[] recipients) => PolicyFile.Read(Encoding.UTF8.GetBytes(
        $$"""{"version":1,"rules":[{"name":"r","chains":["XRP"],"recipients":["{{string.Join("\",\"", recipients)}}"],"assets":{"XRP":{} } }]}"""));
}
