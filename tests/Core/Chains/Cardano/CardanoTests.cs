using System.Diagnostics;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Cardano;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using static KmsCloud.Tests.Support.CardanoBuilder;

namespace KmsCloud.Tests.Chains.Cardano;

/// <summary>What ADA refuses of requests and of a gateway that builds something else, and the forms of a body it reads.</summary>
public static class CardanoTests
{
    private const string Policy = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c";
    private static readonly byte[] Fee = UInt(200_000);
    private static readonly byte[] Expiry = UInt(76_401_000);

    // 10 ada in, 2 to another, 7.8 back, 0.2 fee
    private static JsonArray Operations => [Input(0, 10_000_000, 1), Output(1, 0, 2_000_000), Output(2, 1, 7_800_000, Ours.Address)];

    private static byte[] Inputs => Array(Coin(1));

    private static byte[] Outputs => Array(Array(Address(Other), UInt(2_000_000)), Array(Address(Ours.Address), UInt(7_800_000)));

    private static byte[] Body => Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry));

    public static TheoryData<string> Forms() => [.. GoodBodies.Keys];

    public static TheoryData<string> Lies() => [.. BadBodies.Keys];

    private static Dictionary<string, byte[]> GoodBodies => new()
    {
        ["as usual"] = Body,
        ["inputs as a tagged set"] = Map((0, [0xd9, 0x01, 0x02, .. Inputs]), (1, Outputs), (2, Fee), (3, Expiry)),
        ["indefinite arrays and maps"] = [0xbf, 0, 0x9f, .. Coin(1), 0xff, 1, .. Outputs, 2, .. Fee, 3, .. Expiry, 0xff],
        ["over-long integers"] = Map((0, Inputs), (1, Outputs), (2, [0x1b, 0, 0, 0, 0, .. BigEndian(200_000)]), (3, Expiry)),
        ["outputs as maps"] = Map(
            (0, Inputs), (1, Array(Map((0, Address(Other)), (1, UInt(2_000_000))), Map((1, UInt(7_800_000)), (0, Address(Ours.Address))))), (2, Fee), (3, Expiry)),
        ["value with an empty bundle"] = Map(
            (0, Inputs), (1, Array(Array(Address(Other), Array(UInt(2_000_000), [0xa0])), Array(Address(Ours.Address), UInt(7_800_000)))), (2, Fee), (3, Expiry)),
        ["start and network"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (8, UInt(5)), (15, UInt(0))),
        ["members in another order"] = Map((2, Fee), (3, Expiry), (1, Outputs), (0, Inputs)),
    };

    private static Dictionary<string, byte[]> BadBodies => new()
    {
        ["another input"] = Map((0, Array(Coin(2))), (1, Outputs), (2, Fee), (3, Expiry)),
        ["another input number"] = Map((0, Array(Coin(1, 1))), (1, Outputs), (2, Fee), (3, Expiry)),
        ["one input more"] = Map((0, Array(Coin(1), Coin(2))), (1, Outputs), (2, Fee), (3, Expiry)),
        ["no input"] = Map((0, Array()), (1, Outputs), (2, Fee), (3, Expiry)),
        ["an input twice"] = Map((0, Array(Coin(1), Coin(1))), (1, Outputs), (2, Fee), (3, Expiry)),
        ["another recipient"] = Map((0, Inputs), (1, Array(Array(Address(Ours.Address), UInt(2_000_000)), Array(Address(Ours.Address), UInt(7_800_000)))), (2, Fee), (3, Expiry)),
        ["another amount"] = Map((0, Inputs), (1, Array(Array(Address(Other), UInt(2_000_001)), Array(Address(Ours.Address), UInt(7_800_000)))), (2, Fee), (3, Expiry)),
        ["outputs in another order"] = Map((0, Inputs), (1, Array(Array(Address(Ours.Address), UInt(7_800_000)), Array(Address(Other), UInt(2_000_000)))), (2, Fee), (3, Expiry)),
        ["one output more"] = Map((0, Inputs), (1, [0x83, .. Outputs[1..], .. Array(Address(Other), UInt(1))]), (2, Fee), (3, Expiry)),
        ["one output less"] = Map((0, Inputs), (1, Array(Array(Address(Other), UInt(2_000_000)))), (2, Fee), (3, Expiry)),
        ["a token in an output"] = Map(
            (0, Inputs), (1, Array(Array(Address(Other), Array(UInt(2_000_000), Bundle(5))), Array(Address(Ours.Address), UInt(7_800_000)))), (2, Fee), (3, Expiry)),
        ["a datum in an output"] = Map(
            (0, Inputs), (1, Array(Array(Address(Other), UInt(2_000_000), Cbor.Bytes(new byte[32])), Array(Address(Ours.Address), UInt(7_800_000)))), (2, Fee), (3, Expiry)),
        ["a datum in a map output"] = Map(
            (0, Inputs), (1, Array(Map((0, Address(Other)), (1, UInt(2_000_000)), (2, Array(UInt(0)))), Array(Address(Ours.Address), UInt(7_800_000)))), (2, Fee), (3, Expiry)),
        ["another fee"] = Map((0, Inputs), (1, Outputs), (2, UInt(200_001)), (3, Expiry)),
        ["another network"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (15, UInt(1))),
        ["certificates"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (4, Array())),
        ["withdrawals"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (5, [0xa0])),
        ["auxiliary data"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (7, Cbor.Bytes(new byte[32]))),
        ["a mint"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (9, [0xa0])),
        ["collateral"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (13, Inputs)),
        ["a vote"] = Map((0, Inputs), (1, Outputs), (2, Fee), (3, Expiry), (19, [0xa0])),
        ["outputs twice"] = Map((0, Inputs), (1, Outputs), (1, Outputs), (2, Fee), (3, Expiry)),
        ["no fee"] = Map((0, Inputs), (1, Outputs), (3, Expiry)),
        ["bytes behind it"] = [.. Body, 0],
        ["its end missing"] = Body[..^1],
        ["inputs of another tag"] = Map((0, [0xc1, .. Inputs]), (1, Outputs), (2, Fee), (3, Expiry)),
        ["a negative fee"] = Map((0, Inputs), (1, Outputs), (2, [0x3a, .. BigEndian(199_999)]), (3, Expiry)),
        ["no map"] = Array(Inputs, Outputs),
    };

    [Theory, MemberData(nameof(Forms))]
    public static void Signs_the_hash_of_a_body_as_it_stands(string form)
    {
        var body = GoodBodies[form];
        var signed = Complete(Operations, Payloads(body)).Sign(Ours.Wallet);
        Assert.Equal(Hex.Lower(KmsCloud.Primitives.Blake2b.Hash(body, 32)), signed.TransactionId);
        Assert.Contains(Hex.Lower(System.Text.Encoding.ASCII.GetBytes(Hex.Lower(body))), signed.Data, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Lies))]
    public static void Refuses_a_body_with(string lie) =>
        Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => Complete(Operations, Payloads(BadBodies[lie]))).Failure);

    [Fact]
    public static void Refuses_payloads_that_are_not_the_hash_for_an_input()
    {
        Refuses("something else", Payloads(Body, digest: new string('0', 64)));
        Refuses("something else", Payloads(Body, digest: ""));
        Refuses("not among the inputs", Payloads(Body, addresses: [Other]));
        Refuses("not among the inputs", Payloads(Body, addresses: [Ours.Address, Other]));
        Refuses("hexadecimal", Payloads(Body, digest: "xyz"));
    }

    [Fact]
    public static void Signs_for_every_input_whatever_the_payloads_leave_out()
    {
        var signed = Complete(Operations, Payloads(Body, addresses: [])).Sign(Ours.Wallet);
        Assert.Equal(Complete(Operations, Payloads(Body, addresses: [Ours.Address, Ours.Address])).Sign(Ours.Wallet), signed);
    }

    [Fact]
    public static void Refuses_envelopes_of_another_form()
    {
        var text = Cbor.Text(Hex.Lower(Body));
        Refuses("operations", Payloads(Body, envelope: Array(text)));
        Refuses("operations", Payloads(Body, envelope: Array(text, [0x80])));
        Refuses("operations", Payloads(Body, envelope: Array(text, [0xa0], [0xa0])));
        Refuses("is empty", Payloads(Body, envelope: [0x80]));
        Refuses("behind its end", Payloads(Body, envelope: [.. Array(text, [0xa0]), 0]));
        Refuses("expected", Payloads(Body, envelope: Array(Cbor.Bytes(Body), [0xa0])));
        Refuses("hexadecimal", Payloads(Body, envelope: Array(Cbor.Text("zz"), [0xa0])));
    }

    [Fact]
    public static void Shows_and_signs_native_assets()
    {
        JsonArray operations = [Input(0, 10_000_000, 1, tokens: Tokens("-", (Policy, "544f4b", 100))), Output(1, 0, 9_800_000, tokens: Tokens("", (Policy, "544f4b", 100)))];
        var body = Map((0, Inputs), (1, Array(Array(Address(Other), Array(UInt(9_800_000), Bundle(100))))), (2, Fee));
        var transaction = Complete(operations, Payloads(body));
        Assert.Equal(["9.8 ADA", $"100 raw units of {Policy}.544f4b"], transaction.Summary.Transfers.Select(transfer => transfer.Amount.ToString()));
        Assert.Contains(transaction.Summary.Warnings, text => text.Contains("never expires", StringComparison.Ordinal));
        Assert.NotEmpty(transaction.Sign(Ours.Wallet).Data);
        Assert.Throws<KmsException>(() => Complete(operations, Payloads(Map((0, Inputs), (1, Array(Array(Address(Other), Array(UInt(9_800_000), Bundle(99))))), (2, Fee)))));
    }

    [Theory]
    [InlineData("not a list", """{"txData":{}}""")]
    [InlineData("not a list", "[]")]
    public static void Refuses_other_forms(string because, string json) =>
        Assert.Contains(because, Assert.Throws<KmsException>(() => Ours.Decode(json)).Message, StringComparison.Ordinal);

    [Fact]
    public static void Refuses_operations_that_contradict_themselves()
    {
        RefusesOperations("not covered", [Input(0, 10_000_000, 1), Output(1, 0, 10_000_000)]); // no fee
        RefusesOperations("not covered", [Input(0, 1_000_000, 1), Output(1, 0, 2_000_000)]);
        RefusesOperations("not covered", [Input(0, 2_000_000, 1), Output(1, 0, 1_800_000, tokens: Tokens("", (Policy, "aa", 1)))]);
        RefusesOperations("not covered", [Input(0, 2_000_000, 1, tokens: Tokens("-", (Policy, "aa", 2))), Output(1, 0, 1_800_000, tokens: Tokens("", (Policy, "aa", 1)))]);
        RefusesOperations("fee", [Input(0, 10_000_000, 1), Output(1, 0, 4_999_999)]);
        RefusesOperations("same input twice", [Input(0, 1_000_000, 1), Input(1, 1_000_000, 1), Output(2, 0, 1_800_000)]);
        RefusesOperations("no inputs", [Output(0, 0, 1_800_000)]);
        RefusesOperations("out of order", [Output(0, 0, 1_800_000), Input(1, 2_000_000, 1)]);
        RefusesOperations("out of order", [Input(0, 2_000_000, 1), Output(1, 1, 1_800_000)]);
        RefusesOperations("whole number", [Input(1, 2_000_000, 1), Output(2, 0, 1_800_000)]);
        RefusesOperations("no named wallet", [Input(0, 2_000_000, 1, Other), Output(1, 0, 1_800_000)]);
        RefusesOperations("script", [Input(0, 2_000_000, 1, Bech32.EncodeBytes("addr_test", [0x70, .. new byte[28]])), Output(1, 0, 1_800_000)]);
        RefusesOperations("Byron", [Input(0, 2_000_000, 1, ByronTest), Output(1, 0, 1_800_000)]);
        RefusesOperations("negative", [Input(0, 0, 1), Output(1, 0, 1_800_000)]);
    }

    [Theory]
    [InlineData("addr1v92zwu3jfn8jtl2pmekyg40j9vvsdq27yk09rkmnecgwnkgv4smlm")] // mainnet
    [InlineData("addr_test1vp2zwu3jfn8jtl2pmekyg40j9vvsdq27yk09rkmnecgwnkghay8s8")]
    [InlineData("stake_test1urwhvdzsxv3p9jvnqpwy4ve4m66h04xe7wnvvqdg8z7pzjqf6zgr8")]
    [InlineData("Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi")] // Byron, mainnet
    [InlineData("hello")]
    [InlineData("")]
    public static void Refuses_to_pay(string address) => RefusesOperations("", [Input(0, 2_000_000, 1), Output(1, 0, 1_800_000, address)]);

    [Fact]
    public static void Pays_to_addresses_of_the_byron_era()
    {
        var bytes = CardanoAddress.Read(ByronTest, Network.Testnet, "it");
        var body = Map((0, Inputs), (1, Array(Array(Cbor.Bytes(bytes), UInt(1_800_000)))), (2, Fee));
        var summary = Complete([Input(0, 2_000_000, 1), Output(1, 0, 1_800_000, ByronTest)], Payloads(body)).Summary;
        Assert.Equal(ByronTest, summary.Transfers[0].To);
    }

    [Fact]
    public static void Signs_for_addresses_of_the_older_path()
    {
        // CIP-1852 keys and base addresses of tatum-kms before version 8, from the recorded wallets
        var vector = Vectors.Read("ADA").GetProperty("wallets").EnumerateArray().First(wallet => wallet.Text("format")!.StartsWith("legacy", StringComparison.Ordinal) && wallet.Flag("testnet"));
        var wallet = new OneWallet("ADA", vector.Text("mnemonic")!);
        var address = vector.GetProperty("keys")[0].Text("address")!;
        var pending = wallet.Pending(new JsonArray(Input(0, 2_000_000, 1, address), Output(1, 0, 1_800_000)).ToJsonString());
        var transaction = wallet.Chain.Decode(pending, new([], [(wallet.Wallet, 0)], null), new(Network.Testnet));
        var body = Map((0, Inputs), (1, Array(Array(Address(Other), UInt(1_800_000)))), (2, Fee));
        var signed = Complete(transaction, Payloads(body, addresses: [address])).Sign(wallet.Wallet);
        Assert.Contains(Hex.Lower(System.Text.Encoding.ASCII.GetBytes(vector.GetProperty("keys")[0].Text("publicKey")!)), signed.Data, StringComparison.Ordinal);
    }

    [Fact]
    public static void A_stake_part_of_somebody_else_is_no_change()
    {
        var ours = CardanoAddress.Read(Ours.Address, Network.Testnet, "it")[1..];
        var mixed = Bech32.EncodeBytes("addr_test", [0x00, .. ours, .. new byte[28]]);
        var summary = Ours.Decode(new JsonArray(Input(0, 2_000_000, 1), Output(1, 0, 1_800_000, mixed)).ToJsonString()).Summary;
        Assert.False(summary.Transfers[0].IsChange);
        var spent = Ours.Decode(new JsonArray(Input(0, 2_000_000, 1, mixed), Output(1, 0, 1_800_000, mixed)).ToJsonString()).Summary;
        Assert.False(spent.Transfers[0].IsChange); // also where it was spent from
    }

    [Fact]
    public static void Change_to_the_older_base_address_is_ours_when_both_its_halves_are()
    {
        var vector = Vectors.Read("ADA").GetProperty("wallets").EnumerateArray().First(wallet => wallet.Text("format")!.StartsWith("legacy", StringComparison.Ordinal) && wallet.Flag("testnet"));
        var wallet = new OneWallet("ADA", vector.Text("mnemonic")!);
        var address = vector.GetProperty("keys")[0].Text("address")!;
        var pending = wallet.Pending(new JsonArray(Input(0, 2_000_000, 1, address), Output(1, 0, 1_800_000, address)).ToJsonString());
        var summary = wallet.Chain.Decode(pending, new([], [(wallet.Wallet, 0)], null), new(Network.Testnet)).Summary;
        Assert.True(summary.Transfers[0].IsChange);
        Assert.Equal(0u, summary.Transfers[0].ChangeIndex);
    }

    [Theory]
    [InlineData("5947cb4a0241a32eab2b5d0f868b3d893a66bdd23cfee372aa6c6e9be37f4040fd305dec8e3289cd97933fb22ef1b75c8a44ea3a441fed1e99510fe6f194422f")] // no multiple of 8
    [InlineData("5847cb4a0241a32eab2b5d0f868b3d893a66bdd23cfee372aa6c6e9be37f40c0fd305dec8e3289cd97933fb22ef1b75c8a44ea3a441fed1e99510fe6f194422f")] // above 2^255
    [InlineData("5847cb4a")]
    [InlineData("zz47cb4a0241a32eab2b5d0f868b3d893a66bdd23cfee372aa6c6e9be37f4040fd305dec8e3289cd97933fb22ef1b75c8a44ea3a441fed1e99510fe6f194422f")]
    public static void Refuses_keys_that_are_none(string text) => Assert.Equal(
        Failure.Refused, Assert.Throws<KmsException>(() => Ours.Chain.Wallets.FromKey(SecretBytes.FromString(text), Network.Testnet)).Failure);

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("ADA");

    [Fact]
    public static void Survives_hostile_bodies_and_signs_none_that_says_something_else()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        var bodies = GoodBodies.Values.ToList();
        var decoded = Ours.Decode(Operations.ToJsonString());
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < ChainFuzz.Time / 2;)
        {
            var body = Mutation.Bytes(random.Pick(bodies), random);
            try
            {
                var built = ((CardanoTransaction)Complete(decoded, Payloads(body))).Body;
                Assert.Equal([2_000_000, 7_800_000], built.Outputs.Select(output => output.Value.Lovelace));
                Assert.Equal(200_000, built.Fee);
                Assert.Equal(new string('0', 1) + new string('1', 1), $"0{built.Inputs.Count}");
            }
            catch (KmsException error) when (error.Failure is Failure.Refused)
            {
                // refused, as it should be
            }
        }
    }

    private const string ByronTest = "2cWKMJemoBajc46Wu4Z7e6bG48myZWfB7Z6pD77L6PrJQWt9HZ3Yv7o8CYZTBMqHTPTkv";

    private static byte[] Bundle(ulong units) => [0xa1, .. Cbor.Bytes(Convert.FromHexString(Policy)), 0xa1, .. Cbor.Bytes("TOK"u8), .. UInt(units)];

    private static byte[] BigEndian(uint number) => [(byte)(number >> 24), (byte)((number >> 16) & 0xff), (byte)((number >> 8) & 0xff), (byte)(number & 0xff)];

    private static void Refuses(string because, global::System.Text.Json.JsonElement payloads) =>
        Assert.Contains(because, Assert.Throws<KmsException>(() => Complete(Operations, payloads)).Message, StringComparison.Ordinal);

    private static void RefusesOperations(string because, JsonArray operations)
    {
        var error = Assert.Throws<KmsException>(() => Ours.Decode(operations.ToJsonString()));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Equal(Failure.Refused, error.Failure);
    }
}
