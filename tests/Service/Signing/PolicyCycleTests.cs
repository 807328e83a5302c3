using System.Text.Json.Nodes;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Policy and freeze at their place in the cycle.</summary>
public sealed class PolicyCycleTests : IDisposable
{
    private const string EtherCase = "native-transfer-private-key";
    private const string TokenCase = "token-transfer-nonce-gas-price-missing";
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task What_no_rule_allows_is_refused_reported_and_not_shown_to_the_approver()
    {
        world.Add("ETH", EtherCase);
        world.Policy = """{"version":1,"rules":[]}""";
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Refused));
        Assert.Empty(world.Broadcasts);
        Assert.Empty(world.Approver.Requests);
        Assert.Contains("no rule of the policy", world.Reports.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fee_known_only_after_filling_is_held_against_the_policy_before_anything_is_signed()
    {
        world.Add("ETH", TokenCase);
        world.Policy = Any("""
            "highestFee":{"ETH":"0.000000000000000001"}
            """);
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Refused));
        Assert.Contains("the fee", report.Transactions[0].Reason, StringComparison.Ordinal);
        Assert.Empty(world.Broadcasts);
        Assert.False(File.ReadLines(Path.Combine(world.StateFolder, "policy.jsonl")).Any());
    }

    [Fact]
    public async Task A_limit_reached_waits_survives_a_restart_and_what_was_signed_is_still_sent_again()
    {
        var first = world.Add("ETH", EtherCase);
        world.Policy = Limited("1000000");
        var paid = (await SummaryAmountAsync()).Amount;
        using (var run = SigningRun.Sign(first))
        {
            var (transfer, fee) = (run.Transaction.Summary.Transfers[0].Amount, run.Transaction.Summary.Fee!.Value);
            Assert.Equal(transfer.Number, paid);
            paid = (transfer with { Units = transfer.Units + fee.Units }).Number; // the fee counts as well
        }

        world.Policy = Limited(paid);
        Directory.Delete(world.StateFolder, recursive: true);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Again(first, "second");
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Accepted)); // the first one's bytes, once more
        Assert.Equal(1, report.Count(Verdict.Waiting));
        Assert.Empty(world.Reports);
        Assert.Equal(1, (await world.RunAsync(clock: new SetClock { Now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 90_000) })).Transactions.Count(transaction => transaction is { Id: "second", Verdict: Verdict.Accepted }));
    }

    [Fact]
    public async Task Frozen_nothing_is_signed_or_sent_thawed_it_goes_on_and_the_audit_says_so()
    {
        world.Add("ETH", EtherCase);
        var freeze = new Freeze(world.StateFolder);
        freeze.Set("drill", "tester", TimeProvider.System.GetUtcNow());
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Waiting));
        Assert.Empty(world.Broadcasts);
        Assert.Empty(world.Reports);
        Assert.Contains("\"frozen\"", File.ReadAllText(Path.Combine(world.StateFolder, "audit.jsonl")), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(world.StateFolder, "frozen.json"), "damaged");
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Waiting));
        Assert.True(freeze.Clear());
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
    }

    [Fact]
    public async Task Frozen_nothing_is_reported_as_failed_until_the_thaw()
    {
        var vector = world.Add("ETH", EtherCase);
        var unsafeOne = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        (unsafeOne["id"], unsafeOne["serializedTransaction"]) = ("unsafe", """{"from":0}""");
        world.List("ETH", unsafeOne.ToJsonString());
        var freeze = new Freeze(world.StateFolder);
        freeze.Set("drill", "tester", TimeProvider.System.GetUtcNow());
        await world.RunAsync();
        Assert.Empty(world.Reports);
        Assert.True(freeze.Clear());
        await world.RunAsync();
        Assert.Single(world.Reports);
    }

    [Fact]
    public async Task What_was_frozen_and_thawed_while_no_daemon_ran_is_in_the_audit_log()
    {
        world.Add("ETH", EtherCase);
        await world.RunAsync();
        Assert.Equal(0, Run.Kms(["freeze", "--reason", "a drill", "--state", world.StateFolder]).ExitCode);
        Assert.Equal(0, Run.Kms(["thaw", "--state", world.StateFolder, "--path", world.WalletPath], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password }).ExitCode);
        Assert.Equal(0, Run.Kms(["thaw", "--state", world.StateFolder, "--path", world.WalletPath], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password }).ExitCode); // nothing was frozen, nothing is told
        Assert.Equal(0, Run.Kms(["freeze", "--reason", "for good", "--state", world.StateFolder]).ExitCode);
        File.AppendAllText(Path.Combine(world.StateFolder, "freezes.jsonl"), "{\"decision\":\"thaw"); // a power cut
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Waiting));
        await world.RunAsync();
        var told = File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")).Select(line => JsonNode.Parse(line)!).Where(record => record["operator"] is not null).ToList();
        Assert.Equal(["frozen a drill", "thawed ", "frozen for good", "unreadable a line of freezes.jsonl cannot be read"], told.Select(record => $"{record["decision"]} {record["reason"]}"));
        Assert.Equal(Environment.UserName, told[0]["operator"]!.GetValue<string>());
        Assert.False(File.Exists(Path.Combine(world.StateFolder, "freezes.jsonl")));
        var verified = Run.Kms(["audit", "verify", "--path", world.WalletPath, "--state", world.StateFolder], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password });
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    [Fact]
    public async Task What_waits_is_in_the_audit_log_once_and_again_when_its_outcome_changes()
    {
        world.Add("ETH", EtherCase);
        world.Approve = () => new(403);
        await world.RunCyclesAsync(3);
        Assert.Equal(["not-approved"], Decisions());
        await world.RunCyclesAsync(6, cycle => world.Approve = () => new(cycle < 2 ? 404 : cycle < 4 ? 500 : 200));
        Assert.Equal(["not-approved", "not-approved", "not-approved", "signing", "broadcast"], Decisions());

        List<string> Decisions() => [.. File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")).Select(line => JsonNode.Parse(line)!["decision"]!.GetValue<string>())];
    }

    [Fact]
    public async Task Frozen_between_the_approval_and_the_signature_nothing_is_signed()
    {
        world.Add("ETH", EtherCase);
        world.Approve = () =>
        {
            new Freeze(world.StateFolder).Set("now", "tester", TimeProvider.System.GetUtcNow());
            return new(200);
        };
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Waiting));
        Assert.Empty(world.Broadcasts);
        Assert.False(File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Any());
    }

    private static string Any(string more) => $$$"""
        {"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{{{Assets("{}")}}},"methods":{"any":["any"]},{{{more}}}}]}
        """;

    private static string Limited(string perDay) => $$$"""
        {"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{{{Assets($$"""{"perDay":"{{perDay}}"}""")}}},"methods":{"any":["any"]}}]}
        """;

    private static string Assets(string limit) => "{" + string.Join(',', Token.Prepend("ETH").Select(asset => $"\"{asset}\":{limit}")) + "}";

    /// <summary>Assets of the two vectors.</summary>
    private static IEnumerable<string> Token { get; } =
        [.. SigningRun.Sign(Vectors.Case("ETH", "signing", TokenCase)).Transaction.Summary.Transfers.Select(transfer => transfer.Amount.Asset).Distinct()];

    private async Task<(string Amount, string Asset)> SummaryAmountAsync()
    {
        await world.RunAsync();
        var line = File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")).Select(text => JsonNode.Parse(text)!).First(record => record["decision"]!.GetValue<string>() == "signing");
        return (line["transfers"]![0]!["amount"]!.GetValue<string>(), line["transfers"]![0]!["asset"]!.GetValue<string>());
    }

    private void Again(System.Text.Json.JsonElement vector, string id)
    {
        var pending = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        pending["id"] = id;
        world.List("ETH", pending.ToJsonString());
    }
}
