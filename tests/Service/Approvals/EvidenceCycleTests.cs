using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Approvals;
using KmsCloud.Codecs;
using KmsCloud.Evidence;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approver;

/// <summary>
/// A daemon with an approvers file believes no approver: it signs what people signed, and keeps their signatures.
/// </summary>
public sealed class EvidenceCycleTests : IDisposable
{
    private const string Case = "token-transfer-nonce-gas-price-missing";
    private readonly CycleWorld world = new();
    private readonly Officers officers = new("alice", "bob", "carol");
    private readonly SetClock clock = new() { Now = Officers.Now };

    public EvidenceCycleTests()
    {
        world.Add("ETH", Case);
        world.MakeApprover = url => new(url, ApprovalBody.Full) { Approvers = new(officers.Read, clock) };
    }

    public void Dispose()
    {
        world.Dispose();
        officers.Dispose();
    }

    [Fact]
    public async Task Two_of_three_sign_and_the_audit_log_proves_it_without_the_daemon()
    {
        world.Approve = () => Answer(officers.SaidBy(Asked(), "alice", "bob"));
        Assert.Equal(1, (await world.RunAsync(clock: clock)).Count(Verdict.Accepted));
        var lines = Lines();
        var signing = lines.Single(line => (string)line["decision"]! == "signing");
        Assert.Equal(["alice", "bob"], signing["people"]!.AsArray().Select(name => (string)name!));
        Assert.Equal("all", (string)signing["rule"]!);
        Assert.Equal(officers.Read().Digest, (string)signing["approvers"]!);
        Assert.Equal(officers.Read().Digest, (string)lines.Single(line => (string)line["decision"]! == "approvers")["approvers"]!);
        var audit = Audited(officers.Read());
        Assert.Empty(audit.Problems);
        Assert.Equal(1, audit.Proved);
    }

    public static TheoryData<string> OfAThief() =>
    [
        "200 and nothing", "200 and a login page", "200 and no decisions", "one of two", "the same person twice", "evidence of another request",
        "evidence for the second signature", "evidence of another network", "a no among them", "expired", "an answer without end",
    ];

    [Theory, MemberData(nameof(OfAThief))]
    public async Task A_stolen_approver_approves_nothing(string answer)
    {
        world.Approve = () => answer switch
        {
            "200 and nothing" => new(200),
            "200 and a login page" => new(200, "<!doctype html><title>Sign in</title>"),
            "200 and no decisions" => Answer(officers.SaidBy(Asked())),
            "one of two" => Answer(officers.SaidBy(Asked(), "alice")),
            "the same person twice" => Answer(officers.SaidBy(Asked(), "alice", "alice")),
            "evidence of another request" => Answer(officers.SaidBy(Asked() with { Request = Officers.Digest("x") }, "alice", "bob")),
            "evidence for the second signature" => Answer(officers.SaidBy(Asked() with { Number = 2 }, "alice", "bob")),
            "evidence of another network" => Answer(officers.SaidBy(Asked() with { Network = Network.Mainnet }, "alice", "bob")),
            "a no among them" => Answer(Officers.Evidence(
                Asked(), Say("alice", SignedDecision.Approve), Say("bob", SignedDecision.Approve), Say("carol", SignedDecision.Reject))),
            "expired" => Answer(Officers.Evidence(
                Asked(), officers["alice"].Decide(Asked(), now: Officers.Now.AddHours(-2)), officers["bob"].Decide(Asked(), now: Officers.Now.AddHours(-2)))),
            _ => new(200, new string(' ', ApprovalEvidence.LargestBody + 1)),
        };
        var report = await world.RunAsync(clock: clock);
        Assert.Equal(1, report.Count(Verdict.NotApproved));
        Assert.Empty(world.Broadcasts);
        Assert.Equal(0, world.KeysOpened);
        Shown.Line("a stolen approver", $"{answer}: {report.Transactions[0].Reason}");
    }

    [Fact]
    public async Task A_yes_to_the_first_signature_gives_no_second_one_after_it_was_released()
    {
        ApprovalEvidence? kept = null;
        world.Approve = () =>
        {
            var asked = Asked();
            kept ??= Officers.Evidence(asked, Up("alice", asked), Up("bob", asked));
            return Answer(kept);
        };
        Assert.Equal(1, (await world.RunAsync(clock: clock)).Count(Verdict.Accepted));
        var id = world.Approver.Requests.Last().Path.Split('/')[^1];
        await world.WithServicesAsync(services => services.Journal.RecordStateAsync(id, JournalState.Released, null, "test"), clock);
        Assert.Equal(1, (await world.RunAsync(clock: clock)).Count(Verdict.NotApproved));
        Assert.Single(world.Broadcasts);

        SignedDecision Up(string name, EvidenceQuestion asked) => officers[name].Decide(asked, "highest-fee 1000000000000000000", Officers.Now);
    }

