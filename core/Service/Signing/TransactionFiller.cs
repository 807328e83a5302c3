using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>Asks the gateway what a decoded transaction lacks, until nothing is missing.</summary>
internal sealed class TransactionFiller(SigningServices services, string chain)
{
    private const int MostRounds = 8;
    private const int ProofsAtOnce = 8;
    private static readonly JsonElement Nothing = StrictJson.Parse("null", "nothing");

    /// <summary>The transaction as it will be signed.</summary>
    /// <exception cref="KmsException">The gateway does not answer, or its answers make no sense.</exception>
    internal async Task<CompleteTransaction> CompleteAsync(UnsignedTransaction transaction, CancellationToken cancel)
    {
        using var timing = services.Metrics?.Step("fill");
        for (var round = 0; transaction.Missing.Count > 0; round++)
        {
            if (round == MostRounds)
            {
                throw new KmsException(Failure.Gateway, "the gateway's answers lead to ever more questions");
            }

            transaction = Complete(transaction, await AskAllAsync(transaction.Missing, cancel));
        }

        return new(services.Policy?.WantsProof(chain) is true ? await ProveAsync(transaction, cancel) : transaction);
    }

    /// <summary>With a number that no transaction holds, also none whose request brought it along.</summary>
    private UnsignedTransaction Complete(UnsignedTransaction transaction, IReadOnlyList<JsonElement> answers)
    {
        if (transaction.SequenceAccount is not { } account)
        {
            return transaction.Complete(new(answers));
        }

        var next = services.Journal.NextSequence(account);
        var filled = transaction.Complete(new(answers, next));
        return filled.Sequence is { } number && services.Journal.FirstFreeSequence(account, number) is var free && free != number
            ? transaction.Complete(new(answers, free))
            : filled;
    }

    /// <summary>
    /// A few at a time, over all transactions of the chain: each answer may be large, and what matters of it is small.
    /// </summary>
    private async Task<UnsignedTransaction> ProveAsync(UnsignedTransaction transaction, CancellationToken cancel)
    {
        var gate = services.Memory.Proofs(chain);
        // with what is known from before
        transaction = transaction.Proofs.Count > 0 ? transaction.Prove(new([])) : transaction;
        while (transaction.Proofs is { Count: > 0 } proofs)
        {
            await gate.WaitAsync(cancel);
            try
            {
                transaction = transaction.Prove(new(await AskAllAsync([.. proofs.Take(ProofsAtOnce)], cancel)));
            }
            finally
            {
                gate.Release();
            }

            if (transaction.Proofs.Count >= proofs.Count)
            {
                throw new InvalidOperationException("an answer proves nothing, and is not refused");
            }
        }

        return transaction;
    }

    private Task<JsonElement[]> AskAllAsync(IReadOnlyList<NodeCall> calls, CancellationToken cancel) =>
        Task.WhenAll(calls.Select(call => AskAsync(call, cancel)));

    private async Task<JsonElement> AskAsync(NodeCall call, CancellationToken cancel)
    {
        var answer = await services.Gateway.CallAsync(call, cancel);
        if (answer.IsSuccess && answer.Json is { } json)
        {
            return json;
        }

        if (call.IsOptional)
        {
            return Nothing;
        }

        var said = answer.Status == 0 ? "no answer" : $"HTTP {answer.Status}";
        throw new KmsException(Failure.Gateway, $"{call.What} could not be had: {said}");
    }
}
