using KmsCloud.Codecs;

namespace KmsCloud.Chains.Flow;

/// <summary>
/// Fetch the gateway's two signatures, submit, wait until sealed, free the proposal key, tell the gateway. May run
/// again with
/// the same journalled payload: its sequence number can be used only once, so no second payment comes of it. A new
/// payload
/// may be signed only when this one can no longer be included, nobody knows it, and its sequence number was never used.
/// </summary>
internal sealed record FlowSubmission : Submission
{
    private const int Tries = 30;
    private const int LongestPause = 3; // seconds
    private const ulong ExpiryBlocks = 600;
    private const ulong Margin = 200; // blocks more, for nodes and sealing that lag

    // of flow-go's access node (access/validator)
    private static readonly string[] OfThePayload =
        ["failed to parse transaction Cadence script", "transaction gas limit", "transaction byte size"];

    private readonly PendingTransaction pending;
    private readonly FlowSigned signed;
    private readonly string route;

    private FlowSubmission(PendingTransaction pending, FlowSigned signed, string route) =>
        (this.pending, this.signed, this.route) = (pending, signed, route);

    private enum Step
    {
        /// <summary>The proposer's signature over the payload.</summary>
        SignPayload,

        /// <summary>The payer's signature over the envelope.</summary>
        SignEnvelope,

        /// <summary>Hand it to the access node.</summary>
        Send,

        /// <summary>Ask for its result, several times.</summary>
        Confirm,

        /// <summary>Ask for its result once, after the node refused it.</summary>
        AskAfterRefusal,

        /// <summary>Ask how far the chain is.</summary>
        Height,

        /// <summary>Ask whether its sequence number was used.</summary>
        Sequence,

        /// <summary>Ask for its result once more, after its last block has passed.</summary>
        AskAfterEnd,

        /// <summary>Free the proposal key.</summary>
        Free,

        /// <summary>Tell the gateway that the pending transaction is done.</summary>
        Tell,
    }

    private Step Now { get; init; }

    private int Attempt { get; init; }

    private FlowSignature? ProposerSignature { get; init; }

    private FlowSignature? PayerSignature { get; init; }

    /// <summary>What went wrong on the way, and how it ends unless the chain tells otherwise.</summary>
    private (SubmissionResult Result, string Reason)? End { get; init; }

    /// <summary>
    /// A copy was sent before, perhaps under another id: a refusal of this one says nothing about that one.
    /// </summary>
    private bool MayBeOut { get; init; }

    /// <summary>Whether the chain has it.</summary>
    private bool IsIncluded { get; init; }

    private FlowPayload Payload => signed.Payload;

    private IReadOnlyList<FlowSignature> PayloadSignatures =>
        [ProposerSignature!, new(Payload.Authorizer, signed.Signature)];

    private string? Id => PayerSignature is null ? null : Payload.Id(PayloadSignatures, PayerSignature);

    /// <inheritdoc/>
    public override NodeCall Next => Now switch
    {
        Step.SignPayload => FlowCalls.Sign(Payload.Message(), isPayer: false),
        Step.SignEnvelope => FlowCalls.Sign(Payload.EnvelopeMessage(PayloadSignatures), isPayer: true),
        Step.Send => FlowCalls.Send(Payload.ToJson(PayloadSignatures, PayerSignature!)),
        Step.Confirm => FlowCalls.Result(Id!) with { Delay = TimeSpan.FromSeconds(Math.Min(Attempt, LongestPause)) },
        Step.AskAfterRefusal or Step.AskAfterEnd => FlowCalls.Result(Id!),
        Step.Height => FlowCalls.FinalBlock,
        Step.Sequence => FlowCalls.Account(Payload.Proposer.Address, "sealed"),
        Step.Free => Broadcast(json => json.WriteNumber("proposalKey", Payload.Proposer.KeyId), IsIncluded ? Id! : ""),
        _ => Broadcast(json => json.WriteString("signatureId", pending.Id), Id!),
    };

    /// <summary>The submission of a journalled transaction, for the first time or again.</summary>
    public static FlowSubmission Start(ChainInfo chain, PendingTransaction pending, SignedTransaction transaction) =>
        new(pending, FlowSigned.Read(transaction.Data), chain.BroadcastRoute) { MayBeOut = transaction.MayBeOut };

