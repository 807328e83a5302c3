using System.Text;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains;

/// <summary>What a gateway's answer to a broadcast proves: unless the node's own words say otherwise, the transaction may be out.</summary>
public static class BroadcastAnswerTests
{
    private static readonly int[] Refusing = [400, 403, 409, 422];
    private static readonly string[] Asking = ["SOL", "FLOW"]; // their submissions ask the chain by themselves

    /// <summary>Words that a transaction whose first answer was lost meets as well.</summary>
    public static TheoryData<string, string> KnownWords() => new()
    {
        { "BTC", "txn-already-in-mempool" }, { "LTC", "txn-already-known" }, { "DOGE", "Transaction already in block chain" }, { "BTC", "Transaction outputs already in utxo set" },
        { "BTC", "bad-txns-inputs-missingorspent" }, { "BCH", "Missing inputs" }, { "BTC", "txn-mempool-conflict" }, { "BTC", "bad-txns-inputs-spent" },
        { "ETH", "already known" }, { "ETH", "nonce too low: next nonce 5, tx nonce 4" }, { "BSC", "replacement transaction underpriced" }, { "MATIC", "nonce too high" },
        { "ETH", "Transaction with the same hash was already imported." }, { "ETH", "Transaction nonce is too low. Try incrementing the nonce." },
        { "ETH", "OldNonce" }, { "ETH", "AlreadyKnown, already known" }, { "ETH", "Known transaction" }, { "ETH", "ALREADY_EXISTS: already known" }, { "KLAY", "known transaction: 0xab" },
        { "VET", "tx rejected: known tx" }, { "TRON", "DUP_TRANSACTION_ERROR" }, { "TRON", "Dup transaction." }, { "TRON", "TRANSACTION_EXPIRATION_ERROR" },
        { "XRP", "tefPAST_SEQ" }, { "XRP", "tefALREADY" }, { "XRP", "tefMAX_LEDGER" }, { "XRP", "terQUEUED" }, { "XRP", "terPRE_SEQ" }, { "XRP", "tecUNFUNDED_PAYMENT" }, { "XRP", "tesSUCCESS" },
        { "XLM", "tx_bad_seq" }, { "XLM", "tx_too_late" }, { "ALGO", "TransactionPool.Remember: transaction already in ledger: AB" },
        { "ALGO", "txn dead: round 10 outside of 1--9" }, { "ADA", "BadInputsUTxO" }, { "ADA", "All inputs are spent. Transaction has probably already been included" },
        { "ADA", "OutsideValidityIntervalUTxO" }, { "EGLD", "lower nonce in transaction" }, { "EGLD", "duplicated transaction" },
        { "BNB", "Invalid sequence. Got 4, expected 5" }, { "BNB", "Tx already exists in cache" },
    };

    public static TheoryData<string, string> PassingWords() => new()
    {
        { "BTC", "66: mempool min fee not met" }, { "BTC", "64: non-final" }, { "BTC", "64: too-long-mempool-chain, too many descendants for tx aa [limit: 25]" }, { "LTC", "mempool full" },
        { "ETH", "txpool is full" }, { "ETH", "max fee per gas less than block base fee: address 0xab, maxFeePerGas: 1, baseFee: 2" }, { "ETH", "insufficient funds for gas * price + value" }, { "BSC", "transaction underpriced" },
        { "XRP", "telINSUF_FEE_P" }, { "XRP", "telCAN_NOT_QUEUE_FULL" }, { "TRON", "NO_CONNECTION" }, { "TRON", Hexadecimal("Server busy") }, { "XLM", "tx_insufficient_fee" },
        { "ALGO", "TransactionPool.Remember: fee 1000 below threshold 1543" }, { "EGLD", "insufficient funds" }, { "VET", "tx rejected: pool is full" }, { "ADA", "mempool is full" }, { "BNB", "insufficient fund. you got 1" },
    };

