using KmsCloud.Chains;
using KmsCloud.Chains.Flow;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Flow;

/// <summary>The hand-over to Flow's access node, with everything that can go wrong: nothing here may make a second payment possible.</summary>
public static class FlowSubmissionTests
{
    private const string Sealed = """{"status":"Sealed","error_message":""}""";
    private const string Failed = """{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1101] cadence runtime error"}""";
    private const string UsedSequence = """{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1007] invalid proposal key"}""";
    private const string Pending = """{"status":"Pending","error_message":""}""";
    private const string NoScript = """{"code":400,"message":"Invalid Flow request: failed to parse transaction Cadence script: Parsing failed"}""";
    private const string Gone = """{"status":"Expired","error_message":""}""";

    [Fact]
    public static void Fetches_signatures_sends_waits_frees_the_key_and_tells()
    {
        var run = Run(results: [Pending, Pending, Sealed]);
        Assert.Equal(SubmissionResult.Accepted, run.Outcome.Result);
        Assert.Equal(["sign", "sign", "send", "result", "result", "result", "free", "tell"], run.Calls);
        Assert.NotNull(run.Outcome.TransactionId);
    }

    [Fact]
    public static void A_run_after_a_crash_asks_for_the_same_id() =>
        Assert.Equal(Run(results: [Sealed]).Outcome.TransactionId, Run(send: 400, results: [Sealed]).Outcome.TransactionId);

    [Fact]
    public static void What_the_node_refuses_but_the_chain_has_is_accepted()
    {
        Assert.Equal(SubmissionResult.Accepted, Run(send: 400, results: [Sealed]).Outcome.Result);
        Assert.Equal(SubmissionResult.Accepted, Run(send: 400, results: [Pending, Sealed]).Outcome.Result);
    }

    [Fact]
    public static void What_the_node_refuses_and_nobody_knows_is_rejected_and_frees_the_key()
    {
        var run = Run(send: 400, results: [null]);
        Assert.Equal(SubmissionResult.Rejected, run.Outcome.Result);
        Assert.Equal(["sign", "sign", "send", "result", "height", "free nothing"], run.Calls);
    }

    [Theory]
    [InlineData(true, false, 1100UL, SubmissionResult.Ambiguous)]
    [InlineData(false, true, 1100UL, SubmissionResult.Ambiguous)]
    [InlineData(false, false, 1399UL, SubmissionResult.Rejected)]
    [InlineData(false, false, 1400UL, SubmissionResult.Ambiguous)] // perhaps refused because its blocks run out
    [InlineData(true, false, 1801UL, SubmissionResult.Expired)]
    public static void Refusing_a_copy_says_nothing_about_one_sent_before(bool mayBeOut, bool isRepeated, ulong height, SubmissionResult expected) =>
        Assert.Equal(expected, Run(send: 400, results: [null], height: height, mayBeOut: mayBeOut, isRepeated: isRepeated).Outcome.Result);

    // proposer and payer are the gateway's: with other signatures of theirs, or coins for the payer, the same payload is taken
    [Theory]
    [InlineData("invalid signature: 1111")]
    [InlineData("duplicated signature for key (address: 955cd3f17b2fd8ad, index: 3)")]
    [InlineData("transaction payer has insufficient balance to pay transaction fee")]
    [InlineData("transaction rate limited for payer (955cd3f17b2fd8ad)")]
    [InlineData("transaction is missing required fields: [payer]")]
    [InlineData("")]
    public static void What_the_node_refuses_for_the_gateways_part_may_be_out(string words) => Assert.Equal(
        SubmissionResult.Ambiguous,
        Run(send: 400, results: [null], refusal: $$"""{"code":400,"message":"Invalid Flow request: invalid transaction: {{words}}"}""").Outcome.Result);

    [Fact]
    public static void A_lost_answer_is_not_a_failure() => Assert.Equal(SubmissionResult.Accepted, Run(send: 0, results: [Sealed]).Outcome.Result);

    [Fact]
    public static void A_failed_script_is_not_told_as_done()
    {
        var run = Run(results: [Failed]);
        Assert.Equal(SubmissionResult.Failed, run.Outcome.Result);
        Assert.Equal("free", run.Calls[^1]);
    }

    [Fact]
    public static void A_sequence_number_that_was_used_before_is_no_failure()
    {
        // the payload went through under other signatures of the gateway, which make another id
        var run = Run(results: [UsedSequence]);
        Assert.Equal(SubmissionResult.Ambiguous, run.Outcome.Result);
        Assert.DoesNotContain("tell", run.Calls);
    }

