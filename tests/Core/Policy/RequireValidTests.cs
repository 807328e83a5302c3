using System.Text;
using KmsCloud.Policy;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>What no node can take any more is refused before a key is opened, when a policy is in force.</summary>
public sealed class RequireValidTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData("TRON", "trx-transfer-mainnet-mnemonic", "", "it expired at 2023-11-15T22:")]
    [InlineData("TRON", "trx-transfer-mainnet-mnemonic", ""","requireValid":false""", null)]
    [InlineData("VET", "transfer-mainnet-mnemonic-via-signatures", "", "it expired at ")]
    [InlineData("VET", "transfer-mainnet-mnemonic-via-signatures", ""","requireValid":false""", null)]
    [InlineData("ADA", "two-addresses-mainnet", "", "lovelace, and one of")]
    [InlineData("ADA", "two-addresses-mainnet", ""","requireValid":false""", null)]
    public async Task It_is_refused_with_the_rule_in_the_message(string chain, string name, string more, string? why)
    {
        world.Options = new(new(KmsCloud.Keys.Network.Mainnet)) { AnyIds = true };
        var asset = chain == "TRON" ? "TRX" : chain;
        world.Policy = $$"""{"version":1{{more}},"rules":[{"name":"r","chains":["{{chain}}"],"recipients":"any","assets":{"{{asset}}":{} } }]}""";
        world.Add(chain, name);
        var report = await world.RunAsync();
        var end = Assert.Single(report.Transactions);
        Assert.Equal((why is null ? Verdict.Accepted : Verdict.Refused, why is null ? 1 : 0), (end.Verdict, world.Broadcasts.Count()));
        if (why is not null)
        {
            Assert.Contains(why, end.Reason, StringComparison.Ordinal);
            Assert.Contains("(requireValid)", end.Reason, StringComparison.Ordinal);
            Assert.True(chain == "ADA" || world.KeysOpened == 0); // ADA public keys at an index are derived from private ones
        }
    }

    [Fact]
    public async Task Without_a_policy_it_is_signed_with_a_warning()
    {
        world.Add("TRON", "trx-transfer-mainnet-mnemonic");
        world.Options = new(new(KmsCloud.Keys.Network.Mainnet)) { AnyIds = true };
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.Contains(world.LogLines, line => line.Contains("it expired at 2023-11-15T22:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(59, true)]
    [InlineData(61, false)]
    public void Clocks_may_be_a_minute_apart(int seconds, bool allowed)
    {
        using var run = SigningRun.Sign(Vectors.Case("TRON", "signing", "trx-transfer-mainnet-mnemonic"));
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes("""{"version":1,"rules":[{"name":"r","chains":["TRON"],"recipients":"any","assets":{"TRX":{}}}]}"""));
        var summary = run.Transaction.Summary;
        var now = summary.ValidUntil!.Value + TimeSpan.FromSeconds(seconds);
        var verdict = PolicyCheck.Verdict(rules, summary, ["w"], (_, _) => default, now, filled: true);
        Assert.True(allowed == verdict.Allowed, string.Join(';', verdict.Reasons));
        Assert.False(verdict.MayPass);
    }
}
