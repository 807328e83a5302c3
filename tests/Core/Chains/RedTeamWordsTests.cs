using KmsCloud.Chains;
using KmsCloud.Chains.Flow;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains;

/// <summary>Answers that judge nothing and are taken for the node's last word.</summary>
public static class RedTeamWordsTests
{
    [Theory]
    [InlineData("XRP", "getaddrinfo: Temporary failure in name resolution")] // tem* is meant for temBAD_FEE and its like
    [InlineData("XRP", "Temporary problem of the node, try again")]
    [InlineData("XRP", "the ledger is temporarily behind")]
    [InlineData("ALGO", "Post \\\"http://10.0.0.7:8080/v2/transactions\\\": net/http: HTTP/1.x transport connection broken: malformed HTTP response \\\"\\\\x15\\\"")]
    [InlineData("XLM", "tx_bad_minseq_age_or_gap")] // CAP-21: becomes valid by waiting
    [InlineData("ALGO", "TransactionPool.Remember: transaction AB: should have been authorized by CD but was actually authorized by EF")] // rekeyed back, the same bytes are good
    public static void Is_not_for_good(string chain, string words)
    {
        var answer = new NodeAnswer(403, "{\"statusCode\":403,\"errorCode\":\"x.broadcast.failed\",\"message\":\"Unable to broadcast transaction due to " + words + "\"}");
        Assert.NotNull(answer.Json);
        Assert.NotEqual(SubmissionResult.Rejected, BroadcastAnswer.Classify(answer, "ab", ChainCatalog.Get(chain).Rules).Outcome!.Result);
    }

    // FLOW: whatever stands before the access node (a proxy, a firewall, a quota) answers 4xx to the POST, perhaps after the node took it; its index does not show it
    // in the same second. No word of the node is looked at.
    [Theory]
    [InlineData(401, "")]
    [InlineData(402, """{"errorCode":"subscription.exceeded"}""")]
    [InlineData(403, "<html>request blocked</html>")]
    [InlineData(404, """{"message":"Cannot POST /v1/transactions"}""")]
    [InlineData(413, "")]
    [InlineData(421, "")]
    public static void Flow_is_not_refused_by_what_judges_nothing(int status, string body)
    {
        using var vector = SigningRun.Sign(Vectors.Case("FLOW", "signing", "custom-no-args"));
        var recorded = FlowSigned.Read(vector.Signed.Data);
        var signed = new SignedTransaction((recorded with { Payload = recorded.Payload with { ReferenceHeight = 1000 } }).Write(), null);
        var submission = vector.Chain.Submit(vector.Pending, signed, vector.Context);
        while (submission.Next is { } call)
        {
            submission = submission.After(call.Path switch
            {
                "/v3/flow/sign" => new(200, $$"""{"signature":"{{new string('1', 128)}}"}"""),
                "/v1/transactions" => new(status, body),
                _ when call.Path.StartsWith("/v1/transaction_results/", StringComparison.Ordinal) => new(404, """{"code":404,"message":"Flow resource not found"}"""),
                _ when call.Path.StartsWith("/v1/blocks", StringComparison.Ordinal) => new(200, $$$$"""[{"header":{"id":"{{{{new string('a', 64)}}}}","height":"1010"}}]"""),
                _ => new NodeAnswer(200, "{}"),
            });
        }

        Assert.NotEqual(SubmissionResult.Rejected, submission.Outcome!.Result);
    }
}
