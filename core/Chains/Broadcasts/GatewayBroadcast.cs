using KmsCloud.Codecs;

namespace KmsCloud.Chains;

/// <summary>The usual submission: one POST of the signed transaction to the gateway.</summary>
internal sealed record GatewayBroadcast : Submission
{
    private const string OffchainRoute = "/v3/offchain/withdrawal/broadcast";
    private readonly NodeCall call;
    private readonly string? transactionId;
    private readonly BroadcastRules rules;

    private GatewayBroadcast(NodeCall call, string? transactionId, BroadcastRules rules)
    {
        this.call = call;
        this.transactionId = transactionId;
        this.rules = rules;
    }

    /// <inheritdoc/>
    public override NodeCall? Next => call;

    /// <summary>
    /// The broadcast of a signed transaction, on chain or (with a withdrawal id, where the chain has it) off chain.
    /// </summary>
    /// <param name="chain">The chain's row.</param>
    /// <param name="rules">What its nodes' words mean.</param>
    /// <param name="pending">What was asked.</param>
    /// <param name="signed">What is sent.</param>
    /// <param name="offchainCurrency">Currency name of the off-chain route; the chain's code by default.</param>
    public static GatewayBroadcast Start(
        ChainInfo chain,
        BroadcastRules rules,
        PendingTransaction pending,
        SignedTransaction signed,
        string? offchainCurrency = null)
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
        return new(
            NodeCall.Post(offchain ? OffchainRoute : chain.BroadcastRoute, body, "the broadcast"),
            signed.TransactionId,
            rules);
    }

    /// <inheritdoc/>
    public override Submission After(NodeAnswer answer) => BroadcastAnswer.Classify(answer, transactionId, rules);
}
