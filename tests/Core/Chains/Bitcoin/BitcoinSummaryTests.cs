using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>What a reviewer is shown, and the lies and traps he is warned of.</summary>
public static class BitcoinSummaryTests
{
    private static readonly byte[] Stranger = [0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac];

    [Theory]
    [InlineData("BTC", InputKind.Witness, true)]
    [InlineData("BTC", InputKind.NestedWitness, true)]
    [InlineData("BTC", InputKind.Taproot, true)]
    [InlineData("LTC", InputKind.Taproot, true)]
    [InlineData("LTC", InputKind.WitnessMultisig, true)]
    [InlineData("LTC", InputKind.NestedMultisig, true)]
    [InlineData("BTC", InputKind.KeyHash, false)]
    [InlineData("BTC", InputKind.PublicKey, false)]
    [InlineData("DOGE", InputKind.KeyHash, false)]
    [InlineData("DOGE", InputKind.ScriptHashMultisig, false)]
    [InlineData("BCH", InputKind.KeyHash, true)]
    public static void Says_whether_the_fee_is_proved_by_what_is_signed(string chain, InputKind kind, bool verified)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom(1));
        Assert.Equal(verified, Summary(Payment(chain, coin).Pay(Stranger, 990_000)).FeeVerified);
    }

    [Fact]
    public static void Calls_the_fee_unproved_when_one_input_is_legacy_also_beside_one_said_to_be_taproot()
    {
        var payment = Payment("BTC", OwnedCoin.New(InputKind.Witness, new SeededRandom(1))).Pay(Stranger, 990_000);
        payment.Spend(OwnedCoin.New(InputKind.KeyHash, new SeededRandom(2)), new string('2', 64), 0, 1);
        Assert.False(Summary(payment).FeeVerified);
        payment.Spend(OwnedCoin.New(InputKind.Taproot, new SeededRandom(3)), new string('3', 64), 0, 1);
        Assert.False(Summary(payment).FeeVerified);
    }

    [Fact]
    public static void Recognises_change_to_every_form_of_a_key_that_signs()
    {
        var coin = OwnedCoin.New(InputKind.Witness, new SeededRandom(1));
        var key = coin.PublicKeys.First();
        var hash = Digests.Hash160(key);
        var summary = Summary(Payment("BTC", coin)
            .Pay([0x76, 0xa9, 20, .. hash, 0x88, 0xac], 100_000)
            .Pay([0, 20, .. hash], 100_000)
            .Pay([0xa9, 20, .. Digests.Hash160([0, 20, .. hash]), 0x87], 100_000)
            .Pay([33, .. key, 0xac], 100_000));
        Assert.All(summary.Transfers, transfer => Assert.True(transfer.IsChange));
        Assert.Equal("consolidation", summary.Kind);
    }

    [Fact]
    public static void What_goes_back_to_a_multisignature_script_is_a_payment_since_others_may_spend_it()
    {
        foreach (var kind in new[] { InputKind.ScriptHashMultisig, InputKind.WitnessMultisig, InputKind.NestedMultisig })
        {
            var coin = OwnedCoin.New(kind, new SeededRandom(1));
            var summary = Summary(Payment("BTC", coin).Pay(Stranger, 500_000).Pay(coin.Script, 490_000));
            Assert.Equal([false, false], summary.Transfers.Select(transfer => transfer.IsChange));
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(7, true)]
    [InlineData(1_000_000, true)]
    [InlineData(1_000_001, false)]
    [InlineData(int.MaxValue, false)]
    public static void Change_goes_to_an_index_that_is_looked_at(uint index, bool isChange)
    {
        var wallet = new OneWallet("BTC", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about");
        var hash = wallet.Wallet.Key(index).Hash.ToArray();
        var script = Convert.ToHexString([0, 20, .. hash]);
        var serialized = $$$"""
            {"version":2,"nLockTime":0,"inputs":[{"prevTxId":"{{{new string('1', 64)}}}","outputIndex":0,"sequenceNumber":4294967295,"script":"","output":{"satoshis":1000000,"script":"{{{script}}}"}}],
             "outputs":[{"satoshis":500000,"script":"{{{Convert.ToHexString(Stranger)}}}"},{"satoshis":490000,"script":"{{{script}}}"}]}
            """;
        var pending = wallet.Pending(serialized);
        var summary = wallet.Chain.Decode(pending, new([], [(wallet.Wallet, index)], null), new(KmsCloud.Keys.Network.Testnet)).Summary;
        Assert.Equal([false, isChange], summary.Transfers.Select(transfer => transfer.IsChange));
        Assert.Equal(isChange ? index : null, summary.Transfers[1].ChangeIndex);
        Assert.Equal(isChange, summary.Warnings.Count == 0); // and when it counts as a payment, that is said
    }

    [Fact]
    public static void Recognises_change_to_index_0_of_a_mnemonic_wallet_whose_other_keys_sign()
    {
        var vector = Vectors.Case("BTC", "signing", "mixed-p2pkh-p2wpkh-nested-mnemonic-indexes");
        var edited = JsonObject.Create(vector)!;
        var json = JsonNode.Parse(vector.GetProperty("pending").Text("serializedTransaction")!)!.AsObject();
        json["inputs"]!.AsArray().RemoveAt(0); // the input of index 0
        edited["pending"]!["signatures"]!.AsArray().RemoveAt(0);
        json.Remove("hash");
        json["outputs"]![0]!["satoshis"] = 400_000;
        edited["pending"]!["serializedTransaction"] = json.ToJsonString();
        using var run = SigningRun.Sign(System.Text.Json.JsonSerializer.SerializeToElement(edited));
        Assert.Equal([false, true], run.Transaction.Summary.Transfers.Select(transfer => transfer.IsChange));
    }

    [Fact]
    public static void Believes_no_claim_of_change()
    {
        var coin = OwnedCoin.New(InputKind.Witness, new SeededRandom(1));
        var payment = Payment("BTC", coin).Pay(Stranger, 500_000).Pay(coin.Script, 490_000);
        var json = payment.Json();
        json["changeScript"] = "OP_DUP OP_HASH160 20 0x0000000000000000000000000000000000000000 OP_EQUALVERIFY OP_CHECKSIG";
        json["changeIndex"] = 0;
        var summary = Summary(payment, json);
        Assert.Equal([false, true], summary.Transfers.Select(transfer => transfer.IsChange));
        Assert.Contains("output 0 is said to be change", Assert.Single(summary.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public static void Warns_of_a_readable_script_that_is_not_the_script()
    {
        var coin = OwnedCoin.New(InputKind.Witness, new SeededRandom(1));
        var payment = Payment("BTC", coin).Pay(Stranger, 990_000);
        var json = payment.Json();
        json["inputs"]![0]!["scriptString"] = "OP_TRUE";
        Assert.Contains(Summary(payment, json).Warnings, warning => warning.Contains("readable form", StringComparison.Ordinal));
        json["inputs"]![0]!["scriptString"] = "";
        Assert.Empty(Summary(payment, json).Warnings);
    }

    [Theory]
    [InlineData(800_000u, 0xffffffff, "no effect")]
    [InlineData(800_000u, 0xfffffffe, "not valid before block 800000")]
    [InlineData(1_900_000_000u, 0xfffffffe, "not valid before 2030-03-17 17:46:40 UTC")]
    [InlineData(0u, 0xfffffffd, "replaceable")]
    [InlineData(0u, 10u, "BIP-68")]
    [InlineData(0u, 0x00400001u, "BIP-68")]
    public static void Warns_of_lock_times_and_sequences(uint lockTime, uint sequence, string warning)
    {
        var payment = new PaymentCase("BTC") { LockTime = lockTime }
            .Spend(OwnedCoin.New(InputKind.Witness, new SeededRandom(1)), new string('1', 64), 0, 1_000_000, sequence)
            .Pay(Stranger, 990_000);
        Assert.Contains(Summary(payment).Warnings, text => text.Contains(warning, StringComparison.Ordinal));
    }

    [Theory, InlineData("DOGE"), InlineData("BCH")]
    public static void Says_nothing_of_replacement_where_nodes_do_not_replace(string chain)
    {
        var payment = new PaymentCase(chain) { Version = 1 }
            .Spend(OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1)), new string('1', 64), 0, 10_000_000, 5)
            .Pay(Stranger, 9_900_000);
        Assert.Empty(Summary(payment).Warnings);
    }

    [Theory]
    [InlineData("6a144b6d73436c6f7564207465737420766563746f72", "KmsCloud test vector")]
    [InlineData("6a0168026561", "hea")] // two pushes
    [InlineData("6a036162ff", "0x6162ff")]
    [InlineData("6a0d6162e280ae63646566e280ad67", "0x6162e280ae63646566e280ad67")] // characters that turn the direction of writing
    [InlineData("6a", "")]
    public static void Shows_data_as_text_where_it_is_harmless_text(string script, string memo)
    {
        var summary = Summary(Payment("BTC", OwnedCoin.New(InputKind.Witness, new SeededRandom(1))).Pay(Convert.FromHexString(script), 0).Pay(Stranger, 990_000));
        Assert.Equal(memo, summary.Memo);
        Assert.Matches("^([0-9a-f][0-9a-f])*$", summary.Details["data"]);
        Assert.Single(summary.Transfers);
        Assert.True(summary.Understood);
        Assert.Empty(summary.Warnings);
    }

    [Theory]
    [InlineData("BTC", "6a0100", 500, "destroys 0.000005 BTC", true)]
    [InlineData("BTC", "51", 500_000, "unknown kind", false)]
    [InlineData("BTC", "5221", 500_000, "unknown kind", false)]
    [InlineData("BTC", "6002751e", 500_000, "unknown kind", true)]
    [InlineData("DOGE", "00141111111111111111111111111111111111111111", 500_000, "unknown kind", false)]
    [InlineData("BTC", "76a914000000000000000000000000000000000000000088ac", 545, "so small", true)]
    [InlineData("DOGE", "76a914000000000000000000000000000000000000000088ac", 999_999, "so small", true)]
    public static void Warns_of_outputs(string chain, string script, long satoshis, string warning, bool understood)
    {
        var coin = OwnedCoin.New(chain == "DOGE" ? InputKind.KeyHash : InputKind.Witness, new SeededRandom(1));
        var summary = Summary(new PaymentCase(chain).Spend(coin, new string('1', 64), 0, 100_000_000)
            .Pay(Convert.FromHexString(script), satoshis)
            .Pay(coin.Script, 99_990_000 - satoshis));
        Assert.Contains(warning, Assert.Single(summary.Warnings), StringComparison.Ordinal);
        Assert.Equal(understood, summary.Understood);
        Assert.Equal(2, summary.Transfers.Count);
    }

    [Fact]
    public static void Shows_tokens_beside_the_coins_that_carry_them()
    {
        var category = string.Concat(Enumerable.Repeat("ab", 31)) + "cd";
        byte[] script = [.. Convert.FromHexString("ef" + category + "7202ccccfdfd00"), .. Stranger];
        var summary = Summary(new PaymentCase("BCH").Spend(OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1)), new string('1', 64), 0, 10_000).Pay(script, 9_000));
        var display = "cd" + string.Concat(Enumerable.Repeat("ab", 31));

        Assert.Equal("token transfer", summary.Kind);
        Assert.Equal(
            ["0.00009 BCH", $"253 raw units of token {display}", $"1 minting NFT of {display} with commitment cccc"],
            summary.Transfers.Select(transfer => transfer.Amount.ToString()));
        Assert.All(summary.Transfers, transfer => Assert.Equal("bchtest:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdpn3jdgd", transfer.To));
        Assert.Empty(summary.Warnings);
    }

    [Fact]
    public static void Tells_fee_size_and_inputs()
    {
        var summary = Summary(Payment("BTC", OwnedCoin.New(InputKind.Witness, new SeededRandom(1))).Pay(Stranger, 990_000));
        Assert.Equal("0.0001 BTC", summary.Fee.ToString());
        Assert.Equal("1 holding 0.01 BTC", summary.Details["inputs"]);
        Assert.Equal("113 virtual bytes at most", summary.Details["size"]);
        Assert.Equal("88.4 base units per virtual byte", summary.Details["fee rate"]);
        Assert.StartsWith($"{new string('1', 64)}:0, 0.01 BTC of tb1q", summary.Details["input 0"], StringComparison.Ordinal);
        Assert.StartsWith("tb1q", Assert.Single(summary.From), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(AllKinds))]
    public static void Estimates_the_size_from_above_and_closely(string chain, InputKind kind)
    {
        var random = new SeededRandom(9);
        List<OwnedCoin> coins = [.. Enumerable.Range(0, 5).Select(_ => OwnedCoin.New(kind, random))];
        var payment = new PaymentCase(chain).Pay(Stranger, 4_900_000);
        for (var at = 0; at < coins.Count; at++)
        {
            payment.Spend(coins[at], new string('1', 64), (uint)at, 1_000_000);
        }

        using var run = SigningRun.Sign(payment.Vector());
        var parsed = ParsedTransaction.Read(run.Signed.Data);
        var total = run.Signed.Data.Length / 2;
        var witness = parsed.Inputs.Any(input => input.Witness.Count > 0) ? 2 + parsed.Inputs.Sum(input => 1 + input.Witness.Sum(item => 1 + item.Length)) : 0;
        var actual = total - witness + ((witness + 3) / 4);
        var estimated = int.Parse(run.Transaction.Summary.Details["size"].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(estimated - actual, 0, 5 * 4);
    }

    public static TheoryData<string, InputKind> AllKinds()
    {
        var data = new TheoryData<string, InputKind>();
        foreach (var (chain, kind) in from chain in (string[])["BTC", "LTC", "DOGE", "BCH"] from kind in OwnedCoin.Kinds(chain) select (chain, kind))
        {
            data.Add(chain, kind);
        }

        return data;
    }

    private static PaymentCase Payment(string chain, OwnedCoin coin) => new PaymentCase(chain) { StatesHash = false }.Spend(coin, new string('1', 64), 0, 1_000_000);

    private static TransactionSummary Summary(PaymentCase payment, JsonObject? json = null)
    {
        var vector = payment.Vector();
        using var run = SigningRun.Sign(json is null ? vector : BitcoinRefusalTests.With(vector, json.ToJsonString()));
        return run.Transaction.Summary;
    }
}
