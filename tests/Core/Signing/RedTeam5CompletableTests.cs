using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Chains.Algorand;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>
/// The node's words are honest, and still not the last: what it lacks, another's signature or the rest of its group, somebody
/// else can add to the bytes that we signed. An input that a request calls ours and is not makes a node refuse it, until its
/// owner signs it.
/// </summary>
public sealed class RedTeam5CompletableTests : OwnNodeWorld
{
    private const string Script = "mandatory-script-verify-flag-failed (Signature must be zero)";
    private const string Witness = "ApplyTxError [UtxowFailure (MissingVKeyWitnessesUTXOW (KeyHash 1))]";

    [Theory]
    [InlineData("BTC", "two-inputs-two-keys-hashes-in-reverse-order", Script)]
    [InlineData("LTC", "legacy-segwit-and-nested-inputs", Script)]
    [InlineData("ADA", "two-inputs-one-address", Witness)]
    [InlineData("XLM", "payment-native", "tx_bad_auth")]
    [InlineData("XLM", "payment-native", "tx_bad_auth_extra")]
    [InlineData("TRON", "permission-id", "SIGERROR")]
    [InlineData("ALGO", "payment in a group", "txgroup had 0 in fees, which is less than the minimum 1 * 1000")]
    public async Task What_somebody_else_can_complete_may_be_out(string chain, string vector, string words)
    {
        await RunAsync(chain, vector, words);
        Assert.Equal("heard", Events()[^1]);
        Assert.Empty(World.Reports);
    }

    [Theory]
    [InlineData("BTC", "p2wpkh-one-input-change", Script)] // nobody else has a part in it
    [InlineData("BTC", "two-inputs-two-keys-hashes-in-reverse-order", "dust")]
    [InlineData("ADA", "mnemonic-index-0", Witness)]
    [InlineData("ADA", "two-inputs-one-address", "ApplyTxError [UtxowFailure (UtxoFailure (FeeTooSmallUTxO (Coin 1) (Coin 2)))]")]
    [InlineData("XLM", "payment-native", "tx_malformed")]
    [InlineData("TRON", "trx-transfer", "SIGERROR")]
    [InlineData("TRON", "permission-id", "TOO_BIG_TRANSACTION_ERROR")]
    [InlineData("ALGO", "payment", "txgroup had 0 in fees, which is less than the minimum 1 * 1000")]
    public async Task What_nobody_can_complete_is_refused(string chain, string vector, string words)
    {
        await RunAsync(chain, vector, words);
        Assert.Equal("rejected", Events()[^1]);
        Assert.NotEmpty(World.Reports);
    }

    private async Task RunAsync(string chain, string vector, string words)
    {
        using var node = new LoopbackServer(request => Node(request, words));
        World.Add(chain, vector.Split(' ')[0], vector.EndsWith("group", StringComparison.Ordinal) ? Grouped : null);
        World.OnBroadcast = _ => new(403, JsonSerializer.Serialize(new { statusCode = 403, errorCode = "broadcast.failed", message = words }));
        World.OnAny = request => request.Path.Contains("/transaction/", StringComparison.Ordinal) && request.Method == "GET"
            ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""")
            : null;
        Clock.Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_010); // before the TRON vectors' expiration
        await RunAsync(chain, node.Url, cycles: 1);
    }

    private static JsonObject Grouped(JsonObject pending)
    {
        var transaction = JsonNode.Parse((string)pending["serializedTransaction"]!)!.AsObject();
        transaction["group"] = AlgorandJsonOf.Buffer([.. Enumerable.Repeat((byte)7, 32)]);
        transaction["fee"] = 0;
        pending["serializedTransaction"] = transaction.ToJsonString();
        return pending;
    }

    /// <summary>The operator's own node, which says the same.</summary>
    private static Reply Node(Received request, string words)
    {
        if (request.Path == "/wallet/gettransactionbyid")
        {
            return new(200, "{}");
        }

        if (request.Path == "/wallet/broadcasttransaction")
        {
            return new(200, JsonSerializer.Serialize(new { code = words, message = words }));
        }

        if (request.Method == "GET")
        {
            return new(404, """{"status":404}""");
        }

        return Rpc(request) == "sendrawtransaction"
            ? new(500, JsonSerializer.Serialize(new { result = (string?)null, error = new { code = -26, message = words } }))
            : new(500, """{"result":null,"error":{"code":-5,"message":"No such mempool or blockchain transaction."}}""");
    }
}