    /// <inheritdoc/>
    public override Submission After(NodeAnswer answer) => Now switch
    {
        Step.SignPayload => FlowCalls.Signature(answer.Json) is { } signature && answer.IsSuccess
            ? this with { Now = Step.SignEnvelope, ProposerSignature = new(Payload.Proposer, signature) }
            : ToEnd($"the gateway did not sign as proposer: it answered {answer.Status}"),
        Step.SignEnvelope => FlowCalls.Signature(answer.Json) is { } signature && answer.IsSuccess
            ? this with { Now = Step.Send, PayerSignature = new(Payload.Payer, signature) }
            : ToEnd($"the gateway did not sign as payer: it answered {answer.Status}"),
        Step.Send => answer.Status == 400 // the access node's no; every other 4xx may be somebody's between
            ? this with
            {
                Now = Step.AskAfterRefusal,
                MayBeOut = MayBeOut || answer.IsRepeated,
                End = (
                    IsOfThePayload(answer) ? SubmissionResult.Rejected : SubmissionResult.Ambiguous,
                    $"Flow's access node refused the transaction: {BroadcastAnswer.Reason(answer)}"),
            }
            : this with { Now = Step.Confirm, Attempt = 1 },
        Step.Confirm => AfterResult(answer) ?? (Attempt < Tries
            ? this with { Attempt = Attempt + 1 }
            : ToEnd("the chain does not show the transaction as sealed yet")),
        Step.AskAfterRefusal => AfterResult(answer) ?? AfterRefusal(answer),
        Step.Height => FlowCalls.Block(answer.Json) is { } block ? AfterHeight(block.Height) : Ambiguous(),
        Step.Sequence => AfterSequence(answer),
        Step.AskAfterEnd => AfterResult(answer) ?? (IsUnknown(answer) ? Expired() : Ambiguous()),
        Step.Free => End is { } end
            ? Done(end.Result, Id, end.Reason)
            : this with { Now = Step.Tell }, // whether the key is free concerns the gateway alone
        _ => answer.IsSuccess
            ? Done(SubmissionResult.Accepted, Id)
            : Done(
                SubmissionResult.Ambiguous,
                Id,
                $"on the chain, but the gateway could not be told: it answered {answer.Status}"),
    };

    /// <summary>
    /// Whether the node refuses what we signed. Signatures of proposer and payer, and what the payer holds, are the
    /// gateway's: it can make them right later, and has our signature.
    /// </summary>
    private static bool IsOfThePayload(NodeAnswer answer) =>
        NodeWords.Of(answer) is var words && OfThePayload.Any(word => NodeWords.Has(words, word));

    private static bool IsUnknown(NodeAnswer answer) =>
        answer.Status == 404 || FlowCalls.Outcome(answer.Json) is { Status: "Expired" or "Unknown" or "" };

    // null while the chain does not say
    private Submission? AfterResult(NodeAnswer answer) => answer.IsSuccess ? FlowCalls.Outcome(answer.Json) switch
    {
        ("Sealed", "") => this with { Now = Step.Free, IsIncluded = true, End = null },
        ("Sealed", var error) => IsUsedSequence(error)
            // then the payload was executed before, under signatures of the gateway that made another id
            ? Done(
                SubmissionResult.Ambiguous,
                Id,
                "its sequence number was used before: look at the account before it is released")
            : this with
            {
                Now = Step.Free,
                IsIncluded = true,
                End = (SubmissionResult.Failed, "the script failed on the chain"),
            },
        ("Expired", _) when Now is Step.Confirm => ToEnd("the chain says that the transaction expired"),
        _ => null,
    } : null;

    private FlowSubmission AfterRefusal(NodeAnswer answer) => FlowCalls.Outcome(answer.Json) switch
    {
        ("Pending" or "Finalized" or "Executed", _) => this with { Now = Step.Confirm, Attempt = 1, End = null },
        null when answer.Status is < 400 or >= 500 or 408 or 425 or 429 =>
            ToEnd($"{End!.Value.Reason}; whether the chain has it all the same is not known"),
        _ => this with { Now = Step.Height },
    };

    // a node also refuses what has expired: only of one that was never sent before and could still be included the
    // refusal is the last word
    private Submission AfterHeight(ulong height) => height > Payload.ReferenceHeight + ExpiryBlocks + Margin
        ? this with { Now = Step.Sequence }
        : End is { Result: SubmissionResult.Rejected } && !MayBeOut
            && height + Margin < Payload.ReferenceHeight + ExpiryBlocks
            ? this with { Now = Step.Free }
            : Ambiguous();

    private Submission AfterSequence(NodeAnswer answer)
    {
        if (FlowCalls.SequenceNumber(answer.Json, Payload.Proposer.KeyId) is not { } current)
        {
            return Ambiguous();
        }

        if (current != Payload.SequenceNumber)
        {
            return Done(
                SubmissionResult.Ambiguous,
                Id,
                "its sequence number was used, perhaps by it: look at the account before it is released");
        }

        return Id is null ? Expired() : this with { Now = Step.AskAfterEnd };
    }

    private static bool IsUsedSequence(string error) =>
        error.Contains("Error Code: 1007", StringComparison.OrdinalIgnoreCase)
            || error.Contains("sequence number", StringComparison.OrdinalIgnoreCase);

    private FlowSubmission ToEnd(string reason) =>
        this with { Now = Step.Height, End = (SubmissionResult.Ambiguous, reason) };

    private Submission Ambiguous() =>
        Done(SubmissionResult.Ambiguous, Id, End?.Reason ?? "whether the chain has it is not known");

    private static Submission Expired() =>
        Done(
            SubmissionResult.Expired,
            null,
            "600 blocks have passed since its reference block, the chain does not have it, and its sequence number is "
            + "unused");

    private NodeCall Broadcast(Action<System.Text.Json.Utf8JsonWriter> member, string id) => NodeCall.Post(
        route,
        CompactJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("txData", id);
            member(json);
            json.WriteEndObject();
        }),
        "the report of the transaction's id");
}
