using System.Diagnostics;
using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Tests.Support;

/// <summary>
/// Runs a chain's signing vectors with hostile pending transactions and hostile answers: whatever comes, the chain signs
/// or refuses, and no other exception gets out. KMS_FUZZ_SECONDS lengthens a run, KMS_FUZZ_SEED repeats or varies one.
/// </summary>
internal static class ChainFuzz
{
    public static TimeSpan Time { get; } = TimeSpan.FromSeconds(Setting("KMS_FUZZ_SECONDS", 1.5));

    public static ulong Seed { get; } = (ulong)Setting("KMS_FUZZ_SEED", 1);

    /// <summary>How many inputs all chains together are given where they are counted: KMS_FUZZ_INPUTS.</summary>
    public static int Inputs { get; } = (int)Setting("KMS_FUZZ_INPUTS", 200_000);

    /// <summary>Fuzzes until the time is up.</summary>
    /// <param name="chain">Chain code.</param>
    /// <param name="holds">What must hold of every mutated transaction that was signed nevertheless.</param>
    public static void Run(string chain, Action<UnsignedTransaction, SignedTransaction>? holds = null)
    {
        var clock = Stopwatch.StartNew();
        var count = Run(chain, _ => clock.Elapsed < Time, holds);
        Assert.True(count > 50, $"only {count} cases in {Time}");
    }

    /// <summary>Fuzzes with as many inputs as asked for.</summary>
    public static void Run(string chain, int inputs) => Run(chain, count => count < inputs, null);

    private static int Run(string chain, Func<int, bool> goesOn, Action<UnsignedTransaction, SignedTransaction>? holds)
    {
        var vectors = Vectors.Read(chain).GetProperty("signing").EnumerateArray().ToList();
        var runs = vectors.Select(vector => SigningRun.Sign(vector)).ToList();
        var random = new SeededRandom(Seed);
        var count = 0;
        for (; goesOn(count); count++)
        {
            var at = random.Below(runs.Count);
            var run = runs[at];
            run.Replay.Given.Clear();
            var hostileAnswers = run.Replay.Count > 0 && random.Chance(2);
            var text = hostileAnswers && random.Chance(2)
                ? run.Pending.SerializedTransaction
                : Mutation.Text(run.Pending.SerializedTransaction, random);
            try
            {
                Once(run, text, call => Answer(run, call, hostileAnswers ? random : null), holds);
            }
            catch (KmsException error) when (error.Failure is not Failure.Internal)
            {
                // refused, as it should be
            }
            catch (Exception error)
            {
                throw new InvalidOperationException(
                    $"{chain} seed {Seed} case {count}, '{vectors[at].Text("name")}': {text}\n{string.Join('\n', run.Replay.Given.TakeLast(8))}", error);
            }
        }

        runs.ForEach(run => run.Dispose());
        return count;
    }

    /// <summary>Takes one text and its answers the whole way: whether it was signed.</summary>
    public static bool Once(SigningRun run, string text, Func<NodeCall, NodeAnswer> answer, Action<UnsignedTransaction, SignedTransaction>? holds = null)
    {
        var pending = run.Pending with { SerializedTransaction = text };
        var transaction = run.Chain.Decode(pending, run.Keys, run.Context);
        Assert.NotNull(transaction.Summary.Kind);
        for (var rounds = 0; transaction.Missing.Count > 0 && rounds < 10; rounds++)
        {
            var answers = transaction.Missing.Select(answer).ToList();
            if (answers.Any(body => body.Json is null))
            {
                return false; // the gateway client gives up here
            }

            transaction = transaction.Complete(new([.. answers.Select(body => body.Json!.Value)]));
        }

        var summary = transaction.Summary;
        var signed = transaction.Sign(run.PrivateKeys);
        Assert.NotNull(summary.Kind);
        holds?.Invoke(transaction, signed);
        var submission = run.Chain.Submit(pending, signed, run.Context);
        for (var calls = 0; submission.Next is { } next; calls++)
        {
            Assert.True(calls < 200, "submitting does not end");
            submission = submission.After(answer(next));
        }

        return true;
    }

    private static NodeAnswer Answer(SigningRun run, NodeCall call, SeededRandom? random)
    {
        var answer = run.Replay.AnswerIfRecorded(call) ?? new(404, "{}");
        if (random is null || random.Chance(3))
        {
            return answer;
        }

        answer = new(random.Chance(6) ? random.Pick([0, 400, 403, 429, 500, 503]) : 200, Mutation.Text(answer.Body, random));
        run.Replay.Given.Add($"{call.Path}: {answer.Status} {answer.Body}");
        return answer;
    }

    private static double Setting(string name, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
