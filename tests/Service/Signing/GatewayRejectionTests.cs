using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>A gateway that passes a payment on and says that it failed for good, so that the operator pays once more.</summary>
public sealed class GatewayRejectionTests : OwnNodeWorld
{
    // The chain has it and it succeeded; the operator's own node says so. The gateway says that executing it failed.
    [Fact]
    public async Task A_SOL_payment_that_succeeded_is_not_rejected_because_the_gateway_says_so()
    {
        using var node = new LoopbackServer(request => Answer(request, new() { ["getTransaction"] = """{"slot":5,"meta":{"err":null}}""" }));
        World.Add("SOL", "native-transfer-generated-wallet");
        World.OnAny = request => Rpc(request) switch
        {
            "getLatestBlockhash" => Blockhash(1000),
            "sendTransaction" => new(200, """{"jsonrpc":"2.0","result":"ok"}"""),
            "getTransaction" => new(200, """{"jsonrpc":"2.0","result":{"slot":5,"meta":{"err":{"InstructionError":[0,"Custom"]}}}}"""),
            _ => null,
        };
        RequireNoFailure(await RunAsync("SOL", node.Url));
        Assert.Equal("accepted", Events()[^1]);
    }

    // The gateway hands it to the chain, answers with a word that is for good, and says that it is not there.
    [Fact]
    public async Task An_ETH_payment_that_the_own_node_has_is_not_rejected_because_the_gateway_says_so()
    {
        using var node = new LoopbackServer(request => Answer(request, new() { ["eth_getTransactionByHash"] = "{\"hash\":\"" + Signed().GetProperty("txId").GetString() + "\"}" }));
        World.Add("ETH", "token-transfer-nonce-gas-price-missing");
        World.OnBroadcast = _ => new(403, """{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"Unable to broadcast transaction due to invalid sender"}""");
        World.OnAny = request => request.Path.StartsWith("/v3/ethereum/transaction/0x", StringComparison.Ordinal)
            ? new(404, """{"statusCode":404,"errorCode":"tx.not.found","message":"No such transaction."}""")
            : null;
        RequireNoFailure(await RunAsync("ETH", node.Url));
        Assert.Equal("accepted", Events()[^1]);
    }

    // The gateway signs the payload twice (ECDSA: two signatures, two ids). The first is executed and pays; the second fails honestly with 1007, and only the
    // words of that failure are forged on the way from the public access node.
    [Fact]
    public async Task A_FLOW_payload_that_was_executed_under_another_id_is_not_rejected()
    {
        using var node = new LoopbackServer(request => new(200, """{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1007] invalid proposal key: public key 3 on account 955cd3f17b2fd8ad does not have a valid sequence number (10). Has 11"}"""));
        World.Add("FLOW", "transfer-flow");
        World.OnAny = request => request.Path.StartsWith("/v1/transaction_results/", StringComparison.Ordinal) ? new(200, """{"status":"Sealed","error_message":"[Error Code: 1101] cadence runtime error"}""") : null;
        RequireNoFailure(await RunAsync("FLOW", node.Url));
    }

    private void RequireNoFailure(List<string> verdicts)
    {
        Assert.DoesNotContain(verdicts, text => text.StartsWith("Failed", StringComparison.Ordinal) || text.StartsWith("Refused", StringComparison.Ordinal));
        Assert.Empty(World.Reports);
        Assert.DoesNotContain("rejected", Events());
    }
}
