using System.Numerics;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>A clock that jumps ahead and is set right again gives no limit back: not in a running process, not after a restart.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private const string Rule = """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perHour":"1","perDay":"2"}}}]}""";
    private readonly TempFolder folder = new();
    private readonly SetClock clock = new() { Now = new(2026, 11, 16, 12, 0, 0, TimeSpan.Zero) };

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2, false)]
    [InlineData(26, false)]
    [InlineData(47, false)]
    [InlineData(2, true)]
    [InlineData(26, true)]
    [InlineData(47, true)]
    public async Task Ahead_and_back_nothing_is_forgotten(int hours, bool restarts)
    {
        using var log = FileAppendLog.Open(folder.File("policy.jsonl"));
        var gate = Open(log);
        await gate.KeepAsync(gate.Reserve("first", Pays(1), ["w"], filled: true).Held!);
        Assert.False(gate.Reserve("control", Pays(1), ["w"], filled: true).Verdict.Allowed);
        clock.Now += TimeSpan.FromHours(hours);
        gate = restarts ? Open(log) : gate;
        var (_, ahead) = gate.Reserve("ahead", Pays(1), ["w"], filled: true); // whatever it says there
        gate.Release(ahead!);
        clock.Now -= TimeSpan.FromHours(hours);
        gate = restarts ? Open(log) : gate;
        Assert.False(gate.Reserve("second", Pays(1), ["w"], filled: true).Verdict.Allowed);
    }

    [Fact]
    public async Task What_was_charged_ahead_of_time_counts_until_its_own_time_has_passed()
    {
        using var log = FileAppendLog.Open(folder.File("policy.jsonl"));
        var gate = Open(log);
        clock.Now += TimeSpan.FromHours(30);
        await gate.KeepAsync(gate.Reserve("ahead", Pays(1), ["w"], filled: true).Held!);
        clock.Now -= TimeSpan.FromHours(30);
        Assert.False(gate.Reserve("back", Pays(1), ["w"], filled: true).Verdict.Allowed);
        clock.Now += TimeSpan.FromHours(32);
        Assert.True(gate.Reserve("later", Pays(1), ["w"], filled: true).Verdict.Allowed);
    }

    private PolicyGate Open(IAppendLog log) => PolicyGate.Open(PolicyFile.Read(Encoding.UTF8.GetBytes(Rule)), log, clock);

    private static TransactionSummary Pays(int ether) => new()
    {
        Chain = "ETH",
        Network = Network.Mainnet,
        Kind = "transfer",
        Transfers = [new("0xab", new(ether * BigInteger.Pow(10, 18), 18, "ETH"))],
        Fee = new(0, 18, "ETH"),
    };
}