    [Fact]
    public async Task What_is_sent_again_needs_its_evidence_again_and_the_first_one_is_enough()
    {
        ApprovalEvidence? kept = null;
        world.Approve = () => Answer(kept ??= officers.SaidBy(Asked(), "alice", "bob"));
        world.OnBroadcast = _ => new(500);
        Assert.Equal(1, (await world.RunAsync(clock: clock)).Count(Verdict.Unknown));
        world.OnBroadcast = _ => new(200, """{"txId":"x"}""");
        Assert.Equal(1, (await world.RunAsync(clock: clock)).Count(Verdict.Accepted));
        Assert.Single(world.Broadcasts.Select(sent => sent.Body).Distinct());
    }

    [Fact]
    public async Task Another_approvers_file_and_a_line_without_evidence_are_found_offline()
    {
        world.Approve = () => Answer(officers.SaidBy(Asked(), "alice", "bob"));
        await world.RunAsync(clock: clock);
        using var others = new Officers("alice", "bob", "carol");
        Assert.Contains("was not given", Assert.Single(Audited(others.Read()).Problems), StringComparison.Ordinal);

        world.MakeApprover = url => new(url, ApprovalBody.Full); // started without the file
        world.Approve = () => new(200);
        world.Pending.Clear();
        world.Add("ETH", "native-transfer-private-key");
        Assert.Equal(1, (await world.RunAsync(clock: clock)).Count(Verdict.Accepted));
        Assert.Contains("signed without evidence", Assert.Single(Audited(officers.Read()).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_changed_byte_of_a_line_s_evidence_is_found_offline()
    {
        world.Approve = () => Answer(officers.SaidBy(Asked(), "alice", "bob"));
        await world.RunAsync(clock: clock);
        var line = File.ReadAllLines(Path.Combine(world.StateFolder, "audit.jsonl")).Single(text => text.Contains("\"signing\"", StringComparison.Ordinal));
        var approvers = officers.Read();
        var (from, to) = (line.IndexOf("\"evidence\":", StringComparison.Ordinal), line.IndexOf(",\"kind\":", StringComparison.Ordinal));
        Assert.InRange(to - from, 1000, 5000);
        for (var at = from; at < to; at++)
        {
            var changed = line.ToCharArray();
            changed[at] ^= (char)1;
            Assert.False(Holds(new string(changed)), $"character {at - from}");
        }

        Assert.True(Holds(line));

        bool Holds(string text)
        {
            if (!StrictJson.TryParse(text, out var json))
            {
                return false;
            }

            var audit = new EvidenceAudit([approvers]);
            audit.Next(json.Value);
            return audit is { Proved: 1, Problems.Count: 0 };
        }
    }

    [Fact]
    public async Task A_file_that_is_read_again_counts_from_then_on_and_a_bad_one_does_not()
    {
        var file = officers.File();
        var force = new ApproversInForce(() => ApproversFile.Read(file), clock);
        world.MakeApprover = url => new(url, ApprovalBody.Full) { Approvers = force };
        world.Approve = () => Answer(officers.SaidBy(Asked(), "alice", "bob"));
        var before = force.Current.Digest;
        officers.Json["rules"] = new JsonArray(Officers.Rule("all", 3));
        file = officers.File();
        force.Reload();
        Assert.NotEqual(before, force.Current.Digest);
        Assert.Equal(1, (await world.RunAsync(clock: clock)).Count(Verdict.NotApproved));
        file = "{"u8.ToArray();
        Assert.ThrowsAny<Exception>(force.Reload);
        Assert.Equal(3, force.Current.Rules[0].Approvals);
    }

    private SignedDecision Say(string name, string decision) => officers[name].Decide(Asked(), now: Officers.Now, decision: decision);

    /// <summary>The question as the daemon put it.</summary>
    private EvidenceQuestion Asked()
    {
        var asked = world.Approver.Requests.Last();
        return new(
            Network.Testnet,
            asked.Path.Split('/')[^1],
            asked.Headers["x-kms-digest"],
            int.Parse(asked.Headers["x-kms-signature-number"], System.Globalization.CultureInfo.InvariantCulture),
            (string?)JsonNode.Parse(asked.Body)!["transactionDigest"],
            null);
    }

    private static Reply Answer(ApprovalEvidence evidence) => new(200, CompactJson.Write(evidence.Write));

    private List<JsonNode> Lines() =>
        [.. File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")).Select(line => JsonNode.Parse(line)!)];

    private EvidenceAudit Audited(params Approvers[] files)
    {
        var audit = new EvidenceAudit(files);
        foreach (var line in Lines())
        {
            audit.Next(StrictJson.Parse(Encoding.UTF8.GetBytes(line.ToJsonString()), "a line"));
        }

        return audit;
    }
}
