using System.Collections.Frozen;
using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains;

/// <summary>The usual submission: one POST of the signed transaction to the gateway.</summary>
public sealed record GatewayBroadcast : Submission
{
    private const string OffchainRoute = "/v3/offchain/withdrawal/broadcast";
    private readonly NodeCall call;
    private readonly string? transactionId;

    private GatewayBroadcast(NodeCall call, string? transactionId) => (this.call, this.transactionId) = (call, transactionId);

    /// <inheritdoc/>
    public override NodeCall? Next => call;

    /// <summary>The broadcast of a signed transaction, on chain or (with a withdrawal id, where the chain has it) off chain.</summary>
    /// <param name="chain">The chain's row.</param>
    /// <param name="pending">What was asked.</param>
    /// <param name="signed">What is sent.</param>
    /// <param name="offchainCurrency">Currency name of the off-chain route; the chain's code by default.</param>
    public static GatewayBroadcast Start(ChainInfo chain, PendingTransaction pending, SignedTransaction signed, string? offchainCurrency = null)
    {
        var offchain = chain.OffchainWithdrawals && pending.WithdrawalId is not null;
        var body = CompactJson.Write(json =>
        {
            json.WriteStartObject();
            if (offchain)
            {
                json.WriteString("currency", offchainCurrency ?? chain.Code);
                json.WriteString("signatureId", pending.Id);
                json.WriteString("withdrawalId", pending.WithdrawalId);
                json.WriteString("txData", signed.Data);
            }
            else
            {
                json.WriteString("txData", signed.Data);
                json.WriteString("signatureId", pending.Id);
            }

            json.WriteEndObject();
        });
        return new(NodeCall.Post(offchain ? OffchainRoute : chain.BroadcastRoute, body, "the broadcast"), signed.TransactionId);
    }

    /// <inheritdoc/>
    public override Submission After(NodeAnswer answer) => BroadcastAnswer.Classify(answer, transactionId);
}

/// <summary>What a gateway's answer to a broadcast means.</summary>
public static class BroadcastAnswer
{
    /// <summary>
    /// Words of nodes that say "I have this one already" or "its place is taken", which is also what they say of a
    /// transaction whose first answer was lost: never a proof of failure.
    /// </summary>
    private static readonly string[] AmbiguousWords =
    [
        // Bitcoin and its relatives: known, or the inputs are taken, perhaps by this very transaction
        "already known", "already in mempool", "already in block chain", "already in utxo set", "txn-already", "txn-mempool-conflict", "missing inputs", "missingorspent",
        "bad-txns-inputs-spent",
        // EVM nodes of every make, VeChain, Klaytn, Celo
        "already imported", "known transaction", "known tx", "nonce too low", "nonce is too low", "lower nonce", "oldnonce", "nonce too high", "invalid nonce", "underpriced",
        "already exists", "already pending", "already_exists",
        // Solana, TRON, MultiversX, Beacon Chain
        "already been processed", "dup_transaction", "dup transaction", "duplicate transaction", "duplicated transaction", "transaction_expiration", "invalid sequence",
        "already broadcast", "already in pool",
        // XRP Ledger: past, queued or for later
        "tefpast_seq", "tefalready", "tefmax_ledger", "terqueued", "terpre_seq", "telcan_not_queue", "telinsuf_fee",
        // Stellar
        "tx_bad_seq", "bad sequence", "tx_too_late", "tx_too_early", "try_again_later",
        // Algorand, Cardano: in the ledger already, or its time is over, perhaps because it is in
        "already in ledger", "txn dead", "overlapping lease", "badinputsutxo", "all inputs are spent", "outsidevalidityinterval",
    ];

    /// <summary>What speaks of the request, the plan or the key, and not of the transaction.</summary>
    private static readonly FrozenSet<int> TransientStatus = new[] { 0, 401, 402, 404, 405, 407, 408, 411, 413, 421, 423, 425, 426, 429 }.ToFrozenSet();

    private static readonly string[] AccountErrors = ["subscription", "auth", "credit", "rate.limit", "throttl"];

    /// <summary>Accepted for 2xx with a transaction id; ambiguous when the transaction may yet be, or already is, on the chain; else rejected.</summary>
    public static Submission Classify(NodeAnswer answer, string? transactionId)
    {
        if (answer.IsSuccess)
        {
            var named = Text(answer.Json, "txId");
            return answer.Json is { } json && json.ValueKind is JsonValueKind.Object && json.TryGetProperty("completed", out var completed)
                && completed.ValueKind is JsonValueKind.False
                ? Submission.Done(SubmissionResult.Accepted, named ?? transactionId, "sent, but the ledger entry must be completed by hand")
                : answer.Json is null
                    ? Submission.Done(SubmissionResult.Ambiguous, transactionId, "the gateway's answer is not JSON")
                    : Submission.Done(SubmissionResult.Accepted, named ?? transactionId);
        }

        var reason = Reason(answer);
        return TransientStatus.Contains(answer.Status) || answer.Status is < 400 or >= 500 || !JudgesTransaction(answer)
            || AmbiguousWords.Any(word => answer.Body.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? Submission.Done(SubmissionResult.Ambiguous, transactionId, reason)
            : Submission.Done(SubmissionResult.Rejected, transactionId, reason);
    }

    /// <summary>Whether it is the gateway's own error about the transaction: a proxy's page or an error of the account rejects nothing.</summary>
    private static bool JudgesTransaction(NodeAnswer answer) =>
        answer.Json is { ValueKind: JsonValueKind.Object } json && (Text(json, "errorCode") ?? Text(json, "message")) is not null
        && !AccountErrors.Any(word => Text(json, "errorCode")?.StartsWith(word, StringComparison.OrdinalIgnoreCase) is true);

    private static string Reason(NodeAnswer answer) => answer.Status == 0
        ? "the gateway did not answer"
        : $"the gateway answered {answer.Status}" + (Text(answer.Json, "errorCode") is { } code && code.Length < 100 ? $" {code}" : "");

    private static string? Text(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String
            ? member.GetString()
            : null;
}
