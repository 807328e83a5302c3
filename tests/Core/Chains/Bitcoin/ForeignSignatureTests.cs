using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>Multisignature inputs and inputs that others have signed: kept when their signatures are valid, refused else.</summary>
public static class ForeignSignatureTests
{
    private static readonly string PreviousId = new('1', 64);

    public static TheoryData<InputKind> Multisig => [InputKind.ScriptHashMultisig, InputKind.WitnessMultisig, InputKind.NestedMultisig];

    public static TheoryData<InputKind> Legacy => [InputKind.KeyHash, InputKind.UncompressedKeyHash, InputKind.PublicKey];

    [Theory, MemberData(nameof(Multisig))]
    public static void Completes_what_another_party_has_begun(InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom(3));
        var payment = Payment(coin);
        using var whole = SigningRun.Sign(payment.Vector());
        var signatures = ParsedTransaction.Read(whole.Signed.Data).Inputs[0].Signatures.ToList();
        Assert.Equal(2, signatures.Count);

        foreach (var (given, own) in ((int, int)[])[(0, 1), (1, 0)])
        {
            var vector = WithSignature(payment, coin, given, signatures, keys: [own]);
            using var run = SigningRun.Sign(vector);
            Assert.Equal(whole.Signed, run.Signed);
        }

        using var none = SigningRun.Sign(WithSignatures(payment, coin, [0, 1], signatures, keys: []));
        Assert.Equal(whole.Signed, none.Signed);
    }

    [Theory, MemberData(nameof(Multisig))]
    public static void Refuses_a_part_that_is_not_valid(InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom(3));
        var payment = Payment(coin);
        using var whole = SigningRun.Sign(payment.Vector());
        var signatures = ParsedTransaction.Read(whole.Signed.Data).Inputs[0].Signatures.ToList();

        Refuses(WithSignature(payment, coin, 0, [signatures[1], signatures[0]], keys: [1]), "not valid");
        Refuses(Edited("sigtype", 0x81), "made for something else");
        Refuses(Edited("sigtype", 2), "made for something else");
        Refuses(Edited("inputIndex", 1), "made for something else");
        Refuses(Edited("outputIndex", 1), "made for something else");
        Refuses(Edited("prevTxId", new string('2', 64)), "made for something else");
        Refuses(Edited("publicKey", "02"), "made for something else");
        Refuses(Edited("signature", ""), "not valid");
        Refuses(Edited("signature", "3006020101020101"), "not valid");
        Refuses(Edited("surprise", 1), "not a member");

        JsonElement Edited(string name, JsonNode value)
        {
            var vector = JsonObject.Create(WithSignature(payment, coin, 0, signatures, keys: [1]))!;
            var json = JsonNode.Parse(vector["pending"]!["serializedTransaction"]!.GetValue<string>())!;
            json["inputs"]![0]!["signatures"]!.AsArray().First(signature => signature is not null)![name] = value;
            vector["pending"]!["serializedTransaction"] = json.ToJsonString();
            return JsonSerializer.SerializeToElement(vector);
        }
    }

    [Theory, MemberData(nameof(Multisig))]
    public static void Refuses_too_few_signatures(InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom(3));
        Refuses(WithSignatures(Payment(coin), coin, [], [], keys: [0]), "leave 1 of them missing");
        Refuses(WithSignatures(Payment(coin), coin, [], [], keys: []), "leave 2 of them missing");
    }

    [Theory, MemberData(nameof(Multisig))]
    public static void Stops_at_the_threshold_with_the_first_keys_of_the_request(InputKind kind)
    {
        var coin = OwnedCoin.New(kind, new SeededRandom(3));
        var payment = Payment(coin);
        using var two = SigningRun.Sign(WithSignatures(payment, coin, [], [], keys: [0, 2]));
        using var three = SigningRun.Sign(WithSignatures(payment, coin, [], [], keys: [0, 2, 1]));
        using var other = SigningRun.Sign(WithSignatures(payment, coin, [], [], keys: [1, 2, 0]));
        Assert.Equal(two.Signed, three.Signed);
        Assert.NotEqual(two.Signed.Data, other.Signed.Data);
    }

    [Theory, MemberData(nameof(Multisig))]
    public static void Takes_public_keys_in_any_order(InputKind kind)
    {
        var payment = Payment(OwnedCoin.New(kind, new SeededRandom(3)));
        using var whole = SigningRun.Sign(payment.Vector());
        var json = payment.Json();
        var keys = json["inputs"]![0]!["publicKeys"]!.AsArray();
        json["inputs"]![0]!["publicKeys"] = new JsonArray([.. keys.Reverse().Select(key => JsonValue.Create(key!.GetValue<string>().ToUpperInvariant()))]);
        using var run = SigningRun.Sign(BitcoinRefusalTests.With(payment.Vector(), json.ToJsonString()));
        Assert.Equal(whole.Signed, run.Signed);
    }

    [Fact]
    public static void Refuses_multisignature_forms_no_node_accepts()
    {
        var coin = OwnedCoin.New(InputKind.ScriptHashMultisig, new SeededRandom(3));
        RefusesJson(coin, json => json["publicKeys"]!.AsArray().Add(json["publicKeys"]![0]!.DeepClone()), "repeats a public key");
        RefusesJson(coin, json => json["signatures"]!.AsArray().RemoveAt(0), "not one place for a signature");
        RefusesJson(coin, json => json["threshold"] = 3, "do not give the script it spends");
        RefusesJson(coin, json => json["threshold"] = 4, "needs a threshold");
        RefusesJson(coin, json => json["threshold"] = 17, "'threshold' is not a whole number");
        RefusesJson(coin, json => json["output"]!["script"] = "52", "do not give the script it spends");

        void RefusesJson(OwnedCoin coin, Action<JsonObject> edit, string why)
        {
            var payment = Payment(coin);
            var json = payment.Json();
            edit(json["inputs"]![0]!.AsObject());
            Refuses(BitcoinRefusalTests.With(payment.Vector(), json.ToJsonString()), why);
        }
    }

    [Fact]
    public static void Refuses_segwit_multisignature_for_dogecoin()
    {
        var payment = new PaymentCase("DOGE").Spend(OwnedCoin.New(InputKind.NestedMultisig, new SeededRandom(3)), PreviousId, 0, 1_000_000).Pay([0x6a], 990_000);
        Refuses(payment.Vector(), "do not give the script it spends");
    }

    [Theory, MemberData(nameof(Legacy))]
    public static void Keeps_a_whole_input_that_another_party_signed(InputKind kind)
    {
        var (payment, others) = WithOthersInput(kind);
        using var whole = SigningRun.Sign(payment.Vector());
        var script = ParsedTransaction.Read(whole.Signed.Data).Inputs[1].Script;
        using var run = SigningRun.Sign(OthersSigned(payment, others, script));
        Assert.Equal(whole.Signed, run.Signed);
        Assert.False(run.Transaction.Summary.FeeVerified);
    }

    [Theory, MemberData(nameof(Legacy))]
    public static void Refuses_an_input_of_another_party_that_is_not_signed_well(InputKind kind)
    {
        var (payment, others) = WithOthersInput(kind);
        using var whole = SigningRun.Sign(payment.Vector());
        var good = ParsedTransaction.Read(whole.Signed.Data).Inputs[1].Script;
        Refuses(OthersSigned(payment, others, []), "not signed");
        Refuses(OthersSigned(payment, others, good[..^1]), "");
        Refuses(OthersSigned(payment, others, [.. good, 0]), "");
        Refuses(OthersSigned(payment, others, Changed(12)), "not valid");
        Refuses(OthersSigned(payment, others, [0x4c, .. good]), "not valid"); // a push longer than it needs to be
        Refuses(OthersSigned(payment, others, [0x51, .. good]), "");

        byte[] Changed(int at)
        {
            byte[] copy = [.. good];
            copy[at] ^= 1;
            return copy;
        }
    }

    [Fact]
    public static void Refuses_another_partys_signature_that_leaves_outputs_open()
    {
        var (payment, others) = WithOthersInput(InputKind.KeyHash);
        using var whole = SigningRun.Sign(payment.Vector());
        var script = ParsedTransaction.Read(whole.Signed.Data).Inputs[1].Script;
        script[script[0]] = 0x81; // SIGHASH_ALL | ANYONECANPAY
        Refuses(OthersSigned(payment, others, script), "not valid");
    }

    [Fact]
    public static void Refuses_another_partys_segwit_input_whose_witness_cannot_be_carried()
    {
        var payment = Payment(OwnedCoin.New(InputKind.KeyHash, new SeededRandom(3)));
        var others = OwnedCoin.New(InputKind.NestedWitness, new SeededRandom(4));
        payment.Spend(others, PreviousId, 9, 5_000);
        var program = Script.Push(Script.ToWitness(Primitives160(others)));
        Refuses(OthersSigned(payment, others, program), "not signed");

        static byte[] Primitives160(OwnedCoin coin) => KmsCloud.Primitives.Digests.Hash160(coin.PublicKeys.First());
    }

    private static (PaymentCase Payment, OwnedCoin Others) WithOthersInput(InputKind kind)
    {
        var payment = Payment(OwnedCoin.New(InputKind.Witness, new SeededRandom(3)));
        var others = OwnedCoin.New(kind, new SeededRandom(4));
        payment.Spend(others, PreviousId, 9, 5_000);
        return (payment, others);
    }

    private static PaymentCase Payment(OwnedCoin coin) =>
        new PaymentCase("BTC") { StatesHash = false }.Spend(coin, PreviousId, 0, 1_000_000).Pay([0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac], 990_000);

    /// <summary>The second input arrives with a scriptSig, and the request no longer names its key.</summary>
    private static JsonElement OthersSigned(PaymentCase payment, OwnedCoin others, byte[] script)
    {
        var vector = JsonObject.Create(payment.Vector())!;
        var json = payment.Json();
        json["inputs"]![1]!["script"] = Hex.Lower(script);
        vector["pending"]!["serializedTransaction"] = json.ToJsonString();
        vector["pending"]!["hashes"]!.AsArray().RemoveAt(payment.Inputs.FindIndex(input => input.Coin == others));
        return JsonSerializer.SerializeToElement(vector);
    }

    private static JsonElement WithSignature(PaymentCase payment, OwnedCoin coin, int given, IReadOnlyList<byte[]> signatures, int[] keys) =>
        WithSignatures(payment, coin, [given], signatures, keys);

    /// <summary>
    /// Signatures in key order arrive for some of the first two secrets of the coin, which are those that sign;
    /// the request names the keys of some secrets.
    /// </summary>
    private static JsonElement WithSignatures(PaymentCase payment, OwnedCoin coin, int[] given, IReadOnlyList<byte[]> signatures, int[] keys)
    {
        var publicKeys = coin.PublicKeys.Select(key => Hex.Lower(key)).ToList();
        var sorted = publicKeys.Order(StringComparer.Ordinal).ToList();
        var signers = publicKeys.Take(OwnedCoin.Threshold).Order(StringComparer.Ordinal).ToList();
        var json = payment.Json();
        foreach (var secret in given)
        {
            json["inputs"]![0]!["signatures"]![sorted.IndexOf(publicKeys[secret])] = new JsonObject
            {
                ["publicKey"] = publicKeys[secret],
                ["prevTxId"] = PreviousId,
                ["outputIndex"] = 0,
                ["inputIndex"] = 0,
                ["signature"] = Hex.Lower(signatures[signers.IndexOf(publicKeys[secret])].AsSpan(..^1)),
                ["sigtype"] = 1,
            };
        }

        var vector = JsonObject.Create(payment.Vector())!;
        var store = new JsonObject();
        foreach (var (at, secret) in coin.Secrets.Index())
        {
            store[$"secret-{at}"] = new JsonObject { ["privateKey"] = Hex.Lower(secret), ["chain"] = "BTC", ["testnet"] = true };
        }

        vector["walletStore"] = store;
        vector["pending"]!["hashes"] = new JsonArray([.. keys.Select(key => JsonValue.Create($"secret-{key}"))]);
        vector["pending"]!["serializedTransaction"] = json.ToJsonString();
        return JsonSerializer.SerializeToElement(vector);
    }

    private static void Refuses(JsonElement vector, string why) =>
        Assert.Contains(why, BitcoinRefusalTests.Refusal(vector).Message, StringComparison.Ordinal);
}
