using System.Numerics;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>Many small token transfers must not spend without end on fees: a rule bounds their sum.</summary>
public sealed class FeeSumTests : IDisposable
{
    private const string Token = "0xdac17f958d2ee523a2206206994597c13d831ec7";
    private readonly TempFolder folder = new();
    private readonly SetClock clock = new() { Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero) };

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"ETH":{"perHour":"0.05"}}""", 60)]
    [InlineData("""{"ETH":{"perTransaction":"0.02","perDay":"0.05"}}""", 24 * 60)]
    public async Task Fees_of_a_window_are_added_also_over_a_restart(string fees, int minutes)
    {
        using var log = FileAppendLog.Open(folder.File("policy.jsonl"));
        var gate = Open(log, fees);
        await gate.KeepAsync(gate.Reserve("a", Pays("0.02"), ["w"], filled: true).Held!);
        await gate.KeepAsync(gate.Reserve("b", Pays("0.02"), ["w"], filled: true).Held!);
        var (verdict, _) = gate.Reserve("c", Pays("0.02"), ["w"], filled: true);
        Assert.False(verdict.Allowed);
        Assert.True(verdict.MayPass); // it waits for the window
        Assert.Contains("0.02 (fees) ETH would make more than its 0.05 per", Assert.Single(verdict.Reasons), StringComparison.Ordinal);
        gate = Open(log, fees);
        Assert.False(gate.Reserve("c", Pays("0.02"), ["w"], filled: true).Verdict.Allowed);
        Assert.True(gate.Reserve("d", Pays("0.01"), ["w"], filled: true).Verdict.Allowed);
        clock.Now += TimeSpan.FromMinutes(minutes + 1);
        Assert.True(gate.Reserve("e", Pays("0.02"), ["w"], filled: true).Verdict.Allowed);
    }

    [Theory]
    [InlineData("""{"ETH":"0.02"}""")]
    [InlineData("""{"ETH":{"perTransaction":"0.02"}}""")]
    [InlineData("""{"ETH":{"perDay":"0.02"}}""")]
    [InlineData("""{"BNB":{"perDay":"9"}}""")]
    public void One_fee_beyond_its_bound_waits_for_nothing(string fees)
    {
        using var log = FileAppendLog.Open(folder.File("policy.jsonl"));
        var (verdict, _) = Open(log, fees).Reserve("a", Pays("0.021"), ["w"], filled: true);
        Assert.False(verdict.Allowed || verdict.MayPass);
        Assert.Contains("the fee 0.021 ETH is more than it allows", verdict.Reasons[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ETH":{"perWeek":"1"}}""")]
    [InlineData("""{"ETH":{"perDay":1}}""")]
    [InlineData("""{"ETH":[]}""")]
    public void A_bound_that_is_not_understood_makes_the_policy_invalid(string fees) =>
        Assert.Throws<KmsException>(() => PolicyFile.Read(Encoding.UTF8.GetBytes(Rule(fees))));

    [Theory]
    [InlineData("0.01", true)]
    [InlineData("0.01001", false)]
    public void What_comes_on_top_is_of_the_highest_fee_and_alone_is_a_fee_too(string onTop, bool allowed)
    {
        using var log = FileAppendLog.Open(folder.File("policy.jsonl"));
        var gate = Open(log, """{"ETH":"0.03"}""");
        Assert.Equal(allowed, gate.Reserve("a", Pays("0.02") with { FeeOnTop = Ether(onTop) }, ["w"], filled: true).Verdict.Allowed);
        gate = Open(log, """{"ETH":"0.01"}""");
        Assert.Equal(allowed, gate.Reserve("b", Pays("0") with { Fee = null, FeeOnTop = Ether(onTop) }, ["w"], filled: true).Verdict.Allowed);
    }

    [Fact]
    public void What_the_network_may_take_on_top_counts()
    {
        using var log = FileAppendLog.Open(folder.File("policy.jsonl"));
        var gate = Open(log, """{"ETH":{"perDay":"0.03"}}""");
        var (verdict, held) = gate.Reserve("a", Pays("0.02") with { FeeOnTop = Ether("0.01") }, ["w"], filled: true);
        Assert.True(verdict.Allowed);
        Assert.Equal("0.03", held!.Paid["(fees) ETH"].ToString());
        Assert.False(gate.Reserve("b", Pays("0.000001"), ["w"], filled: true).Verdict.Allowed);
    }

    private PolicyGate Open(IAppendLog log, string fees) => PolicyGate.Open(PolicyFile.Read(Encoding.UTF8.GetBytes(Rule(fees))), log, clock);

    private static string Rule(string fees) =>
        $$"""{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"{{Token}}":{} },"methods":{"any":["any"]},"highestFee":{{fees}}}]}""";

    private static Amount Ether(string coins) => new((BigInteger)(decimal.Parse(coins, System.Globalization.CultureInfo.InvariantCulture) * 1_000_000_000_000_000_000m), 18, "ETH");

    private static TransactionSummary Pays(string fee) => new()
    {
        Chain = "ETH",
        Network = Network.Mainnet,
        Kind = "token transfer",
        Transfers = [new("0xab", new Amount(1, null, Token))],
        Contract = Token,
        Method = "transfer(address,uint256)",
        Fee = Ether(fee),
    };
}
