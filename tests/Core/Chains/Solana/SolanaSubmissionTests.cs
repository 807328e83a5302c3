using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Chains.Solana;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Solana;

/// <summary>The hand-over to a Solana node, with everything that can go wrong: nothing here may make a second payment possible.</summary>
public static class SolanaSubmissionTests
{
    private const string Found = """{"jsonrpc":"2.0","id":"kms","result":{"slot":1,"meta":{"err":null}}}""";
    private const string FoundFailed = """{"jsonrpc":"2.0","id":"kms","result":{"slot":1,"meta":{"err":{"InstructionError":[0,"Custom"]}}}}""";
    private const string Unknown = """{"jsonrpc":"2.0","id":"kms","result":null}""";
    private const string Taken = """{"jsonrpc":"2.0","id":"kms","result":"ID"}""";

    [Fact]
    public static void Sends_waits_and_tells_the_gateway_the_id()
    {
        var (outcome, calls) = Run(send: Taken, states: [Unknown, Unknown, Found]);
        Assert.Equal(SubmissionResult.Accepted, outcome.Result);
        Assert.Equal(["sendTransaction", "getTransaction", "getTransaction", "getTransaction", "/v3/solana/broadcast"], calls.Select(call => call.Name));
        Assert.Equal([0, 1, 2, 3, 0], calls.Select(call => call.Delay));
    }

    [Fact]
    public static void Sends_the_same_bytes_again_after_a_crash()
    {
        var (outcome, calls) = Run(send: Error(-32002, "Transaction simulation failed: This transaction has already been processed"), states: [Found]);
        Assert.Equal(SubmissionResult.Accepted, outcome.Result);
        Assert.Equal("/v3/solana/broadcast", calls[^1].Name);
    }

    [Fact]
    public static void A_lost_answer_is_not_a_failure() => Assert.Equal(SubmissionResult.Accepted, Run(send: null, states: [Found]).Outcome.Result);

    [Fact]
    public static void What_the_node_refuses_and_nobody_knows_is_rejected()
    {
        var (outcome, calls) = Run(send: Error(-32003, "Transaction signature verification failure"), states: [Unknown]);
        Assert.Equal(SubmissionResult.Rejected, outcome.Result);
        Assert.DoesNotContain(calls, call => call.Name.StartsWith('/'));
    }

    [Fact]
    public static void What_the_node_refuses_but_the_chain_has_is_accepted() =>
        Assert.Equal(SubmissionResult.Accepted, Run(send: Error(-32002, "Transaction simulation failed"), states: [Found]).Outcome.Result);

    [Fact]
    public static void What_the_node_refuses_is_not_rejected_while_nobody_can_be_asked() =>
        Assert.Equal(SubmissionResult.Ambiguous, Run(send: Error(-32002, "Transaction simulation failed"), states: [null]).Outcome.Result);

    [Fact]
    public static void A_simulation_that_fails_now_may_not_fail_later() =>
        Assert.Equal(SubmissionResult.Ambiguous, Run(send: Error(-32002, "Transaction simulation failed: insufficient funds"), states: [Unknown], height: """{"result":900}""").Outcome.Result);

    [Theory]
    [InlineData(true, false, 900UL, SubmissionResult.Ambiguous)]
    [InlineData(false, true, 900UL, SubmissionResult.Ambiguous)]
    [InlineData(true, false, 9999UL, SubmissionResult.Expired)] // signed afresh, the first refusal of the new one is the last word
    [InlineData(false, false, 900UL, SubmissionResult.Rejected)]
    public static void Refusing_a_copy_says_nothing_about_one_sent_before(bool mayBeOut, bool isRepeated, ulong height, SubmissionResult expected) => Assert.Equal(
        expected, Run(send: Error(-32003, "Transaction signature verification failure"), states: [Unknown], height: $$"""{"result":{{height}}}""", mayBeOut: mayBeOut, isRepeated: isRepeated).Outcome.Result);

    [Fact]
    public static void What_failed_on_the_chain_is_not_told_as_done()
    {
        var (outcome, calls) = Run(send: Taken, states: [FoundFailed]);
        Assert.Equal(SubmissionResult.Failed, outcome.Result);
        Assert.DoesNotContain(calls, call => call.Name.StartsWith('/'));
    }

    [Theory]
    [InlineData(1149UL, SubmissionResult.Ambiguous)] // still valid
    [InlineData(1150UL, SubmissionResult.Ambiguous)] // just over, but a node may lag
    [InlineData(1151UL, SubmissionResult.Expired)]
    public static void Expires_only_when_its_last_block_is_well_past_and_nobody_knows_it(ulong height, SubmissionResult expected)
    {
        var outcome = Run(send: Error(-32002, "Blockhash not found"), states: [Unknown], height: $$"""{"result":{{height}}}""").Outcome;
        Assert.Equal(expected, outcome.Result);
    }

