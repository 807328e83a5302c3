using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>Bitcoin Cash's own form: raw hex, a colon, amounts; keys by their place.</summary>
public static class CashRefusalTests
{
    private static readonly JsonElement Vector = BitcoinRefusalTests.Payment("BCH").Vector();
    private static readonly string Text = Vector.GetProperty("pending").Text("serializedTransaction")!;
    private static readonly string Bytes = Text[..Text.IndexOf(':', StringComparison.Ordinal)];

    [Fact]
    public static void Refuses_a_transaction_cut_off_anywhere()
    {
        for (var length = 0; length < Bytes.Length; length++)
        {
            Refuses(Bytes[..length] + ":[1000000]", "");
        }
    }

    [Theory]
    [InlineData("00", "bytes behind its end")]
    [InlineData("0", "not hexadecimal")]
    [InlineData(" ", "not hexadecimal")]
    [InlineData("zz", "not hexadecimal")]
    public static void Refuses_what_is_left_over(string more, string why) => Refuses(Bytes + more + ":[1000000]", why);

    [Theory]
    [InlineData("0200000001", "0200000000", "no inputs")]
    [InlineData("0200000001", "02000000000101", "no inputs, or it is in segwit form")]
    [InlineData("0200000001", "02000000fd0100", "longer than it needs to be")]
    [InlineData("0200000001", "02000000fe01000000", "longer than it needs to be")]
    [InlineData("0200000001", "02000000ffffffffffffffffff", "cut off")]
    [InlineData("0200000001", "02000000feffffffff", "cut off")]
    [InlineData("0300000000ffffffff", "030000000151ffffffff", "signed already")]
    [InlineData("ffffffff02", "ffffffff00", "bytes behind its end")]
    [InlineData("988d070000000000", "ffffffffffffffff", "more BCH than can exist")]
    [InlineData("988d070000000000", "0140075af0750700", "more BCH than can exist")]
    [InlineData("988d07000000000019", "988d070000000000ff0000000001000000", "cut off")]
    public static void Refuses_malformed_bytes(string old, string changed, string why)
    {
        var at = Bytes.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, Bytes);
        Refuses(string.Concat(Bytes.AsSpan(0, at), changed, Bytes.AsSpan(at + old.Length)) + ":[1000000]", why);
    }

    [Theory]
    [InlineData("", "list of input amounts")]
    [InlineData("[", "list of input amounts")]
    [InlineData("1000000", "not a list")]
    [InlineData("{\"0\":1000000}", "not a list")]
    [InlineData("[]", "not a list")]
    [InlineData("[1000000,1]", "not a list")]
    [InlineData("[-1]", "the amount of input 0")]
    [InlineData("[1000000.5]", "the amount of input 0")]
    [InlineData("[\"1000000\"]", "the amount of input 0")]
    [InlineData("[1e6]", "the amount of input 0")]
    [InlineData("[null]", "the amount of input 0")]
    [InlineData("[[1000000]]", "the amount of input 0")]
    [InlineData("[2100000000000001]", "the amount of input 0")]
    [InlineData("[1000000]:[1000000]", "list of input amounts")]
    public static void Refuses_malformed_amounts(string amounts, string why) => Refuses(Bytes + ":" + amounts, why);

    [Theory]
    [InlineData("0", 3, true)]
    [InlineData("0,0", 3, true)]
    [InlineData("0,0,0,0,0", 3, true)]
    [InlineData("0,1", 2, true)]
    [InlineData("0,1,0", 3, true)]
    [InlineData("0,1", 3, false)]
    [InlineData("0,1,0", 2, false)]
    [InlineData("0,0,1", 2, false)]
    [InlineData("", 1, false)]
    public static void Gives_keys_to_inputs_by_their_place(string keys, int inputs, bool signs)
    {
        var random = new SeededRandom(4);
        List<OwnedCoin> owners = [OwnedCoin.New(InputKind.KeyHash, random), OwnedCoin.New(InputKind.KeyHash, random)];
        var order = keys.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList();
        var payment = new PaymentCase("BCH");
        for (var at = 0; at < Math.Max(inputs, order.Count); at++)
        {
            payment.Spend(owners[order.Count > 0 ? order[at % order.Count] : 0], new string('1', 64), (uint)at, 10_000);
        }

        var vector = JsonObject.Create(payment.Pay([0x6a], 0).Vector())!;
        vector["pending"]!["hashes"] = new JsonArray([.. vector["pending"]!["hashes"]!.AsArray().Take(order.Count).Select(id => id!.DeepClone())]);
        payment.Inputs.RemoveRange(inputs, payment.Inputs.Count - inputs);
        vector["pending"]!["serializedTransaction"] = payment.Vector().GetProperty("pending").Text("serializedTransaction");
        var changed = JsonSerializer.SerializeToElement(vector);
        if (!signs)
        {
            Assert.Contains("keys are named for", BitcoinRefusalTests.Refusal(changed).Message, StringComparison.Ordinal);
            return;
        }

        using var run = SigningRun.Sign(changed);
        Assert.Equal(
            Enumerable.Range(0, inputs).Select(at => Convert.ToHexString(owners[order[at % order.Count]].PublicKeys.First())),
            ParsedTransaction.Read(run.Signed.Data).Inputs.Select(input => Convert.ToHexString(input.Pushes[1])));
    }

    [Fact]
    public static void Keeps_version_sequence_and_lock_time()
    {
        var payment = new PaymentCase("BCH") { Version = 1, LockTime = 500 }
            .Spend(OwnedCoin.New(InputKind.KeyHash, new SeededRandom(4)), new string('1', 64), 0, 10_000, 7)
            .Pay([0x6a], 0);
        using var run = SigningRun.Sign(payment.Vector());
        var signed = ParsedTransaction.Read(run.Signed.Data);
        Assert.Equal((1, 500u, 7u), (signed.Version, signed.LockTime, signed.Inputs[0].Sequence));
    }

    private static void Refuses(string serialized, string why) =>
        Assert.Contains(why, BitcoinRefusalTests.Refusal(BitcoinRefusalTests.With(Vector, serialized)).Message, StringComparison.Ordinal);
}
