using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>Pending transactions that must not be signed: each is a good one with one thing changed, and the refusal names that thing.</summary>
public static class BitcoinRefusalTests
{
    private const string OtherId = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    /// <summary>Changes to a payment with one input of 1,000,000, an output, and change.</summary>
    public static TheoryData<string, string, string> Edits() => new()
    {
        { "BTC", """{"version":null}""", "'version' is missing" },
        { "BTC", """{"version":2.0}""", "'version' is not a whole number" },
        { "BTC", """{"version":2147483648}""", "'version' is not a whole number" },
        { "BTC", """{"version":"2"}""", "'version' is not a whole number" },
        { "BTC", """{"nLockTime":null}""", "'nLockTime' is missing" },
        { "BTC", """{"nLockTime":-1}""", "'nLockTime' is not a whole number" },
        { "BTC", """{"nLockTime":4294967296}""", "'nLockTime' is not a whole number" },
        { "BTC", """{"inputs":null}""", "'inputs' is missing" },
        { "BTC", """{"inputs":[]}""", "no inputs or no outputs" },
        { "BTC", """{"inputs":{}}""", "'inputs' is not an array" },
        { "BTC", """{"inputs":[1]}""", "input 0 is not a JSON object" },
        { "BTC", """{"outputs":[]}""", "no inputs or no outputs" },
        { "BTC", """{"outputs":[{"satoshis":1}]}""", "'script' is missing" },
        { "BTC", """{"outputs":[{"script":"51"}]}""", "'satoshis' is missing" },
        { "BTC", """{"hash":"00"}""", "hash does not match" },
        { "BTC", """{"hash":7}""", "'hash' is not text" },
        { "BTC", """{"surprise":7}""", "'surprise' is not a member" },
        { "BTC", """{"fee":-1}""", "the fee is not a whole number" },
        { "BTC", """{"fee":1000.5}""", "the fee is not a whole number" },
        { "BTC", """{"fee":9999}""", "the fee is said to be 0.00009999 BTC" },
        { "BTC", """{"fee":10001}""", "the fee is said to be 0.00010001 BTC" },
        { "LTC", """{"fee":10001,"changeScript":"OP_0","changeIndex":null}""", "the fee is said to be" },
        { "LTC", """{"fee":9453,"changeScript":"OP_0","changeIndex":null}""", "the fee is said to be" },
        { "DOGE", """{"fee":9999,"changeScript":"OP_0","changeIndex":null}""", "the fee is said to be" },
        { "BTC", """{"changeIndex":0}""", "said to be change" },
        { "BTC", """{"changeIndex":0,"changeScript":"OP_0"}""", "said to be change" },
        { "BTC", """{"changeIndex":2,"changeScript":"OP_0"}""", "said to be change" },
        { "BTC", """{"changeIndex":-1,"changeScript":"OP_0"}""", "'changeIndex' is not a whole number" },
        { "BTC", """{"changeScript":"OP_NONSENSE"}""", "'changeScript' is not a script" },
        { "BTC", """{"changeScript":["OP_0"]}""", "'changeScript' is not text" },
    };

