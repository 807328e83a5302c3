using System.Globalization;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>The guard against a count far above what was signed is gone once the only number that the journal held is given back.</summary>
public sealed class RedTeamNonceTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData(true)] // control: the jump is refused
    [InlineData(false)]
    public async Task A_refused_transaction_does_not_open_the_way_to_a_poisoned_nonce(bool accepted)
    {
        const string Case = "token-transfer-nonce-gas-price-missing";
        var count = 0UL;
        world.OnAny = request => request.Path.StartsWith("/v3/ethereum/transaction/count/", StringComparison.Ordinal) && count > 0 ? new(200, count.ToString(CultureInfo.InvariantCulture))
            : request.Path.StartsWith("/v3/ethereum/transaction/0x", StringComparison.Ordinal) ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""")
            : null;
        world.OnBroadcast = _ => accepted ? new(200, """{"txId":"0xab"}""") : new(403, """{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"Unable to broadcast transaction due to invalid sender"}""");
        world.Add("ETH", Case);
        await world.RunAsync();
        world.Pending.Clear();
        world.Add("ETH", Case, pending =>
        {
            pending["id"] = "0123456789abcdef01234567";
            return pending;
        });
        count = 50_000_000;
        var report = await world.RunAsync();
        Assert.True(report.Transactions.Single().Verdict is Verdict.Refused, $"{report.Transactions.Single()}; journal: {string.Join(" | ", File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => line[..Math.Min(line.Length, 60)] + (line.Contains("\"sequence\":50000000", StringComparison.Ordinal) ? " … sequence 50000000" : "")))}");
    }
}
