using System.Numerics;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Evidence;
using KmsCloud.Keys;

namespace KmsCloud.Tests.Approver;

/// <summary>
/// Which rule a transaction falls under, and whose yes counts there: the first rule that covers it, and none is no.
/// </summary>
public sealed class QuorumTests : IDisposable
{
    private const string Friend = "0x7dB98c08E0bAF33cb04FE43cC17bBeE99fFEBC6A";
    private readonly Officers officers = new("alice", "bob", "carol");

    public QuorumTests()
    {
        var small = Officers.Rule("small", 1);
        small["chains"] = new JsonArray("ETH");
        small["kinds"] = new JsonArray("transfer", "token transfer");
        small["assets"] = new JsonObject { ["ETH"] = "1.5", ["USDC"] = "any" };
        small["recipients"] = new JsonArray(Friend.ToLowerInvariant());
        officers.Json["rules"] = new JsonArray(small, Officers.Rule("rest", 3));
    }

    public void Dispose() => officers.Dispose();

    public static TheoryData<string, string> Cases() => new()
    {
        { "small payment to a friend", "small" },
        { "at the bound", "small" },
        { "a token without bound", "small" },
        { "change left out", "small" },
        { "one unit above the bound", "rest" },
        { "two payments that exceed it together", "rest" },
        { "an asset that is not named", "rest" },
        { "a stranger", "rest" },
        { "a stranger beside the friend", "rest" },
        { "a stranger who gets what is left", "rest" },
        { "a friend who gets what nobody counted", "rest" },
        { "another chain", "rest" },
        { "another kind", "rest" },
        { "nobody is paid", "rest" },
        { "not understood wholly", "rest" },
        { "a fee that is not proved", "rest" },
        { "an amount that cannot be counted", "rest" },
        { "not decoded", "rest" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void The_first_rule_that_covers_a_transaction_decides(string what, string rule)
    {
        var subject = what switch
        {
            "small payment to a friend" => Of(Pay(Friend, 1)),
            "at the bound" => Of(Pay(Friend, 15, 17)),
            "a token without bound" => Of(Pay(Friend, 1_000_000, 6, "USDC")) with { },
            "change left out" => Of(Pay(Friend, 1), Pay("0xme", 1_000) with { IsChange = true }),
            "one unit above the bound" => Of(new Transfer(Friend, new(BigInteger.Parse("1500000000000000001"), 18, "ETH"))),
            "two payments that exceed it together" => Of(Pay(Friend, 1), Pay(Friend, 1)),
            "an asset that is not named" => Of(Pay(Friend, 1, 18, "DAI")),
            "a stranger" => Of(Pay("0xstranger", 1)),
            "a stranger beside the friend" => Of(Pay(Friend, 1), Pay("0xstranger", 0)),
            "a stranger who gets what is left" => Of(Pay(Friend, 1)).Left("0xstranger"),
            "a friend who gets what nobody counted" => Of(Pay(Friend, 1)).Left(Friend),
            "another chain" => Of("BSC", "transfer", Pay(Friend, 1)),
            "another kind" => Of("ETH", "contract call", Pay(Friend, 1)),
            "nobody is paid" => Of(),
            "not understood wholly" => Of("ETH", "transfer", understood: false, Pay(Friend, 1)),
            "a fee that is not proved" => Of(Pay(Friend, 1)) with { FeeIsProved = false },
            "an amount that cannot be counted" => Of(Pay(Friend, -1)),
            _ => new(null, ["w"], true),
        };
        Assert.Equal(rule, Quorum.Decide(officers.Read().Rules, subject, []).Rule?.Name);
    }

    [Theory]
    [InlineData("", "small")]
    [InlineData("burst", "small")]
    [InlineData("lookalike", "rest")]
    [InlineData("burst,first-seen", "rest")]
    [InlineData(null, "rest")] // nobody looked
    public void What_an_anomaly_rule_finds_needs_more_people(string? findings, string rule)
    {
        officers.Json["rules"]![0]!["unless"] = new JsonArray("first-seen", "lookalike");
        var subject = Of(Pay(Friend, 1)) with { Findings = findings?.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Equal(rule, Quorum.Decide(officers.Read().Rules, subject, []).Rule?.Name);
    }

    [Fact]
    public void What_is_under_no_rule_nobody_can_approve()
    {
        officers.Json["rules"]!.AsArray().RemoveAt(1);
        var approvers = officers.Read();
        Assert.All<QuorumRule>(approvers.Rules, rule => Assert.InRange(rule.Approvals, 1, approvers.People.Count));
        var verdict = Quorum.Decide(approvers.Rules, Of(Pay("0xstranger", 1)), approvers.People);
        Assert.Null(verdict.Rule);
        Assert.False(verdict.IsMet);
        Assert.False(Quorum.Decide(approvers.Rules, new(null, [], true), approvers.People).IsMet);
    }

    [Fact]
    public void Who_asks_and_who_is_of_no_group_does_not_count()
    {
        var rule = officers.Json["rules"]![1]!.AsObject();
        rule["approvals"] = 1;
        rule["requesters"] = new JsonArray("alice");
        officers.Json["people"]![1]!["groups"] = new JsonArray("auditors");
        var approvers = officers.Read();
        Assert.Empty(Said("alice", "bob").Counted);
        Assert.Equal(["carol"], Said("alice", "bob", "carol", "carol").Counted);

        QuorumVerdict Said(params string[] names) =>
            Quorum.Decide(approvers.Rules, new(null, [], true), names.Select(name => approvers.People.Single(person => person.Name == name)));
    }

    [Fact]
    public void A_rule_for_wallets_covers_no_other_and_not_none()
    {
        officers.Json["rules"]![1]!["wallets"] = new JsonArray("w1", "w2");
        var rules = officers.Read().Rules;
        Assert.Equal("rest", Rule("w1"));
        Assert.Equal("rest", Rule("w1", "w2"));
        Assert.Null(Rule("w1", "w3"));
        Assert.Null(Rule());

        string? Rule(params string[] wallets) => Quorum.Decide(rules, new(null, wallets, true), []).Rule?.Name;
    }

    private static Transfer Pay(string to, long units, int decimals = 0, string asset = "ETH") => new(to, new(units, decimals, asset));

    private static QuorumSubject Of(params Transfer[] transfers) => Of("ETH", "transfer", transfers);

    private static QuorumSubject Of(string chain, string kind, params Transfer[] transfers) => Of(chain, kind, true, transfers);

    private static QuorumSubject Of(string chain, string kind, bool understood, params Transfer[] transfers) => new(
        new() { Chain = chain, Network = Network.Mainnet, Kind = kind, Understood = understood, Transfers = transfers }, ["w"], true);
}

internal static class QuorumSubjects
{
    /// <summary>The same, and somebody gets what is left.</summary>
    internal static QuorumSubject Left(this QuorumSubject subject, string to) =>
        subject with { Summary = subject.Summary! with { Uncounted = [new(to)] } };
}
