using System.Text.Json;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>The gateway keeps the bytes and says that they are refused for good: with an own node that node decides, by being handed them.</summary>
public sealed class OwnNodeRefusalTests : OwnNodeWorld
{
    private readonly List<string> sent = [];

    [Theory]
    [InlineData("ETH", "token-transfer-nonce-gas-price-missing", "invalid sender", """{"result":"0xaa"}""", "accepted")]
    [InlineData("ETH", "token-transfer-nonce-gas-price-missing", "invalid sender", """{"error":{"code":-32000,"message":"invalid sender"}}""", "rejected")]
    [InlineData("ETH", "token-transfer-nonce-gas-price-missing", "invalid sender", """{"error":{"code":-32000,"message":"already known"}}""", "heard")]
    [InlineData("ETH", "token-transfer-nonce-gas-price-missing", "invalid sender", """{"error":{"code":-32000,"message":"header not found"}}""", "heard")]
    [InlineData("ETH", "token-transfer-nonce-gas-price-missing", "invalid sender", "gone", "heard")]
    [InlineData("BTC", "p2wpkh-one-input-change", "mandatory-script-verify-flag-failed", """{"result":"aa","error":null}""", "accepted")]
    [InlineData("BTC", "p2wpkh-one-input-change", "mandatory-script-verify-flag-failed", """{"result":null,"error":{"code":-26,"message":"mandatory-script-verify-flag-failed (Signature must be zero)"}}""", "rejected")]
    [InlineData("TRON", "trx-transfer", "validate signature error", """{"result":true,"txid":"aa"}""", "accepted")]
    [InlineData("TRON", "trx-transfer", "validate signature error", """{"code":"SIGERROR","message":"76616c6964617465207369676e6174757265206572726f72"}""", "rejected")]
    public async Task Its_own_word_ends_it(string chain, string vector, string words, string answer, string expected)
    {
        using var node = new LoopbackServer(request => Node(request, answer));
        World.Add(chain, vector);
        World.OnBroadcast = _ => new(403, JsonSerializer.Serialize(new { statusCode = 403, errorCode = "broadcast.failed", message = words }));
        World.OnAny = request => request.Path.Contains("/transaction/", StringComparison.Ordinal) && !request.Path.Contains("/count/", StringComparison.Ordinal)
            ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""")
            : null;
        Clock.Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_010); // before the TRON vector's expiration
        await RunAsync(chain, node.Url, cycles: 1);
        Assert.Equal(expected, Events()[^1]);
        Assert.Single(sent);
        Assert.Equal(expected == "rejected", World.Reports.Any());
    }

    private Reply Node(Received request, string answer)
    {
        if (request.Path == "/wallet/gettransactionbyid")
        {
            return new(200, "{}");
        }

        var method = request.Path == "/wallet/broadcasttransaction" ? "send" : JsonDocument.Parse(request.Body).RootElement.GetProperty("method").GetString()!;
        if (method is "eth_getTransactionByHash")
        {
            return new(200, """{"result":null}""");
        }

        if (method is "getrawtransaction")
        {
            return new(500, """{"result":null,"error":{"code":-5,"message":"No such mempool or blockchain transaction."}}""");
        }

        sent.Add(request.Body);
        return answer == "gone" ? Reply.Cut : new(answer.Contains("-26", StringComparison.Ordinal) ? 500 : 200, answer);
    }
}
