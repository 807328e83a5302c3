using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Solana;

/// <summary>What the journal keeps of a signed transaction.</summary>
/// <param name="Wire">Base64 of signatures and message.</param>
/// <param name="TransactionId">Base58 of the first signature.</param>
/// <param name="LastValidBlockHeight">Last block it can be in; null with a durable nonce, which does not end.</param>
internal sealed record SolanaSigned(string Wire, string TransactionId, ulong? LastValidBlockHeight)
{
    private const int SignatureSize = 64;

    public string Write() => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("wire", Wire);
        json.WriteString("txId", TransactionId);
        if (LastValidBlockHeight is { } height)
        {
            json.WriteNumber("lastValidBlockHeight", height);
        }

        json.WriteEndObject();
    });

    /// <summary>Base58 of the blockhash in its message.</summary>
    public string Blockhash
    {
        get
        {
            var wire = Convert.FromBase64String(Wire);
            // fewer than 128 signatures fit into a packet
            return new SolanaMessage(wire[(1 + (wire[0] * SignatureSize))..]).Blockhash;
        }
    }

    public static SolanaSigned Read(string data)
    {
        var json = new StrictObject(
            StrictJson.Parse(data, "the journal's Solana transaction"), "the journal's Solana transaction");
        ulong? height = json.Optional("lastValidBlockHeight") is { } value && value.TryGetUInt64(out var number)
            ? number
            : null;
        return new(json.String("wire"), json.String("txId"), height);
    }
}

/// <summary>
/// Send, wait until the chain has it, tell the gateway. The same bytes may be sent any number of times, since a node
/// takes
/// a transaction once; only when its last block is behind us and nobody knows it, a new one may be signed.
/// </summary>
internal sealed record SolanaSubmission : Submission
{
    private const int Tries = 9; // waiting 1 to 9 seconds, as tatum-kms does
    private const ulong Margin = 150; // blocks more than needed, for nodes that lag behind the one we asked

    private readonly PendingTransaction pending;
    private readonly SolanaSigned signed;
    private readonly string route;
    private readonly Step step;
    private readonly int attempt;
    private readonly string? refusal;

    private SolanaSubmission(
        PendingTransaction pending,
        SolanaSigned signed,
        string route,
        Step step,
        int attempt = 0,
        string? refusal = null) =>
        (
            this.pending,
            this.signed,
            this.route,
            this.step,
            this.attempt,
            this.refusal) = (pending, signed, route, step, attempt, refusal);

    /// <summary>
    /// A copy was sent before: a refusal of this one is the last word only once the other can no longer be included.
    /// </summary>
    private bool MayBeOut { get; init; }

    /// <summary>
    /// The refusal is of a kind that any proxy can say: only the chain's own word makes it the last one.
    /// </summary>
    private bool IsProxyWord { get; init; }

    private enum Step
    {
        /// <summary>Ask whether the chain has it, before a copy is sent.</summary>
        AskFirst,

        /// <summary>Hand it to a node.</summary>
        Send,

        /// <summary>Ask whether the chain has it, several times.</summary>
        Confirm,

        /// <summary>Ask once, after the node refused it.</summary>
        AskAfterRefusal,

        /// <summary>Ask how far the chain is.</summary>
        Height,

        /// <summary>Ask once more, after its last block has passed.</summary>
        AskAfterEnd,

        /// <summary>Tell the gateway.</summary>
        Tell,
    }

    /// <inheritdoc/>
    public override NodeCall Next => step switch
    {
        Step.Send => SolanaRpc.Send(signed.Wire),
        Step.Confirm => SolanaRpc.Transaction(signed.TransactionId) with { Delay = TimeSpan.FromSeconds(attempt) },
        Step.AskFirst or Step.AskAfterRefusal or Step.AskAfterEnd => SolanaRpc.Transaction(signed.TransactionId),
        Step.Height => SolanaRpc.BlockHeight,
        _ => Tell(),
    };

    /// <summary>The submission of a journalled transaction, for the first time or again.</summary>
    public static SolanaSubmission Start(ChainInfo chain, PendingTransaction pending, SignedTransaction transaction) =>
        new(
            pending,
            SolanaSigned.Read(transaction.Data),
            chain.BroadcastRoute,
            transaction.MayBeOut ? Step.AskFirst : Step.Send)
        {
            MayBeOut = transaction.MayBeOut,
        };

