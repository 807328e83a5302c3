using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Every recorded case of every chain through the whole service over HTTP: polled, approved, filled, signed, journalled, broadcast or refused.</summary>
public static class WholeLineVectorTests
{
    public static IEnumerable<TheoryDataRow<string>> Chains() =>
        from chain in ChainCatalog.All.Keys.Order(StringComparer.Ordinal)
        select new TheoryDataRow<string>(chain) { TestDisplayName = $"whole line: {chain}" };

    [Theory, MemberData(nameof(Chains))]
    public static async Task Broadcasts_or_refuses_as_recorded(string chain)
    {
        var problems = new List<string>();
        foreach (var list in new[] { "signing", "errors" })
        {
            foreach (var name in Vectors.Names(chain, list).ToList())
            {
                if (await ProblemAsync(chain, list, name) is { } problem)
                {
                    problems.Add($"{list} {name}: {problem}");
                }
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static async Task<string?> ProblemAsync(string chain, string list, string name)
    {
        using var world = new CycleWorld();
        var vector = world.Add(chain, name, list: list);
        world.Options = new(new(vector.Flag("testnet", true) ? Network.Testnet : Network.Mainnet)) { Chains = [chain] };
        var report = await world.RunAsync();
        if (list == "errors")
        {
            return vector.Flag("mustRefuse", true) && world.Broadcasts.Any() ? "was broadcast" : world.LogLines.FirstOrDefault(line => line.Contains("bug of ours", StringComparison.Ordinal));
        }

        if (report.Count(Verdict.Accepted) != 1)
        {
            return string.Join(" | ", report.Transactions.Select(transaction => $"{transaction.Verdict} {transaction.Reason}")) + string.Join(" | ", report.FailedPolls);
        }

        var expected = vector.GetProperty("broadcast");
        var sent = world.Broadcasts.Last();
        return sent.Path != expected.Text("path") ? $"went to {sent.Path}"
            : vector.Flag("deterministic", true) && !vector.TryGetProperty("signatureIsLowS", out _)
                && !JsonElement.DeepEquals(expected.GetProperty("body"), JsonDocument.Parse(sent.Body).RootElement) ? $"sent {sent.Body}"
            : null;
    }
}
