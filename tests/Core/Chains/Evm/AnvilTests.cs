using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>A real node takes what is signed: coins and tokens move, for every form of transaction it speaks.</summary>
public sealed class AnvilTests : IDisposable
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string To = "0x3535353535353535353535353535353535353535";
    private static readonly BigInteger Ether = BigInteger.Pow(10, 18);

    private readonly SingleKeySigner signer = new("ETH", Key);
    private AnvilNode? node;

    private AnvilNode Node => node ??= AnvilNode.Start();

    public static TheoryData<string> Forms => ["", "\"type\":2,", "\"type\":1,", "\"maxFeePerGas\":\"3000000000\",\"maxPriorityFeePerGas\":\"1000000000\","];

    [Theory, MemberData(nameof(Forms))]
    public void Coins_move_with_nonce_gas_and_price_from_the_node(string form)
    {
        Node.SetBalance(signer.Address, 10 * Ether);
        Node.SetNonce(signer.Address, 41);
        var receipt = Send($$"""{{{form}}"from":0,"to":"{{To}}","value":"1500000000000000000"}""");
        Assert.Equal("0x1", (string?)receipt["status"]);
        Assert.Equal((signer.Address, To), ((string?)receipt["from"], (string?)receipt["to"]));
        Assert.Equal(15 * Ether / 10, Node.Balance(To));
        var fee = AnvilNode.Number(receipt["gasUsed"]) * AnvilNode.Number(receipt["effectiveGasPrice"]);
        Assert.True(fee > 0);
        Assert.Equal((10 * Ether) - (15 * Ether / 10) - fee, Node.Balance(signer.Address));
        Assert.Equal(42, Node.Nonce(signer.Address));
    }

    [Theory, MemberData(nameof(Forms))]
    public void Tokens_move_after_their_contract_was_deployed(string form)
    {
        Node.SetBalance(signer.Address, 10 * Ether);
        var creation = Send($$"""{{{form}}"data":"0x{{TokenCode}}"}""");
        Assert.Equal("0x1", (string?)creation["status"]);
        var token = (string)creation["contractAddress"]!;
        Assert.Equal(1_000_000, TokenBalance(token, signer.Address));

        var json = $$"""{{{form}}"to":"{{token}}","data":"0xa9059cbb{{To[2..].PadLeft(64, '0')}}{{12345.ToString("x64", CultureInfo.InvariantCulture)}}"}""";
        var summary = signer.Decode(json).Summary;
        Assert.Equal((To, 12345), (summary.Transfers[0].To, (int)summary.Transfers[0].Amount.Units));
        var receipt = Send(json);
        Assert.Equal("0x1", (string?)receipt["status"]);
        Assert.Equal(12345, TokenBalance(token, To));
        Assert.Equal(1_000_000 - 12345, TokenBalance(token, signer.Address));
        Assert.Single(receipt["logs"]!.AsArray());
    }

    [Fact]
    public void A_transfer_that_would_revert_is_refused_before_it_is_signed()
    {
        Node.SetBalance(signer.Address, Ether);
        var token = (string)Send($$"""{"data":"0x{{TokenCode}}"}""")["contractAddress"]!;
        var json = $$"""{"to":"{{token}}","data":"0xa9059cbb{{To[2..].PadLeft(64, '0')}}{{1_000_001.ToString("x64", CultureInfo.InvariantCulture)}}"}""";
        var error = Assert.Throws<Errors.KmsException>(() => signer.Sign(json, Node.AnswerAsGateway));
        Assert.Equal(Errors.Failure.Refused, error.Failure);
    }

    [Fact]
    public void Two_transactions_in_a_row_are_mined_in_order()
    {
        Node.SetBalance(signer.Address, Ether);
        const string json = $$"""{"to":"{{To}}","value":"7"}""";
        var first = signer.Sign(json, Node.AnswerAsGateway);
        var second = signer.Sign(json, Node.AnswerAsGateway, next: first.Sequence + 1);
        Node.SendRaw(second.Data); // arrives first, waits for the other
        Node.SendRaw(first.Data);
        Assert.Equal("0x1", (string?)Node.Receipt(first.TransactionId!)["status"]);
        Assert.Equal("0x1", (string?)Node.Receipt(second.TransactionId!)["status"]);
        Assert.Equal(14, Node.Balance(To));
    }

    /// <summary>The proof that the node looks at what it is given.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(100)]
    public void A_changed_digit_of_the_signature_moves_nothing(int fromEnd)
    {
        Node.SetBalance(signer.Address, Ether);
        var data = signer.Sign($$"""{"to":"{{To}}","value":"7"}""", Node.AnswerAsGateway).Data;
        var changed = data[..^fromEnd] + (data[^fromEnd] == '0' ? '1' : '0') + data[(data.Length - fromEnd + 1)..];
        Assert.Throws<AnvilException>(() => Node.Receipt(Node.SendRaw(changed)));
        Assert.Equal(0, Node.Balance(To));
        Node.Receipt(Node.SendRaw(data));
        Assert.Equal(7, Node.Balance(To));
    }

    /// <summary>Every recorded transaction of a test network that an Ethereum node can speak, on a node of its chain id.</summary>
    [Theory]
    [InlineData("ETH", 11155111)]
    [InlineData("BSC", 97)]
    [InlineData("MATIC", 80002)]
    [InlineData("KLAY", 1001)]
    [InlineData("ONE", 1666700000)]
    [InlineData("KCS", 322)]
    [InlineData("XDC", 51)]
    [InlineData("CELO", 44787)]
    public void A_node_mines_the_recorded_transactions(string code, ulong chainId)
    {
        using var own = AnvilNode.Start(chainId);
        var mined = 0;
        foreach (var vector in Vectors.Read(code).GetProperty("signing").EnumerateArray().Where(vector => vector.Flag("testnet")))
        {
            using var run = SigningRun.Sign(vector);
            if (run.Signed.Data[..4] is "0x7b" or "0x08" or "0x30")
            {
                continue; // CIP-64 and Klaytn's own types are not Ethereum's
            }

            var decoded = vector.GetProperty("decoded");
            var from = decoded.Text("from")!;
            own.SetBalance(from, BigInteger.Pow(10, 40));
            own.SetNonce(from, decoded.GetProperty("nonce").GetUInt64());
            var receipt = own.Receipt(own.SendRaw(run.Signed.Data));
            Assert.Equal((vector.Text("txId"), from, decoded.Text("to")), ((string?)receipt["transactionHash"], (string?)receipt["from"], (string?)receipt["to"]));
            mined++;
        }

        Assert.True(mined >= 8, $"{mined} mined");
    }

    public void Dispose()
    {
        node?.Dispose();
        signer.Dispose();
    }

    private JsonNode Send(string json)
    {
        var signed = signer.Sign(json, Node.AnswerAsGateway);
        var outcome = signer.Submit(json, signed, call =>
        {
            var data = JsonDocument.Parse(call.Body!).RootElement.GetProperty("txData").GetString()!;
            return new(200, $$"""{"txId":"{{Node.SendRaw(data)}}"}""");
        });
        Assert.Equal(signed.TransactionId, outcome.TransactionId);
        return Node.Receipt(signed.TransactionId!);
    }

    private int TokenBalance(string token, string account) => (int)AnvilNode.Number(Node.Call(token, "0x70a08231" + account[2..].PadLeft(64, '0')));

    /// <summary>The least ERC-20 that is one: transfer and balanceOf, balances stored at the owner's address. Assembled by hand.</summary>
    private const string TokenCode =
        "620f42403355" + // sstore(caller, 1000000)
        "6085601260003960856000f3" + // return the rest
        "60003560e01c" + // selector
        "8063a9059cbb14602b57" + // transfer: jump to 2b
        "6370a0823114601e57" + // balanceOf: jump to 1e
        "60006000fd" +
        "5b6004355460005260206000f3" + // 1e: return sload(owner)
        "5b60243580335410607f57" + // 2b: revert if sload(caller) < amount
        "803354033355" + // sstore(caller, sload(caller) - amount)
        "600435540160043555" + // sstore(to, sload(to) + amount)
        "602435600052" + "60043533" + // Transfer(caller, to, amount)
        "7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef" + "60206000a3" +
        "600160005260206000f3" + // return true
        "5b60006000fd"; // 7f: revert
}
