using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

[assembly: AssemblyFixture(typeof(LitecoinNode))]

namespace KmsCloud.Tests.Signing;

/// <summary>The whole service with a real node behind the gateway: what it broadcasts is taken and mined.</summary>
public sealed class RealNodeCycleTests(LitecoinNode litecoin) : IDisposable
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Sender = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
    private const string To = "0x3535353535353535353535353535353535353535";
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\"maxFeePerGas\":\"3000000000\",\"maxPriorityFeePerGas\":\"1000000000\",")]
    public async Task Anvil_mines_two_payments_whose_nonce_gas_and_price_were_left_open(string form)
    {
        using var anvil = AnvilNode.Start();
        var ether = BigInteger.Pow(10, 18);
        anvil.SetBalance(Sender, 10 * ether);
        anvil.SetNonce(Sender, 41);
        world.OnAny = request => request.Path.Contains("/web3/", StringComparison.Ordinal) || request.Path.Contains("/transaction/count/", StringComparison.Ordinal) || request.Path.Contains("/fee/", StringComparison.Ordinal)
            ? new(200, anvil.AnswerAsGateway(new NodeCall(request.Method, request.Path, request.Body.Length > 0 ? request.Body : null)))
            : null;
        world.OnBroadcast = request => new(200, $$"""{"txId":"{{anvil.SendRaw(JsonNode.Parse(request.Body)!["txData"]!.GetValue<string>())}}"}""");
        world.Add("ETH", Vector("first", $$"""{{{form}}"from":0,"to":"{{To}}","value":"1500000000000000000"}"""));
        world.List("ETH", Vector("second", $$"""{{{form}}"from":0,"to":"{{To}}","value":"7"}""").GetProperty("pending").GetRawText());

        var report = await world.RunAsync();

        Assert.Equal(2, report.Count(Verdict.Accepted));
        foreach (var transaction in report.Transactions)
        {
            Assert.Equal("0x1", (string?)anvil.Receipt(transaction.TransactionId!)["status"]);
        }

        Assert.Equal((15 * ether / 10) + 7, anvil.Balance(To));
        Assert.Equal(43, anvil.Nonce(Sender));
    }

    [Theory]
    [InlineData("BTC", InputKind.Witness)]
    [InlineData("LTC", InputKind.KeyHash)]
    [InlineData("LTC", InputKind.NestedWitness)]
    [InlineData("BTC", InputKind.WitnessMultisig)]
    [InlineData("DOGE", InputKind.ScriptHashMultisig)]
    public async Task Litecoind_takes_and_mines_what_a_cycle_broadcasts(string chain, InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom((ulong)kind + 9000));
        var funded = litecoin.Fund((coin.Script, 5_000_000)).Single();
        var payment = new PaymentCase(chain)
            .Spend(coin, funded.TransactionId, funded.Index, funded.Satoshis)
            .Pay(coin.Script, 3_000_000)
            .Pay([0x00, 0x14, .. new byte[20]], 1_990_000);
        world.Add(chain, payment.Vector());
        world.OnBroadcast = request =>
        {
            var hex = JsonNode.Parse(request.Body)!["txData"]!.GetValue<string>();
            return litecoin.Refusal(hex) is { } refusal ? new(403, refusal) : new(200, $$"""{"txId":"{{litecoin.SendAndMine(hex)}}"}""");
        };

        var report = await world.RunAsync();

        var transaction = Assert.Single(report.Transactions);
        Assert.True(transaction.Verdict is Verdict.Accepted, transaction.Reason);
    }

    private static JsonElement Vector(string id, string serialized) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["testnet"] = true,
        ["pending"] = new JsonObject { ["id"] = id, ["chain"] = "ETH", ["serializedTransaction"] = serialized, ["hashes"] = new JsonArray("the-key") },
        ["walletStore"] = new JsonObject { ["the-key"] = new JsonObject { ["privateKey"] = Key, ["chain"] = "ETH", ["testnet"] = true } },
    });
}
