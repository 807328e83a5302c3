using System.Text;
using KmsCloud.Anomalies;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Anomalies;

/// <summary>Each rule of docs/anomalies.md with what it finds and what it lets pass, at its very bounds.</summary>
public static class AnomalyWatchTests
{
    private const string Known = "0x1234567890abcdef1234567890abcdef12345678";
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero); // a Monday

    [Theory]
    [InlineData("100.1", 5, true)]
    [InlineData("100", 5, false)] // ten times is not more than ten times
    [InlineData("9999", 4, false)] // too few to know what is usual
    public static void Above_usual(string amount, int before, bool found)
    {
        var watch = Watch("""{"version":1,"above-usual":{"times":10,"days":30,"least":5}}""");
        for (var at = 0; at < before; at++)
        {
            watch.Learn(Pays(at, Known, at == 0 ? "1000" : "10"));
        }

        Expect(found, "above-usual", watch.Look(Pays(60, Known, amount)));
    }

    [Fact]
    public static void What_is_usual_is_of_the_days_of_the_rule_and_of_one_wallet_and_asset()
    {
        var watch = Watch("""{"version":1,"above-usual":{"times":10,"days":30,"least":5}}""");
        for (var at = 0; at < 5; at++)
        {
            watch.Learn(Pays(at, Known, "10"));
        }

        Assert.Single(watch.Look(Pays(60, Known, "101")));
        Assert.Empty(watch.Look(Pays(60, Known, "101") with { Wallet = "another" }));
        Assert.Empty(watch.Look(Pays(60, Known, "101", asset: "0xdac1")));
        Assert.Empty(watch.Look(Pays(31 * 24 * 60, Known, "101")));
    }

    [Theory]
    [InlineData("ETH", Known, false)]
    [InlineData("ETH", "0x99", true)]
    [InlineData("BSC", Known, true)] // the same address on another chain
    public static void First_seen(string chain, string to, bool found)
    {
        var watch = Watch("""{"version":1,"first-seen":true}""");
        watch.Learn(Pays(0, Known, "1"));
        Expect(found, "first-seen", watch.Look(Pays(1, to, "1") with { Chain = chain }));
    }

    [Theory]
    [InlineData("ETH", Known, "0x12340000000000000000000000000000000005678", true)]
    [InlineData("ETH", Known, "0x12350000000000000000000000000000000005678", false)]
    [InlineData("ETH", Known, "0x12340000000000000000000000000000000005679", false)]
    [InlineData("ETH", Known, Known, false)]
    [InlineData("BTC", "bc1qabcdxxxxxxxxxxxxxxxxxxxxxxxxxxxwxyz", "bc1qabcdyyyyyyyyyyyyyyyyyyyyyyyyyyywxyz", true)]
    [InlineData("BTC", "bc1qabcdxxxxxxxxxxxxxxxxxxxxxxxxxxxwxyz", "bc1qabceyyyyyyyyyyyyyyyyyyyyyyyyyyywxyz", false)] // alike only in what all begin with
    [InlineData("TRON", "TAbcdxxxxxxxxxxxxxxxxxxxxxxxxxwxyz", "TaBCDyyyyyyyyyyyyyyyyyyyyyyyyyWXYZ", true)] // the eye does not see the case
    [InlineData("ADA", "addr1qabcdxxxxxxxxxxxwxyz", "addr1qabcdyyyyyyyyyyywxyz", true)]
    [InlineData("BCH", "bitcoincash:qabcdxxxxxxxxwxyz", "bitcoincash:qabcdyyyyyyyywxyz", true)]
    [InlineData("ETH", "abcde", "abcdf", false)] // too short to have two ends
    public static void Lookalike(string chain, string known, string to, bool found)
    {
        var watch = Watch("""{"version":1,"lookalike":{"first":4,"last":4}}""");
        watch.Learn(Pays(0, known, "1") with { Chain = chain });
        Expect(found, "lookalike", watch.Look(Pays(1, to, "1") with { Chain = chain }));
    }

    [Theory]
    [InlineData(3, 0, true)]
    [InlineData(2, 0, false)]
    [InlineData(3, 10, false)] // ten minutes later they are forgotten
    public static void Burst(int before, int minutes, bool found)
    {
        var watch = Watch("""{"version":1,"burst":{"count":3,"minutes":10}}""");
        for (var at = 0; at < before; at++)
        {
            watch.Learn(Pays(0, Known, "1"));
        }

        Expect(found, "burst", watch.Look(Pays(minutes, Known, "1")));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public static void What_is_on_its_way_is_of_the_burst(int beside, bool found)
    {
        var watch = Watch("""{"version":1,"burst":{"count":3,"minutes":10}}""");
        Expect(found, "burst", watch.Look(Pays(0, Known, "1"), beside));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(6 * 60, true)] // Monday 18:00
    [InlineData((5 * 24 * 60) + 1, true)] // Saturday
    public static void Outside_hours(int minutes, bool found)
    {
        var watch = Watch("""{"version":1,"outside-hours":{"days":["mon","tue","wed","thu","fri"],"from":"08:00","to":"18:00"}}""");
        Expect(found, "outside-hours", watch.Look(Pays(minutes, Known, "1")));
    }

    [Theory]
    [InlineData("0.21", "ETH", true)]
    [InlineData("0.2", "ETH", false)]
    [InlineData("9", "BNB", false)] // paid in another asset
    public static void Fee_share(string fee, string asset, bool found)
    {
        var watch = Watch("""{"version":1,"fee-share":{"percent":20}}""");
        Expect(found, "fee-share", watch.Look(Pays(0, Known, "1") with { FeeAsset = asset, Fee = ExactSum.Read(fee) }));
    }

    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(3, 40, false)] // not within the hour
    public static void Refusals(int times, int apart, bool found)
    {
        var watch = Watch("""{"version":1,"refusals":{"count":3,"minutes":60}}""");
        var last = Enumerable.Range(0, times).Select(at => watch.Refused("ETH", Start.AddMinutes(at * apart))).ToList()[^1];
        Assert.Equal(found, last is { Rule: "refusals" });
        Assert.True(!found || watch.Refused("ETH", Start.AddMinutes(times * apart)) is null); // they are counted anew
    }

    [Fact]
    public static void A_rule_that_is_not_named_is_off_and_the_numbers_are_told()
    {
        var watch = Watch("""{"version":1}""");
        Assert.Empty(watch.Look(Pays(0, Known, "1") with { FeeAsset = "ETH", Fee = ExactSum.Read("100") }));
        Assert.Null(watch.Refused("ETH", Start));
        var fees = Watch("""{"version":1,"fee-share":{"percent":20}}""");
        Assert.Equal(
            "the fee of 0.5 ETH is more than 20 % of the 1 that are paid",
            Assert.Single(fees.Look(Pays(0, Known, "1") with { FeeAsset = "ETH", Fee = ExactSum.Read("0.5") })).Text);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"version":2}""")]
    [InlineData("""{"version":1,"burst":{"count":3}}""")]
    [InlineData("""{"version":1,"burst":{"count":0,"minutes":1}}""")]
    [InlineData("""{"version":1,"burst":{"count":3,"minutes":1,"hours":1}}""")]
    [InlineData("""{"version":1,"bursts":{"count":3,"minutes":1}}""")]
    [InlineData("""{"version":1,"first-seen":"yes"}""")]
    [InlineData("""{"version":1,"outside-hours":{"days":["monday"],"from":"08:00","to":"18:00"}}""")]
    [InlineData("""{"version":1,"outside-hours":{"from":"8","to":"18:00"}}""")]
    [InlineData("""{"version":1,"lookalike":{"first":4,"last":21}}""")]
    public static void A_file_that_is_not_understood_is_refused(string file) => Assert.Throws<KmsException>(() => Watch(file));

    [Fact]
    public static void The_file_of_the_docs_has_every_rule_and_nothing_else()
    {
        var page = File.ReadAllText(Path.Combine(Peer.SourceRoot, "docs", "anomalies.md"));
        var block = page.Split("```")[1]["json".Length..];
        var rules = AnomalyFile.Read(Encoding.UTF8.GetBytes(block));
        Assert.All(AnomalyRules.Names, name => Assert.True(rules.IsOn(name), name));
        Assert.All(AnomalyRules.Names, name => Assert.Contains($"| `{name}` | ", page, StringComparison.Ordinal));
        Assert.False(rules.IsOn("none"));
        Assert.Equal((new AboveUsual(10, 30, 5), new AlikeEnds(4, 4)), (rules.Usual, rules.Alike));
        Assert.Equal((new EventRate(20, 10), new EventRate(5, 60)), (rules.Burst, rules.Refusals));
    }

    private static AnomalyWatch Watch(string file) => new(AnomalyFile.Read(Encoding.UTF8.GetBytes(file)));

    private static PaymentFacts Pays(int minutes, string to, string amount, string asset = "ETH") =>
        new(Start.AddMinutes(minutes), "ETH", "wallet", [new(to, asset, ExactSum.Read(amount))]);

    private static void Expect(bool found, string rule, IReadOnlyList<Finding> findings) =>
        Assert.Equal(found ? [rule] : [], findings.Select(finding => finding.Rule));
}
