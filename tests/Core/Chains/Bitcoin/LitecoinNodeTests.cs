using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

[assembly: AssemblyFixture(typeof(LitecoinNode))]

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>A real node judges what we sign: every kind of input, for each chain that can spend it.</summary>
public sealed class LitecoinNodeTests(LitecoinNode node)
{
    private const long Value = 1_000_000;

    public static TheoryData<string, InputKind> Kinds()
    {
        var data = new TheoryData<string, InputKind>();
        foreach (var chain in (string[])["BTC", "LTC", "DOGE"])
        {
            foreach (var kind in OwnedCoin.Kinds(chain))
            {
                data.Add(chain, kind);
            }
        }

        return data;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Accepts_and_mines_what_is_signed(string chain, InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom((ulong)kind + 1000));
        var funded = node.Fund((coin.Script, Value));
        using var run = SigningRun.Sign(Payment(chain, [coin], funded).Vector());

        Assert.Null(node.Refusal(run.Signed.Data));
        Assert.Equal(run.Signed.TransactionId, node.SendAndMine(run.Signed.Data));
    }

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE")]
    public void Accepts_all_kinds_in_one_transaction(string chain)
    {
        var random = new SeededRandom(77);
        List<OwnedCoin> coins = [.. OwnedCoin.Kinds(chain).Concat(OwnedCoin.Kinds(chain)).Select(kind => OwnedCoin.New(kind, random))];
        var funded = node.Fund([.. coins.Select(coin => (coin.Script, Value))]);
        using var run = SigningRun.Sign(Payment(chain, coins, funded).Vector());

        Assert.Null(node.Refusal(run.Signed.Data));
        Assert.Equal(run.Signed.TransactionId, node.SendAndMine(run.Signed.Data));
    }

    [Theory]
    [InlineData(InputKind.KeyHash)]
    [InlineData(InputKind.Witness)]
    [InlineData(InputKind.NestedMultisig)]
    public void Rejects_a_changed_signature(InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom(5));
        var funded = node.Fund((coin.Script, Value));
        using var run = SigningRun.Sign(Payment("LTC", [coin], funded).Vector());
        var bytes = Convert.FromHexString(run.Signed.Data);
        // inside r, behind 30 len 02 len: the DER stays well formed, the signature is another one
        var r = Signature(bytes);
        bytes[r + 10] ^= 1;

        Assert.Contains("script-verify-flag", node.Refusal(Convert.ToHexStringLower(bytes)), StringComparison.Ordinal);
    }

    [Theory, InlineData(InputKind.Witness), InlineData(InputKind.Taproot)]
    public void Rejects_a_segwit_amount_that_the_gateway_lies_about(InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom(6));
        var funded = node.Fund((coin.Script, Value)).Select(real => real with { Satoshis = real.Satoshis - 1000 }).ToList();
        using var run = SigningRun.Sign(Payment("BTC", [coin], funded).Vector());

        Assert.True(run.Transaction.Summary.FeeVerified);
        Assert.NotNull(node.Refusal(run.Signed.Data));
        Assert.Contains(kind is InputKind.Taproot ? "Schnorr" : "script-verify-flag", node.Refusal(run.Signed.Data), StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_a_legacy_amount_that_the_gateway_lies_about_beside_a_taproot_input()
    {
        var random = new SeededRandom(8);
        List<OwnedCoin> coins = [OwnedCoin.New(InputKind.KeyHash, random), OwnedCoin.New(InputKind.Taproot, random)];
        List<NodeCoin> funded = [.. coins.SelectMany(coin => node.Fund((coin.Script, Value)))];
        using var honest = SigningRun.Sign(Bringing(Payment("LTC", coins, funded), funded[1].Source));
        List<NodeCoin> lie = [funded[0] with { Satoshis = Value - 500_000 }, funded[1]];
        using var run = SigningRun.Sign(Bringing(Payment("LTC", coins, lie), funded[1].Source));

        Assert.Null(node.Refusal(honest.Signed.Data));
        Assert.True(run.Transaction.Summary.FeeVerified);
        Assert.Contains("Schnorr", node.Refusal(run.Signed.Data), StringComparison.Ordinal);
        using var unproved = SigningRun.Sign(Payment("LTC", coins, lie).Vector());
        Assert.False(unproved.Transaction.Summary.FeeVerified);
    }

    [Fact]
    public void Takes_a_legacy_amount_that_the_gateway_lies_about_which_is_why_the_fee_is_unverified()
    {
        var coin = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(7));
        var funded = node.Fund((coin.Script, Value)).Select(real => real with { Satoshis = real.Satoshis - 500_000 }).ToList();
        using var run = SigningRun.Sign(Payment("LTC", [coin], funded).Vector());

        Assert.False(run.Transaction.Summary.FeeVerified);
        Assert.Equal(20_000, run.Transaction.Summary.Fee!.Value.Units);
        Assert.Null(node.Refusal(run.Signed.Data));
    }

    /// <summary>Where a DER signature starts: 30, its length, 02, the length of r.</summary>
    private static int Signature(byte[] bytes) => Enumerable.Range(0, bytes.Length - 4).First(at =>
        bytes[at] == 0x30 && bytes[at + 1] is 0x43 or 0x44 or 0x45 && bytes[at + 2] == 0x02 && bytes[at + 3] is 0x1f or 0x20 or 0x21);

    /// <summary>A vector whose second input brings along the transaction that it spends.</summary>
    private static JsonElement Bringing(PaymentCase payment, string source)
    {
        var vector = JsonNode.Parse(payment.Vector().GetRawText())!;
        var transaction = payment.Json();
        transaction["inputs"]![1]!["prevTx"] = source;
        vector["pending"]!["serializedTransaction"] = transaction.ToJsonString();
        return JsonSerializer.SerializeToElement(vector);
    }

    private static PaymentCase Payment(string chain, List<OwnedCoin> coins, IReadOnlyList<NodeCoin> funded)
    {
        var payment = new PaymentCase(chain) { Version = chain == "DOGE" ? 1 : 2 };
        foreach (var (coin, real) in coins.Zip(funded))
        {
            payment.Spend(coin, real.TransactionId, real.Index, real.Satoshis);
        }

        return payment.Pay(coins[0].Script, funded.Sum(real => real.Satoshis) - (20_000 * funded.Count));
    }
}
