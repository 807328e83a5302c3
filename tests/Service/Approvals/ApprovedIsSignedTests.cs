using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Approvals;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approvals;

/// <summary>The second pair of eyes is asked about the complete transaction, and a yes is bound to what is signed.</summary>
public sealed class ApprovedIsSignedTests : IDisposable
{
    private const string Secret = "approval-secret-of-enough-length";
    private const string Case = "token-transfer-nonce-gas-price-missing";
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task The_approver_sees_what_is_filled_in_and_journal_and_audit_log_keep_its_digests()
    {
        var vector = world.Add("ETH", Case);
        world.MakeApprover = url => new(url, ApprovalBody.Full);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        using var run = SigningRun.Sign(vector);
        var digest = Convert.ToHexStringLower(SHA256.HashData(run.Transaction.SigningBytes));
        var asked = world.Approver.Requests.Single();
        var body = JsonNode.Parse(asked.Body)!;
        Assert.Equal("POST", asked.Method);
        Assert.Equal(digest, (string)body["transactionDigest"]!);
        Assert.Equal(asked.Headers["x-kms-digest"], new RequestDigest(JsonDocument.Parse(body["pending"]!.ToJsonString()).RootElement).Text);
        Assert.Equal(run.Transaction.Summary.Sequence, (string)body["summary"]!["sequence"]!);
        Assert.Equal(run.Transaction.Summary.Fee!.Value.Number, (string)body["summary"]!["fee"]!);
        Assert.Equal("testnet", (string)body["summary"]!["network"]!);
        Assert.Equal(run.Pending.Hashes, body["summary"]!["wallets"]!.AsArray().Select(wallet => (string)wallet!));

        foreach (var line in new[] { Line("audit.jsonl", "\"decision\":\"signing\""), Line("journal.jsonl", "\"event\":\"signed\"") })
        {
            Assert.Equal(digest, (string)line["transaction"]!);
            Assert.Equal(asked.Headers["x-kms-digest"], (string)line["request"]!);
        }

        var audited = Line("audit.jsonl", "\"decision\":\"signing\"");
        Assert.All(["kind", "fee", "sequence", "method", "transfers"], member => Assert.Equal(audited[member]!.ToJsonString(), body["summary"]![member]!.ToJsonString()));
    }