    public static TheoryData<string, string> PermanentWords() => new()
    {
        { "BTC", "mandatory-script-verify-flag-failed (Signature must be zero)" }, { "DOGE", "64: dust" }, { "BCH", "16: bad-txns-in-belowout" }, { "LTC", "TX decode failed" },
        { "ETH", "invalid sender" }, { "ETH", "intrinsic gas too low: gas 100, minimum needed 21000" }, { "KCS", "only replay-protected (EIP-155) transactions allowed over RPC" }, { "XDC", "oversized data" },
        { "VET", "bad tx: chain tag mismatch" }, { "XRP", "temBAD_FEE" }, { "XRP", "{\"engine_result\":\"temMALFORMED\",\"message\":\"temMALFORMED\"}" }, { "TRON", "SIGERROR" },
        { "TRON", Hexadecimal("Validate signature error: miss sig or contract") }, { "XLM", "tx_bad_auth" }, { "ALGO", "At least one signature didn't pass verification" }, { "EGLD", "invalid signature" },
        { "ADA", "ShelleyTxValidationError (ApplyTxError [UtxowFailure (UtxoFailure (FeeTooSmallUTxO (Coin 1) (Coin 2)))])" }, { "BNB", "tx decode error" },
    };

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Peer.SourceRoot, "tests", "Core", "Chains", "Broadcasts", "broadcast-answers.json")));
        foreach (var group in file.RootElement.EnumerateObject())
        {
            foreach (var item in group.Value.EnumerateArray())
            {
                var answer = item.GetProperty("answer");
                cases.Add(item.GetProperty("chain").GetString()! + (item.GetProperty("expected").GetString() == "final" ? " final" : ""), (answer.TryGetProperty("body", out var body) ? body : answer).GetRawText());
            }
        }

        return cases;
    }

    [Theory, MemberData(nameof(KnownWords))]
    public static void Known_or_overtaken_is_never_a_failure(string chain, string word) => Assert.Equal(SubmissionResult.Ambiguous, Wrapped(chain, word));

    [Theory, MemberData(nameof(PassingWords))]
    public static void What_passes_is_kept(string chain, string word) => Assert.Equal(SubmissionResult.Passing, Wrapped(chain, word));

    [Theory, MemberData(nameof(PermanentWords))]
    public static void Words_of_the_node_that_are_for_good_are_rejections(string chain, string word) => Assert.Equal(SubmissionResult.Rejected, Wrapped(chain, word));

    [Theory, MemberData(nameof(Cases))]
    public static void Answers_that_were_tried(string chain, string body)
    {
        var result = Result(403, body, chain.Split(' ')[0]);
        Assert.Equal(chain.EndsWith("final", StringComparison.Ordinal), result is SubmissionResult.Rejected);
        Assert.NotEqual(SubmissionResult.Accepted, result);
    }

    [Fact]
    public static void A_word_of_one_chain_means_nothing_on_another()
    {
        Assert.Equal(SubmissionResult.Ambiguous, Wrapped("ETH", "temBAD_FEE"));
        Assert.Equal(SubmissionResult.Ambiguous, Wrapped("XRP", "dust"));
        Assert.Equal(SubmissionResult.Ambiguous, Wrapped("BTC", "SIGERROR"));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(100, "{}")]
    [InlineData(302, "{}")]
    [InlineData(401, """{"errorCode":"subscription.invalid","message":"Unable to find valid subscription"}""")]
    [InlineData(401, """{"errorCode":"auth.invalid"}""")]
    [InlineData(402, """{"errorCode":"subscription.exceeded","message":"credits"}""")]
    [InlineData(403, """{"errorCode":"subscription.not.active","message":"dust"}""")]
    [InlineData(403, "<html>request blocked</html>")]
    [InlineData(403, "")]
    [InlineData(403, """{"message":"industry standard"}""")] // dust is a word of its own
    [InlineData(400, "[]")]
    [InlineData(400, """{"errorCode":"validation.failed","message":"txData must be hex"}""")]
    [InlineData(404, """{"message":"Cannot POST /v3/bitcoin/broadcast"}""")]
    [InlineData(408, "{}")]
    [InlineData(413, """{"message":"request entity too large"}""")]
    [InlineData(425, "{}")]
    [InlineData(429, """{"errorCode":"rate.limit","message":"slow down"}""")]
    [InlineData(500, """{"errorCode":"x.broadcast.failed","message":"dust"}""")]
    [InlineData(403, """{"errorCode":"x.broadcast.failed","message":"dust; socket hang up"}""")]
    [InlineData(502, "<html>")]
    [InlineData(599, "")]
    [InlineData(200, "<html>login</html>")]
    [InlineData(200, "[]")]
    [InlineData(200, "")]
    public static void What_does_not_judge_the_transaction_is_ambiguous(int status, string body) => Assert.Equal(SubmissionResult.Ambiguous, Result(status, body, "BTC"));

    [Theory]
    [InlineData("""{"txId":"0xab"}""", "0xab", SubmissionResult.Accepted)]
    [InlineData("""{"txId":"0xab","completed":true}""", "0xab", SubmissionResult.Accepted)]
    [InlineData("""{"txId":"0xab","failed":true}""", "0xab", SubmissionResult.Incomplete)]
    [InlineData("""{"completed":false}""", "known before", SubmissionResult.Incomplete)]
    [InlineData("{}", "known before", SubmissionResult.Accepted)]
    public static void A_2xx_of_JSON_is_taken(string body, string transactionId, SubmissionResult result)
    {
        var outcome = BroadcastAnswer.Classify(new(200, body), "known before", ChainCatalog.Get("ETH").Rules).Outcome!;
        Assert.Equal((result, transactionId), (outcome.Result, outcome.TransactionId));
    }

    [Theory]
    [InlineData(200, """{"hash":"0xAB12"}""", Presence.Found)]
    [InlineData(200, """{"transaction":{"txid":"ab12"}}""", Presence.Found)]
    [InlineData(200, """{"hash":"0xother"}""", Presence.Unknown)]
    [InlineData(200, "{}", Presence.Unknown)]
    [InlineData(200, "null", Presence.Unknown)]
    [InlineData(404, """{"statusCode":404,"message":"Cannot GET"}""", Presence.Absent)]
    [InlineData(404, "<html>", Presence.Unknown)]
    [InlineData(403, """{"errorCode":"tx.not.found","message":"No such transaction."}""", Presence.Absent)]
    [InlineData(403, """{"errorCode":"subscription.invalid","message":"not found"}""", Presence.Unknown)]
    [InlineData(500, """{"errorCode":"tx.not.found"}""", Presence.Unknown)]
    [InlineData(0, "", Presence.Unknown)]
    public static void A_look_finds_only_what_names_the_transaction(int status, string body, Presence expected) =>
        Assert.Equal(expected, BroadcastAnswer.Look(new(status, body), "0xab12", ChainCatalog.Get("ETH").Rules));

    [Fact]
    public static void Every_chain_has_words_and_a_way_to_be_asked()
    {
        foreach (var chain in ChainCatalog.All.Values.Where(chain => !Asking.Contains(chain.Info.Code)))
        {
            Assert.NotEmpty(chain.Rules.Permanent);
            Assert.NotEmpty(chain.Rules.Passing);
            Assert.NotEmpty(chain.Rules.Known);
            Assert.EndsWith("/transaction/", chain.Rules.LookRoute, StringComparison.Ordinal);
        }
    }

    [Fact]
    public static void What_is_shown_is_one_short_line_without_what_was_sent()
    {
        var sent = new string('a', 400);
        var shown = NodeWords.Shown($"bad \u001b[31m\u202e\r\n {sent} {new string('x', 1000)}", sent);
        Assert.True(shown.Length <= NodeWords.Longest);
        Assert.DoesNotContain("aaaa", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(shown, character => char.IsControl(character) || character == '\u202e');
    }

    private static string Hexadecimal(string words) => "Broadcast failed due to " + Convert.ToHexStringLower(Encoding.ASCII.GetBytes(words)) + ".";

    private static SubmissionResult Wrapped(string chain, string word)
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, object> { ["statusCode"] = 403, ["errorCode"] = "x.broadcast.failed", ["message"] = "Unable to broadcast transaction due to " + word });
        var results = Refusing.Select(status => Result(status, body, chain)).Distinct().ToList();
        return Assert.Single(results);
    }

    private static SubmissionResult Result(int status, string body, string chain) => BroadcastAnswer.Classify(new(status, body), null, ChainCatalog.Get(chain).Rules).Outcome!.Result;
}