    /// <summary>Changes to the input.</summary>
    public static TheoryData<string, string, string> InputEdits() => new()
    {
        { "BTC", """{"prevTxId":null}""", "'prevTxId' is missing" },
        { "BTC", """{"prevTxId":"00112233445566778899aabbccddeeff00112233445566778899aabbccddee"}""", "has 31 bytes instead of 32" },
        { "BTC", """{"prevTxId":"zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}""", "not hexadecimal" },
        { "BTC", """{"outputIndex":null}""", "'outputIndex' is missing" },
        { "BTC", """{"outputIndex":4294967296}""", "'outputIndex' is not a whole number" },
        { "BTC", """{"outputIndex":-1}""", "'outputIndex' is not a whole number" },
        { "BTC", """{"sequenceNumber":4294967296}""", "'sequenceNumber' is not a whole number" },
        { "BTC", """{"script":"0"}""", "not hexadecimal" },
        { "BTC", """{"output":null}""", "'output' is missing" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"zz"}}""", "not hexadecimal" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"51"}}""", "a kind of script that cannot be signed" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"51201111111111111111111111111111111111111111111111111111111111111111"}}""", "none of the keys named for this transaction owns it" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"52201111111111111111111111111111111111111111111111111111111111111111"}}""", "cannot be signed for BTC" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"00201111111111111111111111111111111111111111111111111111111111111111"}}""", "cannot be signed" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"00141111111111111111111111111111111111111111"}}""", "none of the keys named for this transaction owns it" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"a914111111111111111111111111111111111111111187"}}""", "none of the keys named for this transaction owns it" },
        { "BTC", """{"output":{"satoshis":1000000,"script":"76a914111111111111111111111111111111111111111188ac"}}""", "none of the keys named for this transaction owns it" },
        { "DOGE", """{"output":{"satoshis":1000000,"script":"00141111111111111111111111111111111111111111"}}""", "cannot be signed for DOGE" },
        { "BTC", """{"output":{"satoshis":"1000000x","script":"51"}}""", "not a whole number of base units" },
        { "BTC", """{"output":{"satoshis":1e6,"script":"51"}}""", "not a whole number of base units" },
        { "BTC", """{"output":{"satoshis":-1,"script":"51"}}""", "not a whole number of base units" },
        { "BTC", """{"output":{"satoshis":"","script":"51"}}""", "not a whole number of base units" },
        { "BTC", """{"output":{"satoshis":true,"script":"51"}}""", "not a whole number of base units" },
        { "BTC", """{"output":{"satoshis":2100000000000001,"script":"51"}}""", "not a whole number of base units" },
        { "LTC", """{"output":{"satoshis":8400000000000001,"script":"51"}}""", "not a whole number of base units" },
        { "DOGE", """{"output":{"satoshis":1000000000000000001,"script":"51"}}""", "not a whole number of base units" },
        { "BTC", """{"output":{"satoshis":99999999999999999999999999999999999999999999999,"script":"51"}}""", "not a whole number of base units" },
        { "BTC", """{"witness":"00"}""", "'witness' is not a member" },
        { "BTC", """{"threshold":1}""", "needs a threshold" },
        { "BTC", """{"publicKeys":[]}""", "needs a threshold" },
        { "BTC", """{"signatures":[]}""", "needs a threshold" },
        { "BTC", """{"threshold":2,"publicKeys":["02"]}""", "needs a threshold" },
        { "BTC", """{"threshold":1,"publicKeys":["02"]}""", "not a point" },
        { "BTC", """{"threshold":1,"publicKeys":[7]}""", "not a point" },
        { "BTC", """{"threshold":1,"publicKeys":["025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357"]}""", "do not give the script it spends" },
        { "BTC", """{"threshold":0,"publicKeys":["025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357"]}""", "'threshold' is not a whole number" },
    };

    [Theory, MemberData(nameof(Edits))]
    public static void Refuses_a_changed_payment(string chain, string edit, string why)
    {
        var json = Payment(chain).Json();
        Apply(json, edit);
        Refuses(chain, json.ToJsonString(), why);
    }

    [Theory, MemberData(nameof(InputEdits))]
    public static void Refuses_a_changed_input(string chain, string edit, string why)
    {
        var json = Payment(chain).Json();
        Apply(json["inputs"]![0]!.AsObject(), edit);
        Refuses(chain, json.ToJsonString(), why);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{\"version\":2,\"version\":2}")]
    [InlineData("{\"version\":2}{}")]
    [InlineData("//\n{}")]
    [InlineData("\ud800")]
    public static void Refuses_what_is_no_transaction(string text)
    {
        foreach (var chain in (string[])["BTC", "LTC", "DOGE", "BCH"])
        {
            Refuses(chain, text, "");
        }
    }

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Refuses_a_fee_above_the_ceiling(string chain)
    {
        var fee = chain switch { "DOGE" => 340_000_000L, "BCH" => 480_000, _ => 1_400_000 };
        var accepted = Payment(chain, value: 1_000_000_000, fee);
        using (var run = SigningRun.Sign(accepted.Vector()))
        {
            Assert.Equal(fee, run.Transaction.Summary.Fee!.Value.Units);
        }

        Assert.Contains("above the ceiling", Refusal(Payment(chain, value: 1_000_000_000, fee * 2).Vector()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Keeps_to_the_operators_ceilings()
    {
        var vector = Payment("BTC").Vector();
        Assert.Contains("above the ceiling", Refused(new() { FeeCeiling = 9_999 }).Message, StringComparison.Ordinal);
        Assert.Contains("above the ceiling", Refused(new() { FeeRateCeiling = 10_000 }).Message, StringComparison.Ordinal);
        using var run = SigningRun.Sign(vector, Context(new() { FeeCeiling = 10_000, FeeRateCeiling = 100_000 }));
        Assert.Equal(10_000, run.Transaction.Summary.Fee!.Value.Units);

        KmsException Refused(ChainOptions options) => Assert.Throws<KmsException>(() => SigningRun.Sign(vector, Context(options)).Dispose());
        static SigningContext Context(ChainOptions options) => new(Network.Testnet) { Chains = new Dictionary<string, ChainOptions> { ["BTC"] = options } };
    }

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Refuses_a_single_base_unit_more_than_the_inputs_hold(string chain)
    {
        using var free = SigningRun.Sign(Payment(chain, fee: 0).Vector());
        Assert.True(free.Transaction.Summary.Fee!.Value.Units.IsZero);
        Assert.Contains("more than the inputs hold", Refusal(Payment(chain, fee: -1).Vector()).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("BTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Refuses_to_spend_an_output_twice(string chain)
    {
        var payment = Payment(chain);
        var (coin, id, index, satoshis, _) = payment.Inputs[0];
        payment.Spend(coin, id, index, satoshis).Pay(coin.Script, satoshis);
        Assert.Contains("the same output twice", Refusal(payment.Vector()).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Refuses_inputs_that_hold_more_than_exists(string chain)
    {
        var limit = BitcoinVectorTests.Coin(chain).MoneyLimit;
        var payment = Payment(chain, limit, 0);
        payment.Spend(payment.Inputs[0].Coin, OtherId, 0, 1).Pay([0x6a], 1);
        Assert.Contains("than can exist", Refusal(payment.Vector()).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Refuses_outputs_that_sum_up_beyond_64_bits(string chain)
    {
        var payment = Payment(chain);
        for (var i = 0; i < 20; i++)
        {
            payment.Pay([0x51], BitcoinVectorTests.Coin(chain).MoneyLimit);
        }

        Assert.Contains("more than the inputs hold", Refusal(payment.Vector()).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("BTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Refuses_what_the_gateway_would_not_take_for_its_size(string chain)
    {
        var payment = Payment(chain);
        for (uint index = 1; index < 2500; index++)
        {
            payment.Spend(payment.Inputs[0].Coin, OtherId, index, 10_000);
        }

        payment.Pay(new byte[250_000 - (2500 * 68)], 2499 * 10_000);
        Assert.Contains("bytes that the gateway takes", Refusal(payment.Vector()).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("BTC"), InlineData("BCH")]
    public static void Refuses_more_inputs_than_fit_before_looking_at_them(string chain)
    {
        var payment = Payment(chain);
        for (uint index = 0; index < 6100; index++)
        {
            payment.Spend(payment.Inputs[0].Coin, OtherId, index, 10_000);
        }

        Assert.Contains("'hashes' names more than", Refusal(payment.Vector()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Accepts_doge_amounts_beyond_javascripts_numbers()
    {
        var payment = Payment("DOGE", 900_000_000_000_000_001, 1_000_000);
        using var run = SigningRun.Sign(payment.Vector());
        Assert.Equal(899_999_999_999_000_001, ParsedTransaction.Read(run.Signed.Data).Outputs.Sum(output => output.Satoshis));
    }

    [Fact]
    public static void Accepts_amounts_as_text_of_digits()
    {
        var json = Payment("BTC").Json();
        json["outputs"]![0]!["satoshis"] = json["outputs"]![0]!["satoshis"]!.ToString();
        using var run = SigningRun.Sign(With(Payment("BTC").Vector(), json.ToJsonString()));
        Assert.Equal(10_000, run.Transaction.Summary.Fee!.Value.Units);
    }

    [Fact]
    public static void Signs_with_no_sequence_number_as_final()
    {
        var json = Payment("BTC").Json();
        json["inputs"]![0]!.AsObject().Remove("sequenceNumber");
        using var run = SigningRun.Sign(With(Payment("BTC").Vector(), json.ToJsonString()));
        Assert.Equal(uint.MaxValue, ParsedTransaction.Read(run.Signed.Data).Inputs[0].Sequence);
    }

    [Fact]
    public static void Refuses_a_request_that_names_no_wallet()
    {
        foreach (var chain in (string[])["BTC", "LTC", "DOGE", "BCH"])
        {
            var vector = JsonObject.Create(Payment(chain).Vector())!;
            vector["pending"]!["hashes"] = new JsonArray();
            Refusal(JsonSerializer.SerializeToElement(vector));
        }
    }

    internal static PaymentCase Payment(string chain, long value = 1_000_000, long fee = 10_000)
    {
        var kind = chain is "BTC" or "LTC" ? InputKind.Witness : InputKind.KeyHash;
        var coin = OwnedCoin.New(kind, new SeededRandom(42));
        return new PaymentCase(chain) { StatesHash = false }
            .Spend(coin, "1111111111111111111111111111111111111111111111111111111111111111", 3, value)
            .Pay([0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac], (value - fee) / 2)
            .Pay(coin.Script, value - fee - ((value - fee) / 2));
    }

    internal static KmsException Refusal(JsonElement vector)
    {
        var error = Assert.Throws<KmsException>(() => SigningRun.Sign(vector).Dispose());
        Assert.Equal(Failure.Refused, error.Failure);
        return error;
    }

    internal static JsonElement With(JsonElement vector, string serialized)
    {
        var changed = JsonObject.Create(vector)!;
        changed["pending"]!["serializedTransaction"] = serialized;
        return JsonSerializer.SerializeToElement(changed);
    }

    private static void Refuses(string chain, string serialized, string why)
    {
        var vector = JsonObject.Create(Payment(chain).Vector())!;
        var pending = PendingJson.Read(JsonSerializer.SerializeToElement(vector["pending"])) with { SerializedTransaction = serialized };
        using var run = SigningRun.Sign(Payment(chain).Vector());
        var keys = run.Keys;
        var error = Assert.Throws<KmsException>(() => run.Chain.Decode(pending, keys, run.Context).Sign(run.PrivateKeys));
        Assert.Equal(Failure.Refused, error.Failure);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 300 && char.IsLower(error.Message[0]) && !error.Message.EndsWith('.'), error.Message);
    }

    private static void Apply(JsonObject target, string edit)
    {
        foreach (var (name, value) in JsonNode.Parse(edit)!.AsObject())
        {
            target[name] = value?.DeepClone();
        }
    }
}