    [Fact]
    public static void Does_not_expire_when_the_chain_has_it_after_all() => Assert.Equal(
        SubmissionResult.Accepted, Run(send: Error(-32002, "Blockhash not found"), states: [Found], height: """{"result":9999}""").Outcome.Result);

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("""{"error":{"code":-32005}}""")]
    [InlineData("""{"result":{"slot":1}}""")]
    public static void Does_not_expire_when_the_last_question_is_not_answered(string? answer) => Assert.Equal(
        SubmissionResult.Ambiguous, Run(send: Error(-32002, "Blockhash not found"), states: [answer], height: """{"result":9999}""").Outcome.Result);

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    public static void Does_not_expire_by_an_answer_that_is_the_gateways_and_not_the_chains(int status) => Assert.Equal(
        SubmissionResult.Ambiguous, Run(send: Error(-32002, "Blockhash not found"), states: ["{}"], height: """{"result":9999}""", stateStatus: status).Outcome.Result);

    [Theory]
    [InlineData(-32600, 400)]
    [InlineData(-32601, 404)]
    [InlineData(-32602, 404)]
    public static void What_any_proxy_can_say_is_no_refusal_until_the_chain_says_it_is_absent(int code, int status)
    {
        var send = Error(code, "Invalid request");
        Assert.Equal(SubmissionResult.Ambiguous, Run(send: send, states: ["{}"], stateStatus: status).Outcome.Result);
        Assert.Equal(SubmissionResult.Rejected, Run(send: send, states: [Unknown]).Outcome.Result);
    }

    [Theory]
    [InlineData(400, SubmissionResult.Rejected)]
    [InlineData(404, SubmissionResult.Rejected)]
    [InlineData(401, SubmissionResult.Ambiguous)]
    [InlineData(403, SubmissionResult.Ambiguous)]
    [InlineData(429, SubmissionResult.Ambiguous)]
    [InlineData(500, SubmissionResult.Ambiguous)]
    public static void What_the_node_refuses_and_a_gateway_cannot_show_is_rejected_unless_it_speaks_of_key_or_plan(int status, SubmissionResult expected) => Assert.Equal(
        expected, Run(send: Error(-32003, "Transaction signature verification failure"), states: ["{}"], stateStatus: status).Outcome.Result);

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    public static void A_gateway_that_does_not_take_the_key_judges_no_transaction(int status) => Assert.Equal(
        SubmissionResult.Ambiguous, Run(send: "{}", states: [Unknown], height: """{"result":1000}""", sendStatus: status).Outcome.Result);

    [Fact]
    public static void Never_expires_with_a_durable_nonce()
    {
        var outcome = Run(send: Error(-32002, "Blockhash not found"), states: [Unknown], height: """{"result":9999}""", lastValid: null).Outcome;
        Assert.Equal(SubmissionResult.Ambiguous, outcome.Result);
    }

    [Fact]
    public static void Asks_nine_times_and_then_leaves_it_for_later()
    {
        var (outcome, calls) = Run(send: Taken, states: [Unknown], height: """{"result":1000}""");
        Assert.Equal(SubmissionResult.Ambiguous, outcome.Result);
        Assert.Equal(9, calls.Count(call => call.Name == "getTransaction"));
    }

    [Fact]
    public static void A_gateway_that_cannot_be_told_is_told_again_later() =>
        Assert.Equal(SubmissionResult.Ambiguous, Run(send: Taken, states: [Found], tell: 500).Outcome.Result);

    private static string Error(int code, string message) => $$$"""{"jsonrpc":"2.0","id":"kms","error":{"code":{{{code}}},"message":"{{{message}}}"}}""";

    private static (SubmissionOutcome Outcome, List<(string Name, double Delay)> Calls) Run(
        string? send, string?[] states, string height = "{}", ulong? lastValid = 1000, int tell = 200, bool mayBeOut = false, bool isRepeated = false, int sendStatus = 200, int stateStatus = 200)
    {
        var signed = new SignedTransaction(new SolanaSigned("AQ==", "ID", lastValid).Write(), "ID") { MayBeOut = mayBeOut };
        var calls = new List<(string Name, double Delay)>();
        var asked = 0;
        var submission = ChainCatalog.Get("SOL").Submit(
            new PendingTransaction { Id = "1", Chain = "SOL", SerializedTransaction = "" }, signed, new(Network.Testnet));
        while (submission.Next is { } next)
        {
            Assert.True(calls.Count < 100, "submitting does not end");
            var method = next.Path.Contains("/node/", StringComparison.Ordinal) ? JsonDocument.Parse(next.Body!).RootElement.Text("method")! : next.Path;
            calls.Add((method, next.Delay.TotalSeconds));
            submission = submission.After(method switch
            {
                "sendTransaction" => Answer(send, sendStatus) with { IsRepeated = isRepeated },
                "getTransaction" => Answer(states[Math.Min(asked++, states.Length - 1)], stateStatus),
                "getBlockHeight" => Answer(height),
                _ => new(tell, "{}"),
            });
        }

        return (submission.Outcome!, calls);
    }

    private static NodeAnswer Answer(string? body, int status = 200) => body is null ? new(0, "") : new(status, body);
}
