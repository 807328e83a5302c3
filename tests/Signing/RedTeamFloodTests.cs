using System.Text.Json.Nodes;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Floods of requests that are well-formed and name a wallet of ours.</summary>
public sealed class RedTeamFloodTests : IDisposable
{
    private const int Many = 2_000;
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData("approver says no")]
    [InlineData("policy refuses for good")]
    [InlineData("policy: not now")]
    public async Task Well_formed_requests_that_are_not_signed_cost_few_lines(string how)
    {
        var vector = world.Add("ETH", "native-transfer-private-key");
        var pending = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        world.Pending["ETH"] = [.. Enumerable.Range(0, Many).Select(i =>
        {
            pending["id"] = $"{i:x24}";
            return pending.ToJsonString();
        })];
        if (how.StartsWith("approver", StringComparison.Ordinal))
        {
            world.Approve = () => new(403);
        }
        else
        {
            world.Policy = how.EndsWith("now", StringComparison.Ordinal)
                ? """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perTransaction":"100","perHour":"0.0001"} } }]}"""
                : """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":[],"assets":{"ETH":{} } }]}""";
        }

        var report = await world.RunAsync();
        Assert.Equal(0, report.Count(Verdict.Accepted));
        var audit = await File.ReadAllLinesAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken);
        Assert.True(world.LogLines.Count < 300 && audit.Length < 300, $"{Many} requests, one round: {world.LogLines.Count} log lines, {audit.Length} audit lines of {audit.Sum(line => line.Length)} characters; first lines: {string.Join(" | ", world.LogLines.Take(6))}");
    }

    [Fact]
    public async Task A_long_script_that_is_refused_does_not_fill_the_audit_log()
    {
        var vector = world.Add("FLOW", "custom-no-args");
        var pending = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        var body = JsonNode.Parse(pending["serializedTransaction"]!.GetValue<string>())!.AsObject();
        body["body"]!["transaction"] = "transaction { prepare(signer: &Account) { } } //" + new string('x', 1_500_000);
        pending["serializedTransaction"] = body.ToJsonString();
        world.Pending["FLOW"] = [.. Enumerable.Range(0, 5).Select(i =>
        {
            pending["id"] = $"{i:x24}";
            return pending.ToJsonString();
        })];
        world.Approve = () => new(403);
        var report = await world.RunAsync();
        var size = new FileInfo(Path.Combine(world.StateFolder, "audit.jsonl")).Length;
        Assert.True(size < 100, $"{report.Transactions[0].Verdict} {report.Transactions[0].Reason} 5 requests, one round: audit.jsonl has {size} bytes; log {world.LogLines.Sum(line => (long)line.Length)} characters");
    }
}
