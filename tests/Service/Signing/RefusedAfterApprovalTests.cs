using System.Globalization;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>What can be refused before a person is asked and a key is opened is: else a gateway fills audit log and policy log with signatures that are thrown away.</summary>
public sealed class RefusedAfterApprovalTests : IDisposable
{
    private const string Case = "token-transfer-nonce-gas-price-missing";
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_poisoned_nonce_opens_no_key_asks_nobody_and_leaves_one_audit_line()
    {
        world.OnAny = request => request.Path.StartsWith("/v3/ethereum/transaction/count/", StringComparison.Ordinal) ? new(200, (1UL << 40).ToString(CultureInfo.InvariantCulture)) : null;
        world.Policy = """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{},"0xf40b84abfc33c1f09da67c69ff6fe7dcda79db23":{}},"methods":{"any":["any"]}}]}""";
        world.Add("ETH", Case);
        await world.RunCyclesAsync(20);
        var lines = File.ReadAllLines(Path.Combine(world.StateFolder, "audit.jsonl"));
        Assert.True(lines.Length == 1, $"{lines.Length} audit lines, {File.ReadLines(Path.Combine(world.StateFolder, "policy.jsonl")).Count()} policy lines, {world.Approver.Requests.Count} questions; the last: {lines[^1]}");
        Assert.Contains("\"refused\"", lines[0], StringComparison.Ordinal);
        Assert.Empty(File.ReadLines(Path.Combine(world.StateFolder, "policy.jsonl")));
        Assert.Empty(world.Approver.Requests);
    }
}
