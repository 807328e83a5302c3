using KmsCloud.Chains;

namespace KmsCloud.Tests.Chains;

/// <summary>What a gateway's answer to a broadcast proves.</summary>
public static class BroadcastAnswerTests
{
    /// <summary>Words of nodes, by family, that a transaction whose first answer was lost meets as well.</summary>
    public static TheoryData<string, string> Words() => new()
    {
        { "Bitcoin", "txn-already-in-mempool" }, { "Bitcoin", "txn-already-known" }, { "Bitcoin", "Transaction already in block chain" }, { "Bitcoin", "Transaction outputs already in utxo set" },
        { "Bitcoin", "bad-txns-inputs-missingorspent" }, { "Bitcoin", "Missing inputs" }, { "Bitcoin", "txn-mempool-conflict" }, { "Bitcoin", "bad-txns-inputs-spent" },
        { "Geth", "already known" }, { "Geth", "nonce too low: next nonce 5, tx nonce 4" }, { "Geth", "replacement transaction underpriced" }, { "Geth", "nonce too high" },
        { "OpenEthereum", "Transaction with the same hash was already imported." }, { "OpenEthereum", "Transaction nonce is too low. Try incrementing the nonce." },
        { "Nethermind", "OldNonce" }, { "Nethermind", "AlreadyKnown, already known" }, { "Besu", "Known transaction" }, { "Erigon", "ALREADY_EXISTS: already known" }, { "Klaytn", "known transaction: 0xab" },
        { "VeChain", "tx rejected: known tx" }, { "TRON", "DUP_TRANSACTION_ERROR" }, { "TRON", "Dup transaction." }, { "TRON", "TRANSACTION_EXPIRATION_ERROR" },
        { "XRP", "tefPAST_SEQ" }, { "XRP", "tefALREADY" }, { "XRP", "tefMAX_LEDGER" }, { "XRP", "terQUEUED" }, { "XRP", "terPRE_SEQ" }, { "XRP", "telCAN_NOT_QUEUE" }, { "XRP", "telINSUF_FEE_P" },
        { "Stellar", "tx_bad_seq" }, { "Stellar", "tx_too_late" }, { "Stellar", "TRY_AGAIN_LATER" }, { "Algorand", "TransactionPool.Remember: transaction already in ledger: AB" },
        { "Algorand", "txn dead: round 10 outside of 1--9" }, { "Cardano", "BadInputsUTxO" }, { "Cardano", "All inputs are spent. Transaction has probably already been included" },
        { "Cardano", "OutsideValidityIntervalUTxO" }, { "Solana", "This transaction has already been processed" }, { "MultiversX", "lower nonce in transaction" }, { "MultiversX", "duplicated transaction" },
        { "Beacon Chain", "Invalid sequence. Got 4, expected 5" }, { "Beacon Chain", "Tx already exists in cache" },
    };

    [Theory, MemberData(nameof(Words))]
    public static void Known_or_overtaken_is_never_a_failure(string family, string word)
    {
        foreach (var status in new[] { 400, 403, 409, 422 })
        {
            Assert.True(Result(status, $$"""{"statusCode":{{status}},"errorCode":"x.broadcast.failed","message":"Unable to broadcast: {{word}}"}""") is SubmissionResult.Ambiguous, family);
        }
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(100, "{}")]
    [InlineData(302, "{}")]
    [InlineData(401, """{"errorCode":"subscription.invalid","message":"Unable to find valid subscription"}""")]
    [InlineData(401, """{"errorCode":"auth.invalid"}""")]
    [InlineData(402, """{"errorCode":"subscription.exceeded","message":"credits"}""")]
    [InlineData(403, """{"errorCode":"subscription.not.active","message":"Subscription is not active anymore."}""")]
    [InlineData(403, "<html>request blocked</html>")]
    [InlineData(403, "")]
    [InlineData(400, "[]")]
    [InlineData(404, """{"message":"Cannot POST /v3/bitcoin/broadcast"}""")]
    [InlineData(408, "{}")]
    [InlineData(413, """{"message":"request entity too large"}""")]
    [InlineData(425, "{}")]
    [InlineData(429, """{"errorCode":"rate.limit","message":"slow down"}""")]
    [InlineData(500, """{"errorCode":"x.broadcast.failed"}""")]
    [InlineData(502, "<html>")]
    [InlineData(599, "")]
    [InlineData(200, "<html>login</html>")]
    [InlineData(200, "")]
    public static void What_does_not_judge_the_transaction_is_ambiguous(int status, string body) =>
        Assert.Equal(SubmissionResult.Ambiguous, Result(status, body));

    [Theory]
    [InlineData(403, """{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"insufficient funds for gas * price + value"}""")]
    [InlineData(403, """{"errorCode":"bitcoin.broadcast.failed","message":"dust"}""")]
    [InlineData(400, """{"errorCode":"validation.failed","message":"txData must be hex"}""")]
    [InlineData(403, """{"message":"tecUNFUNDED_PAYMENT"}""")]
    public static void The_gateways_own_no_is_final(int status, string body) => Assert.Equal(SubmissionResult.Rejected, Result(status, body));

    [Theory]
    [InlineData("""{"txId":"0xab"}""", "0xab")]
    [InlineData("""{"txId":"0xab","completed":true}""", "0xab")]
    [InlineData("""{"completed":false}""", "known before")]
    [InlineData("{}", "known before")]
    public static void A_2xx_of_JSON_is_taken(string body, string transactionId)
    {
        var outcome = BroadcastAnswer.Classify(new(200, body), "known before").Outcome!;
        Assert.Equal((SubmissionResult.Accepted, transactionId), (outcome.Result, outcome.TransactionId));
    }

    private static SubmissionResult Result(int status, string body) => BroadcastAnswer.Classify(new(status, body), null).Outcome!.Result;
}