    /// <inheritdoc/>
    public override Submission After(NodeAnswer answer) => step switch
    {
        Step.AskFirst => Included(answer) ?? At(Step.Send),
        Step.Send => AfterSend(answer),
        Step.Confirm => Included(answer)
            ?? (attempt < Tries ? At(Step.Confirm, attempt + 1) : AtEnd("the chain does not show the transaction yet")),
        Step.AskAfterRefusal => Included(answer) ?? AfterRefusal(answer),
        Step.Height => IsPast(answer)
            ? At(Step.AskAfterEnd)
            : Done(SubmissionResult.Ambiguous, signed.TransactionId, refusal),
        // the chain's own word alone: what is released is signed afresh
        Step.AskAfterEnd => Included(answer) ?? (SolanaRpc.IsNull(answer.Json)
            ? Done(
                SubmissionResult.Expired,
                signed.TransactionId,
                "its last valid block has passed and the chain does not have it")
            : Done(SubmissionResult.Ambiguous, signed.TransactionId, "whether the chain has it is not known")),
        _ => answer.IsSuccess
            ? Done(SubmissionResult.Accepted, signed.TransactionId)
            : Done(
                SubmissionResult.Ambiguous,
                signed.TransactionId,
                $"on the chain, but the gateway could not be told: it answered {answer.Status}"),
    };

    private Submission AfterSend(NodeAnswer answer)
    {
        if (SolanaRpc.Error(answer.Json) is not { } code)
        {
            return answer.Status is >= 400 and < 500
                ? AtEnd($"the gateway answered {answer.Status}") // speaks of the key or the plan: only a node's own error judges the transaction
                : At(Step.Confirm, 1); // taken, or nobody knows: both ways the chain tells
        }

        return code switch
        {
            _ when answer.Body.Contains("already been processed", StringComparison.OrdinalIgnoreCase)
                || answer.Body.Contains("AlreadyProcessed", StringComparison.OrdinalIgnoreCase) => At(Step.Confirm, 1),
            _ when answer.Body.Contains("BlockhashNotFound", StringComparison.OrdinalIgnoreCase)
                || answer.Body.Contains("Blockhash not found", StringComparison.OrdinalIgnoreCase) =>
                    AtEnd("the node does not know the blockhash"),
            // a simulation that failed now may not fail later
            -32002 => At(Step.AskAfterRefusal, because: NodeWords.Of(answer)) with { MayBeOut = true },
            -32003 or -32013 or (>= -32602 and <= -32600) =>
                At(Step.AskAfterRefusal, because: $"the Solana node refused the transaction with error {code}") with
                {
                    MayBeOut = MayBeOut || answer.IsRepeated,
                    IsProxyWord = code is not (-32003 or -32013), // JSON-RPC's own errors are not about the transaction
                },
            _ => At(Step.Confirm, 1), // an unhealthy node or one that lags
        };
    }

    private Submission AfterRefusal(NodeAnswer answer)
    {
        // the node itself had refused it, and nobody can show it
        var isAbsent = SolanaRpc.IsNull(answer.Json) || (!IsProxyWord && answer.Status is (400 or 404));
        if (!isAbsent)
        {
            return Done(
                SubmissionResult.Ambiguous,
                signed.TransactionId,
                $"{refusal}; whether the chain has it all the same is not known");
        }

        return MayBeOut ? AtEnd(refusal!) : Done(SubmissionResult.Rejected, signed.TransactionId, refusal);
    }

    // null when the chain does not show it
    private Submission? Included(NodeAnswer answer)
    {
        if (SolanaRpc.Result(answer.Json) is not { ValueKind: JsonValueKind.Object } transaction
            || !transaction.TryGetProperty("meta", out var meta) || meta.ValueKind is not JsonValueKind.Object
            || !meta.TryGetProperty("err", out var error))
        {
            return null;
        }

        return error.ValueKind is JsonValueKind.Null
            ? At(Step.Tell)
            : Done(
                SubmissionResult.Failed,
                signed.TransactionId,
                "the chain took the transaction's fee, but executing it failed");
    }

    private Submission AtEnd(string reason) => signed.LastValidBlockHeight is null
        ? Done(SubmissionResult.Ambiguous, signed.TransactionId, reason)
        : At(Step.Height, because: reason);

    private bool IsPast(NodeAnswer answer) =>
        SolanaRpc.Result(answer.Json) is { ValueKind: JsonValueKind.Number } result
            && result.TryGetUInt64(out var height)
        && height > Margin && height - Margin > signed.LastValidBlockHeight;

    private NodeCall Tell() => NodeCall.Post(
        route,
        CompactJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("txData", signed.TransactionId);
            json.WriteString("signatureId", pending.Id);
            json.WriteEndObject();
        }),
        "the report of the transaction's id");

    private SolanaSubmission At(Step next, int attempt = 0, string? because = null) =>
        new(pending, signed, route, next, attempt, because ?? refusal)
        {
            MayBeOut = MayBeOut,
            IsProxyWord = IsProxyWord,
        };
}
