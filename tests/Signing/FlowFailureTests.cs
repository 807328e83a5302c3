using System.Text.Json;
using KmsCloud.Gateway;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Rejected for good, as the operator's own node says, too: and paid all the same.</summary>
public sealed class FlowFailureTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly SetClock clock = new() { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
    private readonly List<string> asked = [];

    public void Dispose() => world.Dispose();

    // The gateway signs the payload twice (ECDSA: two signatures, two ids). The first is executed and pays; the second fails honestly with 1007, and only the
    // words of that failure are forged on the way from the public access node.
    [Fact]
    public async Task A_FLOW_payload_that_was_executed_under_another_id_is_not_rejected()
    {
        using var node = new LoopbackServer(request =>
        {
            asked.Add(request.Path);
            return new(200, """{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1007] invalid proposal key: public key 3 on account 955cd3f17b2fd8ad does not have a valid sequence number (10). Has 11"}""");
        });
        world.Add("FLOW", "transfer-flow");
        world.OnAny = request => request.Path.StartsWith("/v1/transaction_results/", StringComparison.Ordinal) ? new(200, """{"status":"Sealed","error_message":"[Error Code: 1101] cadence runtime error"}""") : null;
        await RunAsync("FLOW", node.Url);
    }

    private async Task RunAsync(string chain, Uri node)
    {
        var verdicts = await world.WithServicesAsync(
            async plain =>
            {
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { [chain] = node });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes }, world.Options with { Chains = [chain] });
                var seen = new List<string>();
                for (var look = 0; look < 3; look++)
                {
                    var report = await cycle.RunOnceAsync(CancellationToken.None);
                    seen.AddRange(report.Transactions.Select(one => $"{one.Verdict}: {one.Reason}"));
                    clock.Now += TimeSpan.FromMinutes(13);
                }

                return seen;
            },
            clock);
        Assert.False(
            Events().Contains("rejected"),
            $"{string.Join(" | ", verdicts)}; own node was asked: '{string.Join(',', asked)}'; failures reported: {world.Reports.Count()}; journal: {string.Join(',', Events())}");
    }

    private string Id() => File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).First(line => line.GetProperty("event").GetString() == "signed").GetProperty("txId").GetString()!;

    private List<string> Events() =>
        [.. File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!)];
}