    [Fact]
    public async Task What_the_policy_refuses_after_filling_is_not_shown()
    {
        using var run = SigningRun.Sign(world.Add("ETH", Case));
        var assets = string.Join(',', run.Transaction.Summary.Transfers.Select(transfer => transfer.Amount.Asset).Append("ETH").Distinct().Select(asset => $"\"{asset}\":{{}}"));
        world.Policy = $$$"""
            {"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{{{{assets}}}},"methods":{"any":["any"]},"highestFee":{"ETH":"0.000000000000000001"}}]}
            """;
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Refused));
        Assert.Equal(RefusalCause.Policy, report.Transactions[0].Cause);
        Assert.Empty(world.Approver.Requests);
    }

    [Fact]
    public async Task What_is_sent_again_is_asked_for_with_the_digest_of_what_was_signed()
    {
        world.Add("ETH", Case);
        world.MakeApprover = url => new(url, ApprovalBody.Full);
        world.OnBroadcast = _ => new(500);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Unknown));
        await world.RunAsync(); // opened afresh
        var asked = world.Approver.Requests.Select(request => JsonNode.Parse(request.Body)!).ToList();
        Assert.Equal(2, asked.Count);
        Assert.Equal((string)asked[0]["transactionDigest"]!, (string)asked[1]["transactionDigest"]!);
        Assert.NotNull((string?)asked[1]["transactionDigest"]);
        Assert.Single(world.Broadcasts.Select(sent => sent.Body).Distinct());
    }

    [Theory]
    [InlineData("the transaction", true)]
    [InlineData("a fee that is enough", true)]
    [InlineData("just the fee", true)]
    [InlineData("the request alone", false)]
    [InlineData("another transaction", false)]
    [InlineData("a fee too small", false)]
    [InlineData("a fee that is no number", false)]
    [InlineData("a negative fee", false)]
    [InlineData("a fee of too many digits", false)]
    [InlineData("a fee that the signature does not cover", false)]
    [InlineData("the transaction, and a fee beside it", false)]
    public async Task A_signed_yes_is_bound_to_the_transaction_or_to_a_highest_fee(string bound, bool approves)
    {
        var vector = world.Add("ETH", Case);
        using var run = SigningRun.Sign(vector);
        var fee = run.Transaction.Summary.Fee!.Value.Units;
        world.MakeApprover = url => new(url, ApprovalBody.Full, Signing(), answersSigned: true);
        world.Approve = () =>
        {
            var asked = world.Approver.Requests.Last();
            var digest = (string)JsonNode.Parse(asked.Body)!["transactionDigest"]!;
            return bound switch
            {
                "the transaction" => Yes(asked, ApprovalSigning.Bound(digest, null), null),
                "a fee that is enough" => Fee($"{fee + 1}"),
                "just the fee" => Fee($"{fee}"),
                "the request alone" => Yes(asked, null, null),
                "another transaction" => Yes(asked, ApprovalSigning.Bound(new('0', 64), null), null),
                "a fee too small" => Fee($"{fee - 1}"),
                "a fee that is no number" => Fee("much"),
                "a negative fee" => Fee("-1"),
                "a fee of too many digits" => Fee(new('9', 79)),
                "a fee that the signature does not cover" => Yes(asked, ApprovalSigning.Bound(digest, "1"), $"{fee}"),
                _ => Yes(asked, ApprovalSigning.Bound(digest, null), $"{fee}"),
            };

            Reply Fee(string text) => Yes(asked, ApprovalSigning.Bound(digest, text), text);
        };
        var report = await world.RunAsync(clock: new SetClock { Now = Now });
        Assert.Equal(1, report.Count(approves ? Verdict.Accepted : Verdict.NotApproved));
        Assert.Equal(approves ? 1 : 0, world.Broadcasts.Count());
        Shown.Line("four-eye, a yes that is bound", $"{bound}: {(approves ? "approves" : report.Transactions[0].Reason)}");
    }

    [Fact]
    public async Task A_highest_fee_says_nothing_of_a_fee_that_is_not_proved()
    {
        var vector = world.Add("BTC", "two-inputs-two-keys-hashes-in-reverse-order");
        world.MakeApprover = url => new(url, ApprovalBody.Full, Signing(), answersSigned: true);
        world.Approve = () => Yes(world.Approver.Requests.Last(), ApprovalSigning.Bound(null, "100000000"), "100000000");
        using var run = SigningRun.Sign(vector);
        Assert.False(run.Transaction.Summary.FeeVerified);
        Assert.Equal(1, (await world.RunAsync(clock: new SetClock { Now = Now })).Count(Verdict.NotApproved));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public async Task What_is_sent_again_is_held_against_a_highest_fee_by_what_it_was_signed_with(int more, bool isSent)
    {
        using var run = SigningRun.Sign(world.Add("ETH", Case));
        var fee = run.Transaction.Summary.Fee!.Value.Units;
        var highest = fee;
        world.MakeApprover = url => new(url, ApprovalBody.Full, Signing(), answersSigned: true);
        world.Approve = () => Yes(world.Approver.Requests.Last(), ApprovalSigning.Bound(null, $"{highest}"), $"{highest}");
        world.OnBroadcast = _ => new(500);
        Assert.Equal(1, (await world.RunAsync(clock: new SetClock { Now = Now })).Count(Verdict.Unknown));
        world.OnBroadcast = _ => new(200, """{"txId":"x"}""");
        highest = fee + more;
        Assert.Equal(1, (await world.RunAsync(clock: new SetClock { Now = Now })).Count(isSent ? Verdict.Accepted : Verdict.NotApproved));
    }

    [Fact]
    public async Task The_reference_approver_answers_a_full_question()
    {
        world.Add("ETH", Case);
        using var listed = new TempFolder();
        using var run = SigningRun.Sign(Vectors.Case("ETH", "signing", Case));
        File.WriteAllText(listed.File("allow"), run.Pending.Id + "\n");
        var port = FreePort.Next();
        using var approver = Process.Start(new ProcessStartInfo(Run.KmsProgram, ["approver", "--allow", listed.File("allow"), "--port", $"{port}"])
        {
            RedirectStandardError = true,
            Environment = { ["KMS_APPROVAL_SECRET"] = Secret, ["HOME"] = listed.Root },
        })!;
        using var ended = new Ended(approver);
        Assert.Contains("approver on", await approver.StandardError.ReadLineAsync(), StringComparison.Ordinal);
        world.MakeApprover = _ => new(new($"http://127.0.0.1:{port}/"), ApprovalBody.Full, new(SecretBytes.FromString(Secret), TimeProvider.System), answersSigned: true);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
    }

    private static ApprovalSigning Signing() => new(SecretBytes.FromString(Secret), new SetClock { Now = Now });

    private static Reply Yes(Received asked, string? bound, string? fee)
    {
        using var signing = Signing();
        var expires = $"{Now.ToUnixTimeSeconds() + 60}";
        var headers = new Dictionary<string, string>
        {
            [ApprovalSigning.ExpiresHeader] = expires,
            [ApprovalSigning.ApprovalHeader] = signing.Answer(asked.Path.Split('/')[^1], asked.Headers["x-kms-digest"], asked.Headers["x-kms-nonce"], expires, bound),
        };
        if (fee is not null)
        {
            headers[ApprovalSigning.HighestFeeHeader] = fee;
        }

        return new(200) { Headers = headers };
    }

    private JsonNode Line(string file, string with) =>
        JsonNode.Parse(File.ReadLines(Path.Combine(world.StateFolder, file)).Single(line => line.Contains(with, StringComparison.Ordinal)))!;

    private sealed class Ended(Process process) : IDisposable
    {
        public void Dispose() => process.Kill();
    }
}
