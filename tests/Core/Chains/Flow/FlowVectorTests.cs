using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Chains.Flow;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Flow;

/// <summary>
/// What the recorded FLOW vectors say. Their signatures were made without the low-S rule, so ours are verified, and the id
/// is compared with the recorded one where both signatures agree, else computed from ours.
/// </summary>
public static class FlowVectorTests
{
    public static TheoryData<string> Names() => [.. Vectors.Names("FLOW", "signing")];

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_payload(string name)
    {
        var vector = Vectors.Case("FLOW", "signing", name);
        using var run = SigningRun.Sign(vector);
        var signed = FlowSigned.Read(run.Signed.Data);
        Assert.Equal(vector.Text("payloadRlp"), Hex.Lower(signed.Payload.Encode()));
        Assert.Equal(vector.Text("signingMessage"), Hex.Lower(signed.Payload.Message()));
        Assert.Equal(vector.Text("digest"), Hex.Lower(Keccak256.Sha3(signed.Payload.Message())));
        byte[] publicKey = [4, .. Convert.FromHexString(vector.Text("publicKey")!)];
        Assert.True(Secp256k1.IsValid(publicKey, Convert.FromHexString(vector.Text("digest")!), signed.Signature));
        Assert.Equal(vector.Flag("signatureIsLowS"), Hex.Lower(signed.Signature) == vector.Text("signature"));
        Assert.Equal(vector.Text("signature")![..64], Hex.Lower(signed.Signature.AsSpan(0, 32))); // the same nonce, so the same r
    }

    [Theory, MemberData(nameof(Names))]
    public static void Builds_the_recorded_envelope_id_and_submission(string name)
    {
        // with the recorded signature in place of ours, everything that follows must be as recorded
        var vector = Vectors.Case("FLOW", "signing", name);
        using var run = SigningRun.Sign(vector);
        var ours = FlowSigned.Read(run.Signed.Data);
        var recorded = new SignedTransaction(new FlowSigned(ours.Payload, Convert.FromHexString(vector.Text("signature")!)).Write(), null);
        var submission = run.Chain.Submit(run.Pending, recorded, run.Context);
        var sent = new List<NodeCall>();
        while (submission.Next is { } next)
        {
            sent.Add(next);
            submission = submission.After(
                next.Path.StartsWith("/v1/transaction_results/", StringComparison.Ordinal) ? new(200, """{"status":"Sealed","error_message":""}""")
                : next.Path == "/v3/flow/broadcast" ? new(200, "{}")
                : run.Replay.Answer(next));
        }

        Assert.Equal(SubmissionResult.Accepted, submission.Outcome!.Result);
        Assert.Equal(vector.Text("txId"), submission.Outcome.TransactionId);
        Assert.Contains(sent, call => call.Path == $"/v1/transaction_results/{vector.Text("txId")}");
        Assert.Contains($"\"data\":\"{vector.Text("envelopeMessage")}\"", sent[1].Body, StringComparison.Ordinal);
        foreach (var expected in vector.GetProperty("gateway").EnumerateArray().Where(call => call.Text("method") == "POST").Append(vector.GetProperty("broadcast")))
        {
            var body = expected.TryGetProperty("request", out var request) ? request : expected.GetProperty("body");
            Assert.Contains(sent, call => call.Path == expected.Text("path") && call.Body is not null && JsonElement.DeepEquals(body, JsonDocument.Parse(call.Body).RootElement));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public static void Shows_what_is_asked(string name)
    {
        var vector = Vectors.Case("FLOW", "signing", name);
        using var run = SigningRun.Sign(vector);
        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        Assert.Equal(decoded.Text("account"), Assert.Single(summary.From));
        if (decoded.Text("to") is { } to)
        {
            Assert.Equal(to, summary.Transfers[0].To);
            Assert.Equal(ExactDecimal.Units(decoded.Text("amount")!, 8), summary.Transfers[0].Amount.Units);
            Assert.True(summary.Understood);
        }
        else
        {
            Assert.Equal(decoded.Text("script") ?? summary.Details["script"], summary.Details["script"]);
            Assert.Equal(decoded.GetProperty("args").GetArrayLength(), summary.Details.Keys.Count(key => key.StartsWith("argument", StringComparison.Ordinal)));
            Assert.False(summary.Understood);
        }
    }
}