    [Fact]
    public static void Without_the_gateways_signature_nothing_is_sent()
    {
        var run = Run(sign: "{}", results: []);
        Assert.Equal(SubmissionResult.Ambiguous, run.Outcome.Result);
        Assert.Equal(["sign", "height"], run.Calls);
    }

    [Theory]
    [InlineData(1800UL, "45", SubmissionResult.Ambiguous)] // 600 blocks and a margin after 1000
    [InlineData(1801UL, "45", SubmissionResult.Expired)]
    [InlineData(1801UL, "46", SubmissionResult.Ambiguous)] // its number was used, perhaps by it
    [InlineData(1801UL, "x", SubmissionResult.Ambiguous)]
    public static void Expires_only_when_its_end_is_well_past_and_its_number_unused(ulong height, string sequence, SubmissionResult expected)
    {
        Assert.Equal(expected, Run(results: [Gone], height: height, sequence: sequence).Outcome.Result);
        Assert.Equal(expected, Run(sign: "{}", results: [], height: height, sequence: sequence).Outcome.Result);
    }

    [Fact]
    public static void A_refusal_of_what_has_expired_is_no_rejection() =>
        Assert.Equal(SubmissionResult.Expired, Run(send: 400, results: [null], height: 5000).Outcome.Result);

    [Fact]
    public static void Does_not_expire_when_the_chain_has_it_after_all()
    {
        Assert.Equal(SubmissionResult.Accepted, Run(results: [Gone, Sealed], height: 5000).Outcome.Result);
        Assert.Equal(SubmissionResult.Ambiguous, Run(results: [Gone, Pending], height: 5000).Outcome.Result);
    }

    [Fact]
    public static void Gives_up_waiting_and_leaves_it_for_later()
    {
        var run = Run(results: [Pending]);
        Assert.Equal(SubmissionResult.Ambiguous, run.Outcome.Result);
        Assert.Equal(30, run.Calls.Count(call => call == "result"));
    }

    [Fact]
    public static void A_gateway_that_cannot_be_told_is_told_again_later() => Assert.Equal(SubmissionResult.Ambiguous, Run(results: [Sealed], tell: 500).Outcome.Result);

    private static (SubmissionOutcome Outcome, List<string> Calls) Run(
        string?[] results, string? sign = null, int send = 200, ulong height = 1100, string sequence = "45", int tell = 200, bool mayBeOut = false, bool isRepeated = false, string refusal = NoScript)
    {
        using var vector = SigningRun.Sign(Vectors.Case("FLOW", "signing", "custom-no-args"));
        var recorded = FlowSigned.Read(vector.Signed.Data);
        var signed = new SignedTransaction((recorded with { Payload = recorded.Payload with { ReferenceHeight = 1000 } }).Write(), null) { MayBeOut = mayBeOut };
        var calls = new List<string>();
        var asked = 0;
        var submission = vector.Chain.Submit(vector.Pending, signed, vector.Context);
        while (submission.Next is { } next)
        {
            Assert.True(calls.Count < 100, "submitting does not end");
            submission = submission.After(Answer(next));
        }

        return (submission.Outcome!, calls);

        NodeAnswer Answer(NodeCall call)
        {
            calls.Add(call.Path switch
            {
                "/v3/flow/sign" => "sign",
                "/v1/transactions" => "send",
                "/v3/flow/broadcast" when call.Body!.Contains("\"txData\":\"\"", StringComparison.Ordinal) => "free nothing",
                "/v3/flow/broadcast" when call.Body!.Contains("proposalKey", StringComparison.Ordinal) => "free",
                "/v3/flow/broadcast" => "tell",
                _ when call.Path.StartsWith("/v1/transaction_results/", StringComparison.Ordinal) => "result",
                _ when call.Path.StartsWith("/v1/blocks", StringComparison.Ordinal) => "height",
                _ => "account",
            });
            return calls[^1] switch
            {
                "sign" => new(200, sign ?? $$"""{"signature":"{{new string('1', 128)}}"}"""),
                "send" => new(send, send == 400 ? refusal : "{}") { IsRepeated = isRepeated },
                "result" => results[Math.Min(asked++, results.Length - 1)] is { } result ? new(200, result) : new(404, "{}"),
                "height" => new(200, $$$$"""[{"header":{"id":"{{{{new string('a', 64)}}}}","height":"{{{{height}}}}"}}]"""),
                "account" => new(200, $$$"""{"keys":[{"index":"5","sequence_number":"{{{sequence}}}"}]}"""),
                "tell" => new(tell, "{}"),
                _ => new(200, "{}"),
            };
        }
    }
}
