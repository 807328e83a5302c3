using System.Numerics;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>Deny by default, rule by rule, and limits that no ordering gets around.</summary>
public sealed class PolicyTests : IDisposable
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 16, 12, 0, 0, TimeSpan.Zero);
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string, bool> Cases() => new()
    {
        { "everything in order", "", true },
        { "another wallet", "wallet=w2", false },
        { "another chain", "chain=BSC", false },
        { "another recipient", "to=0xEE", false },
        { "the recipient in another case", "to=0xAB", true },
        { "another asset", "asset=DAI", false },
        { "more than per transaction", "amount=1000000000000000001", false },
        { "exactly per transaction", "amount=1000000000000000000", true },
        { "a fee above the highest", "fee=20000000000000001", false },
        { "a fee in another asset", "feeAsset=GAS", false },
        { "a fee that fits beside the payment", "amount=990000000000000000;fee=10000000000000000", true },
        { "a fee that makes it more than is allowed at once", "amount=990000000000000000;fee=10000000000000001", false },
        { "an unknown fee after filling", "fee=none", false },
        { "a contract call", "method=0xdeadbeef", false },
        { "a named method of a named contract", "contract=0xC0;method=transfer(address,uint256)", true },
        { "another method of that contract", "contract=0xC0;method=approve(address,uint256)", false },
        { "that method of another contract", "contract=0xC1;method=transfer(address,uint256)", false },
        { "a contract without a method", "contract=0xC0", false },
        { "not wholly decoded", "understood=false", false },
        { "at night", "hour=3", false },
        { "on Sunday", "hour=-24", false },
        { "nothing paid and nothing called", "to=none", false },
        { "change to ourselves beside", "change=yes", true },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Allows_what_the_rule_names_and_nothing_else(string what, string change, bool allowed)
    {
        Assert.NotEmpty(what);
        var changes = change.Split(';', StringSplitOptions.RemoveEmptyEntries).ToDictionary(item => item.Split('=')[0], item => item.Split('=')[1]);
        var now = Monday.AddHours(changes.TryGetValue("hour", out var hour) ? hour == "3" ? -9 : -24 : 0);
        var verdict = PolicyCheck.Verdict(Rules(), Summary(changes), [changes.GetValueOrDefault("wallet", "w1")], (_, _) => default, now, filled: true);
        Assert.True(allowed == verdict.Allowed, string.Join('\n', verdict.Reasons));
        Assert.Equal(!allowed, verdict.Reasons.Count > 0);
        Assert.Equal(changes.ContainsKey("hour"), verdict.MayPass);
    }

    [Fact]
    public void An_empty_policy_allows_nothing() =>
        Assert.False(PolicyCheck.Verdict([], Summary([]), ["w1"], (_, _) => default, Monday, true).Allowed);

    [Theory]
    [InlineData("""{"version":2,"rules":[]}""")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":1,"rules":[],"more":1}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"assets":{}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["NOPE"],"recipients":"any","assets":{}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"all","assets":{}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perHour":5}}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perHour":"-5"}}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perhour":"5"}}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"any","assets":{},"reciepients":[]}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"any","assets":{},"hours":{"from":"8:00","to":"18:00"}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"any","assets":{}},{"name":"a","chains":["ETH"],"recipients":"any","assets":{}}]}""")]
    [InlineData("""{"version":1,"rules":[{"name":"a","chains":["ETH"],"recipients":"any","assets":{"0xAA":{},"0xaa":{}}}]}""")]
    [InlineData("null")]
    [InlineData("{")]
    public void A_file_with_a_mistake_is_refused_as_a_whole(string text) => Assert.Throws<KmsException>(() => PolicyFile.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_file_mutated_anywhere_is_read_or_refused_and_nothing_else()
    {
        var random = new SeededRandom(8);
        var good = Encoding.UTF8.GetBytes(Text);
        for (var i = 0; i < 3000; i++)
        {
            var bad = (byte[])good.Clone();
            bad[random.Below(bad.Length)] = (byte)random.Below(256);
            try
            {
                PolicyFile.Read(bad);
            }
            catch (KmsException)
            {
                // the only way to say no
            }
        }
    }

    [Theory]
    [InlineData("22:00", "06:00", 16, 23, true)]
    [InlineData("22:00", "06:00", 17, 5, true)]
    [InlineData("22:00", "06:00", 16, 5, false)]
    [InlineData("22:00", "06:00", 17, 23, false)]
    [InlineData("08:00", "08:00", 16, 9, true)]
    public void Hours_that_cross_midnight_belong_to_the_day_they_begin_on(string from, string to, int day, int hour, bool allowed)
    {
        var hours = new AllowedHours(new HashSet<DayOfWeek> { DayOfWeek.Monday }, TimeOnly.Parse(from, null), TimeOnly.Parse(to, null));
        Assert.Equal(allowed, hours.Contain(new DateTimeOffset(2026, 11, day, hour, 0, 0, TimeSpan.Zero)));
    }

    /// <summary>
    /// Random amounts, pauses, refusals by the approver, repeated ids and restarts: over every sliding hour and day, what was kept
    /// stays within the limits; and what is refused for the limit would indeed have exceeded it.
    /// </summary>
    [Fact]
    public async Task No_ordering_of_transactions_exceeds_a_limit()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            await PlayAsync(new SeededRandom(seed), $"{seed}");
        }
    }

    /// <summary>The same, with a log that is made shorter again and again, and a crash or a full disk in the middle of that.</summary>
    [Fact]
    public async Task Dropping_old_lines_loses_no_charge_that_counts()
    {
        var shrunk = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            shrunk += await PlayAsync(new SeededRandom(seed), $"shrinking {seed}", between: 12);
        }

        Assert.True(shrunk > 20, $"the log became shorter only {shrunk} times");
    }

    [Fact]
    public void Transactions_side_by_side_share_one_limit()
    {
        using var log = FileAppendLog.Open(folder.File("side"));
        var gate = PolicyGate.Open(Rules(), log, new SetClock { Now = Monday });
        var allowed = 0;
        Parallel.For(0, 64, i =>
        {
            if (gate.Reserve($"k{i}", Summary(new() { ["amount"] = "500000000000000000" }), ["w1"], true).Verdict.Allowed)
            {
                Interlocked.Increment(ref allowed);
            }
        });
        Assert.Equal(6, allowed); // 3 ETH an hour
    }

    private async Task<int> PlayAsync(SeededRandom random, string name, int between = PolicyGate.LinesBetweenLooks)
    {
        var shrunk = 0;
        var clock = new SetClock { Now = Monday };
        var kept = new Dictionary<string, (DateTimeOffset Time, BigInteger Amount)>();
        var path = folder.File("policy-" + name);
        var log = FileAppendLog.Open(path);
        var gate = PolicyGate.Open(Rules(), log, clock, between);
        for (var step = 0; step < 120; step++)
        {
            clock.Now += TimeSpan.FromMinutes(random.Chance(25) && between < 100 ? 3000 : random.Below(12));
            clock.Now = clock.Now.Hour is >= 8 and < 18 ? clock.Now : clock.Now.Date.AddDays(clock.Now.Hour >= 18 ? 1 : 0).AddHours(8);
            var key = kept.Count > 0 && random.Chance(6) ? random.Pick([.. kept.Keys]) : $"k{step}";
            var amount = new BigInteger(1 + random.Below(100)) * 10_000_000_000_000_000;
            var (verdict, held) = gate.Reserve(key, Summary(new() { ["amount"] = amount.ToString(null, null) }), ["w1"], true);
            if (held is null)
            {
                Assert.True(verdict.MayPass, string.Join('\n', verdict.Reasons));
                continue;
            }

            if (random.Chance(4))
            {
                gate.Release(held);
                kept.Remove(key);
                continue;
            }

            Obstruct(random, path + ".new");
            var before = log.Length;
            await gate.KeepAsync(held);
            shrunk += log.Length < before ? 1 : 0;
            kept[key] = (clock.Now, amount);
            foreach (var (span, most) in new[] { (TimeSpan.FromHours(1), 3), (TimeSpan.FromDays(1), 8) })
            {
                var sum = kept.Values.Where(item => item.Time > clock.Now - span).Aggregate(BigInteger.Zero, (total, item) => total + item.Amount);
                Assert.True(sum <= most * BigInteger.Pow(10, 18), $"seed {name} step {step}: {sum} within {span}");
            }

            if (random.Chance(10))
            {
                log.Dispose();
                log = FileAppendLog.Open(path);
                gate = PolicyGate.Open(Rules(), log, clock, between);
            }
        }

        Assert.True(kept.Count > 10);
        log.Dispose();
        return shrunk;
    }

    /// <summary>Half a file that a crash left behind, or something that cannot be written at all.</summary>
    private static void Obstruct(SeededRandom random, string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }

        switch (random.Below(4))
        {
            case 0:
                File.WriteAllText(path, "{\"time\":\"2026-");
                break;
            case 1:
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
        }
    }

    private const string Text = """
        {
          "$schema": "policy.schema.json",
          "version": 1,
          "rules": [
            {
              "name": "payouts", "chains": ["eth"], "wallets": ["w1", "w3"], "recipients": ["0xab", "0xC0"],
              "assets": { "ETH": { "perTransaction": "1", "perHour": "3", "perDay": "8.0" } },
              "methods": { "0xC0": ["transfer(address,uint256)"] },
              "highestFee": { "ETH": "0.02" },
              "hours": { "days": ["mon", "tue", "wed", "thu", "fri", "sat"], "from": "08:00", "to": "18:00" }
            },
            { "name": "bitcoin", "chains": ["BTC"], "recipients": "any", "assets": { "BTC": {} }, "blindSigning": true }
          ]
        }
        """;

    private static IReadOnlyList<PolicyRule> Rules() => PolicyFile.Read(Encoding.UTF8.GetBytes(Text.Replace("\"sat\"]", "\"sat\"]", StringComparison.Ordinal)));

    private static TransactionSummary Summary(Dictionary<string, string> with)
    {
        var to = with.GetValueOrDefault("to", "0xAb");
        var amount = new Amount(BigInteger.Parse(with.GetValueOrDefault("amount", "1000000000000000000"), null), 18, with.GetValueOrDefault("asset", "ETH"));
        var fee = with.GetValueOrDefault("fee", "0");
        List<Transfer> transfers = to == "none" ? [] : [new(to, amount)];
        if (with.ContainsKey("change"))
        {
            transfers.Add(new("ourselves", amount with { Units = amount.Units * 1000 }) { IsChange = true });
        }

        return new()
        {
            Chain = with.GetValueOrDefault("chain", "ETH"),
            Network = Network.Testnet,
            Kind = "transfer",
            Transfers = transfers,
            Fee = fee == "none" ? null : new Amount(BigInteger.Parse(fee, null), 18, with.GetValueOrDefault("feeAsset", "ETH")),
            Contract = with.GetValueOrDefault("contract"),
            Method = with.GetValueOrDefault("method"),
            Understood = with.GetValueOrDefault("understood") != "false",
        };
    }
}
