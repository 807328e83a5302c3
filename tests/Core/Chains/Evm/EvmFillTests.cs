using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Chains.Evm;
using KmsCloud.Errors;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>Nonce, gas, price and chain id from the gateway, and what is refused of its answers.</summary>
public static class EvmFillTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Account = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
    private const string To = "0x3535353535353535353535353535353535353535";
    private const string Bare = $$"""{"to":"{{To}}","value":"1"}""";

    public static TheoryData<string> Codes => ["ETH", "BSC", "MATIC", "KLAY", "ONE", "KCS", "XDC", "CELO"];

    [Theory, MemberData(nameof(Codes))]
    public static void Fills_everything_that_is_missing(string code)
    {
        using var signer = new SingleKeySigner(code, Key);
        var transaction = SingleKeySigner.Complete(signer.Decode(Bare), Gateway(code).Answer);
        var signed = transaction.Sign(signer.Keys);
        Assert.Equal("7", transaction.Summary.Sequence);
        Assert.NotNull(transaction.Summary.Fee);
        Assert.Equal($"{code}:{Account}", signed.SequenceAccount);
        Assert.Equal(7UL, signed.Sequence);
        Assert.Equal(7, EvmReading.Read(signed.Data).Nonce);
    }

    [Fact]
    public static void Two_transactions_of_one_account_get_consecutive_nonces()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var first = signer.Sign(Bare, Gateway("ETH").Answer);
        var second = signer.Sign(Bare, Gateway("ETH").Answer, next: first.Sequence + 1);
        Assert.Equal((7UL, 8UL), (first.Sequence, second.Sequence));
        Assert.Equal(first.SequenceAccount, second.SequenceAccount);
        Assert.NotEqual(first.Data, second.Data);
    }

    [Fact]
    public static void The_gateways_count_wins_once_it_is_ahead()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        Assert.Equal(7UL, signer.Sign(Bare, Gateway("ETH").Answer, next: 3).Sequence);
    }

    [Fact]
    public static void A_nonce_that_is_given_is_used_as_it_stands_and_held()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var transaction = signer.Decode($$"""{"to":"{{To}}","value":"1","nonce":0}""");
        Assert.Null(transaction.SequenceAccount);
        var signed = SingleKeySigner.Complete(transaction, Gateway("ETH").Answer, next: 5).Sign(signer.Keys);
        Assert.Equal(0, EvmReading.Read(signed.Data).Nonce);
        Assert.Equal((transaction.BroughtSequence!.Value.Account, 0UL, true), (signed.SequenceAccount, signed.Sequence, signed.IsSequenceBrought));
    }

    [Theory, MemberData(nameof(Codes))]
    public static void Refuses_a_price_a_hundred_times_the_usual(string code)
    {
        var usual = ((EvmChain)ChainCatalog.Get(code)).UsualGwei * 1_000_000_000L;
        var given = $$"""{"to":"{{To}}","value":"1","gas":21000,"nonce":1,"chainId":{{ChainId(code)}},"gasPrice":"{{usual * 100}}"}""";
        using var signer = new SingleKeySigner(code, Key);
        Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => signer.Decode(given)).Failure);
        using var open = new SingleKeySigner(code, Key, options: new() { FeeRateCeiling = usual * 100 });
        Assert.NotNull(open.Sign(given));
        var greedy = Gateway(code) with { Price = usual * 100 };
        Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => signer.Sign(Bare, greedy.Answer)).Failure);
        Assert.NotNull(open.Sign(Bare, greedy.Answer));
    }

    [Fact]
    public static void Bounds_fee_caps_and_whole_fees_as_configured()
    {
        const string capped = $$"""{"to":"{{To}}","gas":21000,"nonce":1,"chainId":11155111,"maxFeePerGas":"2000000000000","maxPriorityFeePerGas":"1"}""";
        using var plain = new SingleKeySigner("ETH", Key);
        Assert.Throws<KmsException>(() => plain.Decode(capped));
        using var open = new SingleKeySigner("ETH", Key, options: new() { FeeRateCeiling = 2_000_000_000_000 });
        Assert.NotNull(open.Decode(capped));
        using var thrifty = new SingleKeySigner("ETH", Key, options: new() { FeeRateCeiling = 2_000_000_000_000, FeeCeiling = 21000 * 2_000_000_000_000L - 1 });
        Assert.Throws<KmsException>(() => thrifty.Decode(capped));
    }

    [Theory]
    [InlineData("BSC", 10)]
    [InlineData("KCS", 1)]
    public static void The_price_can_be_fixed_and_has_one_to_fall_back_on(string code, long usual)
    {
        using var plain = new SingleKeySigner(code, Key);
        Assert.Equal(usual * 1_000_000_000, EvmReading.Read(plain.Sign(Bare, call => call.IsOptional ? "null" : Gateway(code).Answer(call)).Data).Price);
        using var chosen = new SingleKeySigner(code, Key, options: new() { DefaultFeeRate = 3_000_000_000 });
        Assert.Equal(3_000_000_000, EvmReading.Read(chosen.Sign(Bare, Gateway(code).Answer).Data).Price);
    }

    [Theory, MemberData(nameof(Codes))]
    public static void Refuses_a_gateway_of_another_network(string code)
    {
        using var signer = new SingleKeySigner(code, Key);
        Assert.Throws<KmsException>(() => signer.Sign(Bare, (Gateway(code) with { Chain = 1 }).Answer));
        Assert.Throws<KmsException>(() => signer.Sign(Bare, (Gateway(code) with { Chain = 43114 }).Answer));
    }

    /// <summary>Each question answered with nonsense, the others well.</summary>
    [Theory, MemberData(nameof(Codes))]
    public static void Refuses_answers_that_make_no_sense(string code)
    {
        string[] nonsense =
        [
            "null", "true", "\"\"", "\"0x\"", "\"12\"", "-1", "1.5", "1e9", "[]", "{}", "\"0x1g\"", $"\"0x1{new string('0', 64)}\"", $"\"0x{new string('f', 200)}\"",
            """{"result":null}""", """{"result":""}""", """{"result":"0x"}""", """{"result":"-0x1"}""", """{"result":{}}""", """{"result":-1}""", """{"result":1.5}""",
            """{"error":{"code":-32000,"message":"boom"}}""", """{"result":"0x1","error":{"code":3}}""", """{"error":true}""", """{"error":{"code":"x","message":5}}""",
            """{"medium":"x"}""", """{"medium":-1}""", """{"medium":null}""", """{"medium":1.5}""", """{"medium":{}}""",
            $$"""{"result":"0x1{{new string('0', 64)}}"}""", """{"result":"0xffffffffffffffff"}""",
            """{"result":"0x20000000000000"}""", "9007199254740992", """{"medium":9007199254740992}""",
        ];
        using var signer = new SingleKeySigner(code, Key);
        var wells = new List<string>();
        signer.Sign(Bare, call => Gateway(code).Answer(Seen(call)));
        Assert.Equal(4, wells.Count);
        foreach (var question in wells)
        {
            foreach (var answer in nonsense.Where(answer => answer != "null" || !(code is "BSC" or "KCS" && question == "the gas price"))) // no answer at all: the price to fall back on
            {
                var error = Assert.Throws<KmsException>(() => signer.Sign(Bare, call => call.What == question ? answer : Gateway(code).Answer(call)));
                Assert.NotEqual(Failure.Internal, error.Failure);
            }
        }

        NodeCall Seen(NodeCall call)
        {
            wells.Add(call.What);
            return call;
        }
    }

    [Fact]
    public static void An_estimate_that_reverts_is_refused_and_a_node_in_trouble_is_the_gateways_fault()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        Assert.Equal(Failure.Refused, Fail("""{"error":{"code":3,"message":"x"}}"""));
        Assert.Equal(Failure.Refused, Fail("""{"error":{"code":-32000,"message":"execution reverted: no"}}"""));
        Assert.Equal(Failure.Gateway, Fail("""{"error":{"code":-32005,"message":"limit exceeded"}}"""));

        Failure Fail(string estimate) => Assert.Throws<KmsException>(
            () => signer.Sign(Bare, call => call.What == "the gas" ? estimate : Gateway("ETH").Answer(call))).Failure;
    }

    [Fact]
    public static void Estimates_with_the_value_too()
    {
        using var signer = new SingleKeySigner("MATIC", Key);
        var call = signer.Decode(Bare).Missing.Single(call => call.What == "the gas");
        var parameters = JsonDocument.Parse(call.Body!).RootElement.GetProperty("params")[0];
        Assert.Equal("0x1", parameters.Text("value"));
    }

    [Fact]
    public static void The_summary_grows_with_the_answers_and_then_stands()
    {
        using var signer = new SingleKeySigner("ETH", Key);
        var draft = signer.Decode(Bare);
        Assert.Null(draft.Summary.Fee);
        Assert.Null(draft.Summary.Sequence);
        Assert.Throws<InvalidOperationException>(() => draft.Sign(signer.Keys));
        var whole = SingleKeySigner.Complete(draft, Gateway("ETH").Answer);
        Assert.Empty(whole.Missing);
        Assert.Equal("0.00042 ETH", whole.Summary.Fee.ToString());
        Assert.Equal("ETH:" + Account, whole.SequenceAccount);
    }

    private static FakeGateway Gateway(string code) => new(code, ChainId(code), 20_000_000_000);

    private static ulong ChainId(string code) => code switch
    {
        "ETH" => 11155111,
        "BSC" => 97,
        "MATIC" => 80002,
        "KLAY" => 1001,
        "ONE" => 1666700000,
        "KCS" => 322,
        "XDC" => 51,
        _ => 11142220,
    };

    private sealed record FakeGateway(string Code, ulong Chain, long Price)
    {
        public string Answer(NodeCall call) => call.What switch
        {
            "the chain id" => Rpc(Chain),
            "the nonce" => call.Body is null ? "7" : Rpc(7),
            "the gas" => Rpc(21000),
            "the gas price" => call.Body is null ? $$"""{"fast":1,"medium":{{Price}},"slow":1}""" : Rpc((ulong)Price),
            _ => throw new InvalidOperationException(call.What),
        };

        private static string Rpc(ulong number) => $$"""{"jsonrpc":"2.0","id":1,"result":"0x{{number.ToString("x", CultureInfo.InvariantCulture)}}"}""";
    }
}
