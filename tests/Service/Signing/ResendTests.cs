using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Readers;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>What is out stays out, whatever changes in settings and whatever the gateway calls it.</summary>
public sealed class ResendTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Another_default_fee_rate_after_a_restart_does_not_make_the_readers_disagree_on_what_is_out()
    {
        world.SecondReading = new(new SecondReader(), new([], Freezes: true), null);
        world.Add("BSC", "gas-price-zero-means-missing");
        world.OnBroadcast = _ => Reply.Cut;
        world.Options = With(10);
        var first = await world.RunAsync();
        Assert.Equal(Verdict.Unknown, first.Transactions[0].Verdict);
        world.OnBroadcast = _ => new(200, """{"txId":"accepted"}""");
        world.Options = With(11);
        world.SecondReading = new(new SecondReader(), new([], Freezes: true), null);
        var again = await world.RunAsync();
        Assert.True(again.Transactions[0].Verdict is Verdict.Accepted, $"{again.Transactions[0].Verdict}: {again.Transactions[0].Reason}; frozen: {File.Exists(Path.Combine(world.StateFolder, "frozen.json"))}");
    }

    [Fact]
    public async Task The_gateways_name_for_a_transaction_without_id_of_ours_is_bounded()
    {
        world.Add("KLAY", "klaytn-type-value-transfer", pending =>
        {
            pending["serializedTransaction"] = pending["serializedTransaction"]!.GetValue<string>().Replace("\"VALUE_TRANSFER\"", "\"FEE_DELEGATED_VALUE_TRANSFER\"", StringComparison.Ordinal);
            return pending;
        });
        var name = new string('x', 3_000_000) + "‮ ";
        world.OnBroadcast = _ => new(200, System.Text.Json.JsonSerializer.Serialize(new { txId = name }));
        var report = await world.RunAsync();
        var (journal, audit) = (new FileInfo(Path.Combine(world.StateFolder, "journal.jsonl")).Length, new FileInfo(Path.Combine(world.StateFolder, "audit.jsonl")).Length);
        Assert.True(journal < 100_000 && audit < 100_000, $"{report.Transactions[0].Verdict}, journal {journal} bytes, audit log {audit} bytes, longest log line {world.LogLines.Max(line => line.Length)}");
    }

    private CycleOptions With(int gwei) => world.Options with
    {
        Chains = ["BSC"],
        Context = new(Network.Testnet) { Chains = new Dictionary<string, ChainOptions> { ["BSC"] = new() { DefaultFeeRate = gwei * BigInteger.Pow(10, 9) } } },
    };
}
