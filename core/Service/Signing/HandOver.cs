using KmsCloud.Chains;
using KmsCloud.Gateway;

namespace KmsCloud.Signing;

/// <summary>
/// Step 7 for one transaction: the signed bytes are handed over, or, when a copy may be out, first asked for. It
/// concludes; what it concludes is recorded by its caller.
/// </summary>
internal sealed class HandOver(
    SigningServices services,
    CycleOptions options,
    IChain chain,
    PendingTransaction pending,
    JournalEntry entry,
    SignedTransaction signed)
{
    private const int MostSubmitCalls = 200;
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(10);
    private readonly OwnNode own = new(services, chain, pending, entry, signed);

    /// <summary>How it ended.</summary>
    /// <param name="State">Outstanding while nobody knows.</param>
    /// <param name="Reason">Why, fit to be shown.</param>
    internal sealed record End(JournalState State, string? Reason)
    {
        /// <summary>The id the other side named.</summary>
        public string? Named { get; init; }

        /// <summary>What the gateway alone concludes.</summary>
        public JournalDoubt Doubt { get; init; }

        /// <summary>Whether somebody should look at it, although it is accepted.</summary>
        public bool NeedsLook { get; init; }

        /// <summary>Whether the bytes were sent this time.</summary>
        public bool WasSent { get; init; }
    }

    /// <summary>Not cancelled by a stop: what is signed is handed over, within the limits of its own calls.</summary>
    internal async Task<End> RunAsync()
    {
        using var limit = new CancellationTokenSource(options.TransactionLimit, services.Clock);
        if (!signed.MayBeOut)
        {
            return await SendAsync(limit.Token);
        }

        var presence = await LookAsync(limit.Token);
        if (presence is Presence.Found)
        {
            return entry.State is JournalState.Accepted
                ? await CompleteAsync(limit.Token)
                : new(JournalState.Accepted, "the chain has it");
        }

        var doubt = await DoubtAsync(presence, limit.Token);
        if (doubt is not JournalDoubt.None)
        {
            return await ConcludeAsync(doubt, limit.Token);
        }

        return services.Pauses.IsOver(pending.Id, services.Clock.GetUtcNow())
            ? await SendAsync(limit.Token)
            : new(entry.State, entry.Reason);
    }

    private async Task<End> SendAsync(CancellationToken cancel)
    {
        var answered = new List<NodeAnswer>();
        var submission = chain.Submit(pending, signed, options.Context);
        for (var calls = 0; submission.Next is { } call; calls++)
        {
            if (calls == MostSubmitCalls || cancel.IsCancellationRequested)
            {
                submission = Submission.Done(SubmissionResult.Ambiguous, null, "handing over took too long");
                break;
            }

            var answer = await CallAsync(call, cancel);
            answered.Add(answer);
            submission = submission.After(answer);
        }

        var outcome = submission.Outcome!;
        services.Metrics?.Broadcast(pending.Chain, outcome.Result);
        services.Pauses.Sent(pending.Id, services.Clock.GetUtcNow());
        var end = await JudgeAsync(outcome, answered.Exists(answer => answer.IsRepeated || answer.Status == 0), cancel);
        return end with
        {
            Named = outcome.TransactionId,
            WasSent = true,
            Reason = end.Reason is { } reason ? NodeWords.Shown(reason, signed.Data) : null,
        };
    }

    private async Task<End> JudgeAsync(SubmissionOutcome outcome, bool mayHaveLeft, CancellationToken cancel)
    {
        switch (outcome.Result)
        {
            case SubmissionResult.Accepted:
                return new(JournalState.Accepted, outcome.Reason) { NeedsLook = outcome.Reason is not null };
            case SubmissionResult.Failed:
                return await FailAsync(outcome, cancel);
            case SubmissionResult.Incomplete:
                return await CompleteAsync(cancel, outcome.TransactionId);
            case SubmissionResult.Expired when signed.MayBeOut && IsPast():
                return await ConcludeAsync(JournalDoubt.Expired, cancel);
            case SubmissionResult.Rejected when IsCompletable(outcome.Reason):
                return new(
                    JournalState.Outstanding,
                    $"refused, unproved: {outcome.Reason}, and somebody else can add what it lacks; when you know that "
                    + $"nobody did, say so with: kms journal settle {pending.Id}");
            case SubmissionResult.Rejected when chain.Rules.LookRoute is null:
                return await RejectAsync(Presence.Absent, outcome.Reason, cancel); // its submission has asked the chain
            case SubmissionResult.Rejected when !mayHaveLeft && !signed.MayBeOut:
                return await RejectAsync(await LookAsync(cancel), outcome.Reason, cancel);
            default:
                return new(entry.State, outcome.Reason ?? "no reason");
        }
    }

    /// <summary>
    /// What a node misses is outside the bytes that we signed, and not ours to give: whoever has it can hand them in.
    /// </summary>
    private bool IsCompletable(string? reason) =>
        signed.MayBeCompleted && reason is not null && chain.Rules.Completable.Any(word => NodeWords.Has(reason, word));

    /// <summary>
    /// The words are for good and no copy left before: now the chain's own word, and that of the operator's own node
    /// where there is one.
    /// </summary>
    private async Task<End> RejectAsync(Presence presence, string? reason, CancellationToken cancel)
    {
        if (presence is Presence.Absent
            && services.SecondNodes is { } nodes
            && nodes.Has(pending.Chain)
            && chain.Rules.Second is not null)
        {
            presence = await own.LookAsync(nodes, cancel);
            if (presence is Presence.Absent && chain.Rules.SecondSend is { } send)
            {
                return await SendThereAsync(nodes, send, reason, cancel);
            }
        }

        return presence switch
        {
            Presence.Found => new(JournalState.Accepted, "the chain has it, whatever was answered"),
            Presence.Absent => new(JournalState.Rejected, reason),
            _ => new(JournalState.Outstanding, RefusedUnproved(reason)),
        };
    }

    /// <summary>
    /// A gateway that keeps what it calls refused could hand it over later. So the operator's own node gets it: what it
    /// takes is on its way, and what it
    /// refuses for good, too, is refused.
    /// </summary>
    private async Task<End> SendThereAsync(
        SecondNodes nodes,
        Func<string, NodeCall> send,
        string? reason,
        CancellationToken cancel)
    {
        var answer = await nodes.AskAsync(pending.Chain, send(signed.Data), cancel);
        return (answer is null ? RefusalKind.Unclear : BroadcastAnswer.OwnNode(answer, chain.Rules)) switch
        {
            null => new(JournalState.Accepted, $"the operator's own node took it; the gateway had said: {reason}")
            {
                NeedsLook = true,
            },
            RefusalKind.Permanent => new(
                JournalState.Rejected,
                $"{reason}; the operator's own node says: {BroadcastAnswer.Reason(answer! with { Status = 400 })}"),
            _ => new(JournalState.Outstanding, RefusedUnproved(reason)),
        };
    }

    private string RefusedUnproved(string? reason) =>
        $"refused, unproved: {reason}, and nobody else says that it is not there for good; when you know, say so "
        + $"with: kms journal settle {pending.Id}";

    /// <summary>
    /// In a block and failed there, says the gateway: who paid again on its word alone would pay twice.
    /// </summary>
    private async Task<End> FailAsync(SubmissionOutcome outcome, CancellationToken cancel)
    {
        var answer = services.SecondNodes is { } nodes && chain.Rules.SecondFailure is { } failure
            && outcome.TransactionId is { } transactionId
            ? await nodes.AskAsync(pending.Chain, failure.Ask(transactionId), cancel)
            : null;
        return (answer is null ? null : chain.Rules.SecondFailure!.Failed(answer)) switch
        {
            true => new(JournalState.Rejected, $"{outcome.Reason}, as the operator's own node says, too"),
            false => new(JournalState.Accepted, "the operator's own node has it"),
            null => new(
                JournalState.Outstanding,
                $"failed, unproved: {outcome.Reason}, as the gateway says; when you know, say so with: kms journal "
                + $"settle {pending.Id}"),
        };
    }

    private bool CanLook => chain.Rules.LookRoute is not null && entry.TransactionId is not null;

    private async Task<Presence> LookAsync(CancellationToken cancel)
    {
        if (chain.Rules.LookRoute is not { } route || entry.TransactionId is not { } transactionId)
        {
            return Presence.Unknown; // its submission asks by itself
        }

        var answer = await CallAsync(
            NodeCall.Get(route + Uri.EscapeDataString(transactionId), "the transaction") with
            {
                LargestAnswer = NodeCall.LargeAnswer,
            },
            cancel);
        return BroadcastAnswer.Look(answer, transactionId, chain.Rules);
    }

    /// <summary>Nothing but its own dates and our own clock say that it is past.</summary>
    private bool IsPast() => entry.ValidUntil is { } until && services.Clock.GetUtcNow() > until + Margin;

    private async Task<JournalDoubt> DoubtAsync(Presence presence, CancellationToken cancel)
    {
        if (entry.Doubt is not JournalDoubt.None || presence is not Presence.Absent)
        {
            return presence is Presence.Absent || !CanLook ? entry.Doubt : JournalDoubt.None;
        }

        if (IsPast())
        {
            return JournalDoubt.Expired;
        }

        if (!await IsOvertakenAsync(cancel))
        {
            services.Pauses.ForgetOvertaken(pending.Id);
            return JournalDoubt.None;
        }

        return services.Pauses.OvertakenSince(pending.Id, services.Clock.GetUtcNow()) >= BetweenLooks
            ? JournalDoubt.Replaced
            : JournalDoubt.None;
    }

    private async Task<bool> IsOvertakenAsync(CancellationToken cancel)
    {
        if (chain.Rules.CountRoute is not { } route
            || entry is not { SequenceAccount: { } account, Sequence: { } sequence })
        {
            return false;
        }

        var answer = await CallAsync(
            NodeCall.Get(
                route + account[(account.IndexOf(':', StringComparison.Ordinal) + 1)..], "the account's count"),
            cancel);
        return answer is { IsSuccess: true, Json: { } json } && ulong.TryParse(json.ToString(), out var count)
            && count > sequence;
    }

    /// <summary>
    /// The gateway says that it can never be included: final only when a node of the operator's own does not have it
    /// either.
    /// </summary>
    private async Task<End> ConcludeAsync(JournalDoubt doubt, CancellationToken cancel)
    {
        var state = doubt is JournalDoubt.Expired ? JournalState.Expired : JournalState.Replaced;
        var what = doubt is JournalDoubt.Expired ? "its validity has passed" : "its account's next number is past";
        if (services.SecondNodes is { } nodes)
        {
            switch (await own.ProveAsync(doubt, nodes, cancel))
            {
                case Presence.Found:
                    return new(JournalState.Accepted, "the operator's own node has it");
                case Presence.Absent:
                    return new(state, $"{what}, and neither the gateway nor the operator's own node has it");
            }
        }

        return new(
            JournalState.Outstanding,
            $"{doubt.ToString().ToLowerInvariant()}, unproved: {what} and the gateway says that the chain does not "
            + $"have it; when you know, say so with: kms journal settle {pending.Id}")
        {
            Doubt = doubt,
        };
    }

    /// <summary>It is on its way; the gateway is told, so that it lists it no more.</summary>
    private async Task<End> CompleteAsync(CancellationToken cancel, string? named = null)
    {
        if ((entry.TransactionId ?? named) is not { } transactionId)
        {
            return new(JournalState.Accepted, "sent, but the ledger entry must be completed by hand");
        }

        var answer = await CallAsync(
            new NodeCall("PUT", $"/v3/kms/{pending.Id}/{Uri.EscapeDataString(transactionId)}")
            {
                What = "the completion",
            },
            cancel);
        return answer.IsSuccess
            ? new(JournalState.Accepted, null)
            : new(
                JournalState.Accepted,
                $"sent, but the gateway could not complete the pending entry: {BroadcastAnswer.Reason(answer)}")
            {
                NeedsLook = true,
            };
    }

    private async Task<NodeAnswer> CallAsync(NodeCall call, CancellationToken cancel)
    {
        try
        {
            if (call.Delay > TimeSpan.Zero)
            {
                await Task.Delay(call.Delay, services.Clock, cancel);
            }

            return await services.Gateway.CallAsync(call, cancel);
        }
        catch (OperationCanceledException)
        {
            return new(0, "");
        }
    }
}
