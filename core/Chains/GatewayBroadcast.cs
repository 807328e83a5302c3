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
        "already known", "already imported", "known transaction", "already in mempool", "already in block chain", "already in utxo set",
        "txn-already", "nonce too low", "nonce is too low", "underpriced", "already exists", "already been processed", "tefpast_seq",
        "tefalready", "tefmax_ledger", "terqueued", "tx_bad_seq", "bad sequence", "dup_transaction", "duplicate transaction", "already broadcast",
        "missing inputs", "missingorspent", "bad-txns-inputs-spent", "all inputs are spent", "already in ledger", "badinputsutxo",
    ];

    private static readonly FrozenSet<int> TransientStatus = new[] { 0, 408, 425, 429 }.ToFrozenSet();

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
        return TransientStatus.Contains(answer.Status) || answer.Status is < 400 or >= 500
            || AmbiguousWords.Any(word => answer.Body.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? Submission.Done(SubmissionResult.Ambiguous, transactionId, reason)
            : Submission.Done(SubmissionResult.Rejected, transactionId, reason);
    }

    private static string Reason(NodeAnswer answer) => answer.Status == 0
        ? "the gateway did not answer"
        : $"the gateway answered {answer.Status}" + (Text(answer.Json, "errorCode") is { } code && code.Length < 100 ? $" {code}" : "");

    private static string? Text(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String
            ? member.GetString()
            : null;
}
