using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Policy;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>What an input holds is proved, or the policy does not allow it: a gateway that says less hides a fee.</summary>
public sealed class UnderstatedInputAmountTests : IDisposable
{
    private const long Held = 1_000_000;
    private static readonly byte[] Stranger = [0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac];
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData("BTC", InputKind.KeyHash, 1, false)]
    [InlineData("DOGE", InputKind.KeyHash, 1, false)]
    [InlineData("LTC", InputKind.ScriptHashMultisig, 1, false)]
    [InlineData("BTC", InputKind.Witness, 1, true)]
    [InlineData("BTC", InputKind.Witness, 2, false)]
    [InlineData("BCH", InputKind.KeyHash, 1, true)]
    [InlineData("BCH", InputKind.KeyHash, 2, false)]
    public async Task Without_the_previous_transactions_only_one_input_that_covers_its_amount_is_signed(string chain, InputKind kind, int inputs, bool signed)
    {
        world.Policy = Policy(chain, "");
        world.Add(chain, Case(chain, kind, inputs, knowsPrevious: false).Vector());
        world.OnAny = request => request.Path.Contains("/transaction/", StringComparison.Ordinal) ? new(404) : null;
        var report = await world.RunAsync();
        Assert.Equal(signed, report.Count(Verdict.Accepted) == 1);
        Assert.Equal(signed ? 1 : 0, world.Broadcasts.Count());
    }

    [Theory]
    [InlineData("BTC", InputKind.KeyHash, 1)]
    [InlineData("BTC", InputKind.Witness, 3)]
    [InlineData("DOGE", InputKind.PublicKey, 2)]
    [InlineData("LTC", InputKind.NestedWitness, 2)]
    [InlineData("BCH", InputKind.KeyHash, 2)]
    public async Task The_previous_transactions_are_asked_for_and_prove_the_fee(string chain, InputKind kind, int inputs)
    {
        world.Policy = Policy(chain, "");
        world.Add(chain, Case(chain, kind, inputs).Vector());
        world.OnAny = Serve;
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
    }

    [Fact]
    public async Task An_input_that_holds_more_than_is_said_is_refused_when_its_transaction_is_seen()
    {
        world.Policy = Policy("BTC", "");
        world.Add("BTC", Case("BTC", InputKind.KeyHash, 1, lie: 400_000).Vector());
        world.OnAny = Serve;
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Refused));
        Assert.Contains("does not hold what it is said to hold", report.Transactions[0].Reason, StringComparison.Ordinal);
        Assert.Empty(world.Broadcasts);
    }

    [Fact]
    public void The_request_may_bring_the_previous_transaction_itself()
    {
        var payment = Case("BTC", InputKind.KeyHash, 1);
        using var run = SigningRun.Sign(Brought(payment, previous.Values.Single()));
        Assert.True(run.Transaction.Summary.FeeVerified);
        var other = previous.Values.Single().Replace("40420f", "40420e", StringComparison.Ordinal);
        Assert.Throws<KmsException>(() => SigningRun.Sign(Brought(payment, other)));
        var lie = Case("BTC", InputKind.KeyHash, 1, lie: 1000);
        Assert.Throws<KmsException>(() => SigningRun.Sign(Brought(lie, previous.Values.Last())));
    }

    [Theory]
    [InlineData("""{"version":1,"requireVerifiedFee":false,"rules":[RULE]}""", "", true)]
    [InlineData("""{"version":1,"rules":[RULE]}""", ""","requireVerifiedFee":false""", true)]
    [InlineData("""{"version":1,"requireVerifiedFee":false,"rules":[RULE]}""", ""","requireVerifiedFee":true""", false)]
    [InlineData("""{"version":1,"rules":[RULE]}""", "", false)]
    public void It_is_required_unless_policy_or_rule_say_otherwise(string policy, string more, bool allowed)
    {
        using var run = SigningRun.Sign(Case("BTC", InputKind.KeyHash, 1).Vector());
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes(policy.Replace("RULE", Rule("BTC", more), StringComparison.Ordinal)));
        var verdict = PolicyCheck.Verdict(rules, run.Transaction.Summary, ["w"], (_, _) => default, DateTimeOffset.UnixEpoch, filled: true);
        Assert.True(allowed == verdict.Allowed, string.Join(';', verdict.Reasons));
    }

    [Fact]
    public async Task An_outpoint_signed_with_one_amount_is_not_signed_with_another_under_another_id_even_after_a_restart()
    {
        world.Add("BTC", Case("BTC", InputKind.Witness, 2, knowsPrevious: false).Vector(), Named("first"));
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        world.Pending.Clear();
        world.Add("BTC", Case("BTC", InputKind.Witness, 2, lie: 500, knowsPrevious: false).Vector(), Named("second"));
        world.Add("BTC", Case("BTC", InputKind.Witness, 2, knowsPrevious: false).Vector(), Named("third"));
        var report = await world.RunAsync();
        Assert.Equal(Verdict.Refused, report.Transactions.Single(item => item.Id == "second").Verdict);
        Assert.Contains("was signed before as holding", report.Transactions.Single(item => item.Id == "second").Reason, StringComparison.Ordinal);
        Assert.Equal(Verdict.Accepted, report.Transactions.Single(item => item.Id == "third").Verdict);
        Assert.DoesNotContain(world.Approver.Requests, request => request.Path.EndsWith("/second", StringComparison.Ordinal)); // refused before anybody was asked
    }

    private readonly Dictionary<string, string> previous = [];

    private Reply? Serve(Received request) =>
        previous.FirstOrDefault(pair => request.Path.EndsWith("/transaction/" + pair.Key, StringComparison.Ordinal)) is { Key: not null } found
            ? new(200, $$"""{"hash":"{{found.Key}}","hex":"{{found.Value}}"}""")
            : null;

    /// <summary>Inputs of real previous transactions with Held each, of which the request says that they hold less by the lie.</summary>
    private PaymentCase Case(string chain, InputKind kind, int inputs, long lie = 0, bool knowsPrevious = true)
    {
        var payment = new PaymentCase(chain);
        for (var at = 0; at < inputs; at++)
        {
            var coin = OwnedCoin.New(kind, new SeededRandom(kind is InputKind.KeyHash && chain == "BCH" ? 1 : (ulong)at + 1));
            var source = new Transaction(2, [new(new(new string('7', 64), (uint)at), 0)], [new(5, Stranger), new(Held, coin.Script)], 0);
            var (id, hex) = (source.Id([Unlocking.Nothing]), Hex.Lower(source.Serialize([new([], [[1, 2], []])])));
            payment.Spend(coin, knowsPrevious ? id : new string((char)('a' + at), 64), 1, Held - lie);
            previous[id] = hex;
        }

        return payment.Pay(Stranger, (inputs * (Held - lie)) - 10_000);
    }

    private static System.Text.Json.JsonElement Brought(PaymentCase payment, string hex)
    {
        var vector = JsonNode.Parse(payment.Vector().GetRawText())!;
        var transaction = payment.Json();
        transaction["inputs"]![0]!["prevTx"] = hex;
        vector["pending"]!["serializedTransaction"] = transaction.ToJsonString();
        return System.Text.Json.JsonSerializer.SerializeToElement(vector);
    }

    private static Func<JsonObject, JsonObject> Named(string id) => pending =>
    {
        pending["id"] = id;
        return pending;
    };

    private static string Policy(string chain, string more) => $$"""{"version":1,"rules":[{{Rule(chain, more)}}]}""";

    private static string Rule(string chain, string more) => $$"""{"name":"r","chains":["{{chain}}"],"recipients":"any","assets":{"{{chain}}":{} }{{more}}}""";
}
