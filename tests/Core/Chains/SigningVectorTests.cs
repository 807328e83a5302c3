using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains;

/// <summary>Every recorded signing case and every recorded refusal of every chain. Cases whose bytes are not deterministic have tests with their chain.</summary>
public static class SigningVectorTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Signing() => Rows("signing");

    public static IEnumerable<TheoryDataRow<string, string>> Errors() => Rows("errors");

    [Theory, MemberData(nameof(Signing))]
    public static void Signs_as_recorded(string chain, string name)
    {
        var vector = Vectors.Case(chain, "signing", name);
        if (!vector.Flag("deterministic", true))
        {
            return; // the chain's own tests decode and compare these
        }

        using var run = SigningRun.Sign(vector);
        var sent = new List<NodeCall>();
        var outcome = run.Submit(call =>
        {
            sent.Add(call);
            return call.Path == BroadcastPath(vector) ? new(200, """{"txId":"accepted"}""")
                : call.Path.StartsWith("/v1/transaction_results/", StringComparison.Ordinal) ? new(200, """{"status":"Sealed","error_message":""}""")
                : run.Replay.Answer(call);
        });

        Assert.Equal(SubmissionResult.Accepted, outcome.Result);
        if (chain is not ("SOL" or "FLOW"))
        {
            Assert.Equal(vector.Text("signed"), run.Signed.Data);
        }

        if (vector.Text("txId") is { } txId && run.Signed.TransactionId is { } computed)
        {
            Assert.Equal(txId, computed);
        }

        var broadcast = vector.GetProperty("broadcast");
        Assert.Equal(broadcast.GetProperty("method").GetString(), sent[^1].Method);
        Assert.Equal(broadcast.GetProperty("path").GetString(), sent[^1].Path);
        if (!vector.Flag("signatureIsLowS", true))
        {
            return; // FLOW: the id depends on our signature, which has low S; the chain's own tests compute it
        }

        Assert.True(JsonElement.DeepEquals(broadcast.GetProperty("body"), JsonDocument.Parse(sent[^1].Body!).RootElement), sent[^1].Body);
    }

    [Theory, MemberData(nameof(Errors))]
    public static void Refuses_as_recorded(string chain, string name)
    {
        var vector = Vectors.Case(chain, "errors", name);
        if (!vector.Flag("mustRefuse", true))
        {
            return; // two outcomes are right; the chain's own tests say which is ours
        }

        if (chain == "SOL" && name == "node-refuses")
        {
            using var run = SigningRun.Sign(vector); // a simulation that failed now may not fail later: kept, never reported as failed
            Assert.Equal(SubmissionResult.Ambiguous, run.Submit(call => run.Replay.AnswerIfRecorded(call) ?? new(404, "")).Result);
            return;
        }

        void Sign()
        {
            using var run = SigningRun.Sign(vector);
            throw RejectedByItsNode(run); // chains that submit to a node themselves learn some refusals only there
        }

        var error = Assert.Throws<KmsException>(Sign);
        Assert.NotEqual(Failure.Internal, error.Failure);
        Assert.True(error.Message.Length is > 10 and < 400, error.Message);
    }

    private static KmsException RejectedByItsNode(SigningRun run)
    {
        var outcome = run.Submit(call => run.Replay.AnswerIfRecorded(call)
            ?? (call.Path == run.Chain.Info.BroadcastRoute && !call.Body!.Contains("\"txData\":\"\"", StringComparison.Ordinal) ? throw new InvalidOperationException($"signed and broadcast: {call.Body}") : new(404, "")));
        return outcome.Result is SubmissionResult.Rejected
            ? KmsException.Refused(outcome.Reason!)
            : throw new InvalidOperationException($"signed and {outcome.Result}");
    }

    private static string? BroadcastPath(JsonElement vector) => vector.GetProperty("broadcast").Text("path");

    private static IEnumerable<TheoryDataRow<string, string>> Rows(string list) =>
        from chain in ChainCatalog.All.Keys.Order(StringComparer.Ordinal)
        from name in Vectors.Names(chain, list)
        select new TheoryDataRow<string, string>(chain, name) { TestDisplayName = $"{chain} {list}: {name}" };
}
