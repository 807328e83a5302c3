using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains;

/// <summary>Each number of each chain's pending transactions and answers at each boundary: signed or refused, never a bug of ours.</summary>
public static class BoundaryNumberTests
{
    public static TheoryData<string> Chains => [.. ChainCatalog.All.Keys.Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Chains))]
    public static void Every_number_of_a_pending_transaction(string chain)
    {
        foreach (var vector in Vectors.Read(chain).GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            foreach (var text in BoundaryNumbers.Of(run.Pending.SerializedTransaction))
            {
                Tried(run, text, call => run.Replay.AnswerIfRecorded(call) ?? new(404, "{}"), text);
            }
        }
    }

    [Theory, MemberData(nameof(Chains))]
    public static void Every_number_of_an_answer(string chain)
    {
        foreach (var vector in Vectors.Read(chain).GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            foreach (var (asked, body) in Answers(vector))
            {
                foreach (var text in BoundaryNumbers.OfMembers(body).Concat(BoundaryNumbers.Json))
                {
                    Tried(run, run.Pending.SerializedTransaction, Answer, text);

                    NodeAnswer Answer(NodeCall call)
                    {
                        var good = run.Replay.AnswerIfRecorded(call) ?? new(404, "{}");
                        return call.Path == asked && good.Body == body ? good with { Body = text } : good;
                    }
                }
            }
        }
    }

    private static IEnumerable<(string Path, string Body)> Answers(JsonElement vector) =>
        from call in vector.TryGetProperty("gateway", out var calls) ? calls.EnumerateArray().ToList() : []
        where call.TryGetProperty("response", out _)
        select (call.Text("path")!, call.GetProperty("response").GetRawText());

    private static void Tried(SigningRun run, string text, Func<NodeCall, NodeAnswer> answer, string shown)
    {
        try
        {
            ChainFuzz.Once(run, text, answer);
        }
        catch (KmsException error) when (error.Failure is not Failure.Internal)
        {
            // refused, as it should be
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{run.Pending.Chain}: {shown}", error);
        }
    }
}
