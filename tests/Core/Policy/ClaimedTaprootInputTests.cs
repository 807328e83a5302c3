using System.Text.Json.Nodes;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Codecs;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using NBitcoin;
using BtcScript = NBitcoin.Script;
using BtcTransaction = NBitcoin.Transaction;
using Transaction = KmsCloud.Chains.Bitcoin.Transaction;

namespace KmsCloud.Tests.Policy;

/// <summary>An outpoint that is only said to be a taproot output of ours proves no other input's amount.</summary>
public sealed class ClaimedTaprootInputTests : IDisposable
{
    private const long Truth = 1_000_000_000; // 10 BTC
    private const long Said = 1_000_000;
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_legacy_input_beside_an_outpoint_that_is_said_to_be_taproot_needs_its_previous_transaction()
    {
        world.Policy = Policy;
        var attacker = new Key(Enumerable.Repeat((byte)7, 32).ToArray());
        var legacy = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1));
        world.Add("BTC", Mixed(legacy, new string('b', 64), attacker).Vector()); // in truth the attacker's P2WPKH
        world.OnAny = request => IsQuestion(request) ? new(404) : null;
        var report = await world.RunAsync();
        var happened = world.Broadcasts.Any() ? Stolen(legacy, attacker) : "accepted";
        Assert.True(report.Count(Verdict.Accepted) == 0, happened);
        Assert.Contains("the previous transaction bbb", report.Transactions[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outpoint_of_somebody_else_that_is_said_to_be_taproot_is_refused_when_its_transaction_is_seen()
    {
        world.Policy = Policy;
        var attacker = new Key(Enumerable.Repeat((byte)7, 32).ToArray());
        var legacy = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1));
        var source = Source([0, 20, .. attacker.PubKey.WitHash.ToBytes()]);
        world.Add("BTC", Mixed(legacy, source.Id([Unlocking.Nothing]), attacker).Vector());
        world.OnAny = request => IsQuestion(request) ? Answer(source) : null;
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Refused));
        var reason = report.Transactions[0].Reason;
        Assert.Contains("input 1 does not hold what it is said to hold", reason, StringComparison.Ordinal);
        Assert.Empty(world.Broadcasts);
    }

    [Fact]
    public async Task One_question_proves_the_fee_where_the_taproot_output_is_truly_ours()
    {
        world.Policy = Policy;
        var legacy = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1));
        var source = Source(OwnedCoin.Of(InputKind.Taproot, legacy.Secrets).Script);
        var id = source.Id([Unlocking.Nothing]);
        world.Add("BTC", Mixed(legacy, id, new Key(Enumerable.Repeat((byte)7, 32).ToArray())).Vector());
        List<string> asked = [];
        world.OnAny = request =>
        {
            if (!IsQuestion(request))
            {
                return null;
            }

            asked.Add(request.Path);
            return Answer(source);
        };
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.EndsWith(id, Assert.Single(asked), StringComparison.Ordinal);
    }

    private static string Policy => """
        {"version":1,"rules":[{
            "name":"r","chains":["BTC"],"recipients":"any","assets":{"BTC":{"perTransaction":"0.02"}}}]}
        """;

    /// <summary>Our P2PKH input that is said to hold less, beside one that is said to be our taproot output.</summary>
    private static PaymentCase Mixed(OwnedCoin legacy, string claimed, Key payee) => new PaymentCase("BTC")
        .Spend(legacy, new string('a', 64), 0, Said) // in truth 10 BTC
        .Spend(OwnedCoin.Of(InputKind.Taproot, legacy.Secrets), claimed, 0, 1_000) // anybody can make the script
        .Pay([0, 20, .. payee.PubKey.WitHash.ToBytes()], Said - 9_000);

    private static Transaction Source(byte[] script) =>
        new(2, [new(new(new string('7', 64), 0), 0)], [new(1_000, script)], 0);

    private static bool IsQuestion(Received request) =>
        request.Path.Contains("/transaction/", StringComparison.Ordinal);

    private static Reply Answer(Transaction source) =>
        new(200, $$"""{"hex":"{{Hex.Lower(source.Serialize([Unlocking.Nothing]))}}"}""");

    /// <summary>What the attacker makes of it: valid by the interpreter over the true outputs.</summary>
    private string Stolen(OwnedCoin legacy, Key attacker)
    {
        var data = JsonNode.Parse(world.Broadcasts.Single().Body)!["txData"]!.GetValue<string>();
        var transaction = BtcTransaction.Parse(data, NBitcoin.Network.TestNet);
        TxOut[] spent =
        [
            new(Money.Satoshis(Truth), BtcScript.FromBytesUnsafe(legacy.Script)),
            new(Money.Satoshis(1_000), attacker.PubKey.WitHash.ScriptPubKey),
        ];
        var script = attacker.PubKey.Hash.ScriptPubKey;
        var digest = transaction.GetSignatureHash(script, 1, SigHash.All, spent[1], HashVersion.WitnessV0);
        var plain = attacker.Sign(digest, new SigningOptions(SigHash.All)).Signature;
        var signature = Op.GetPushOp(new TransactionSignature(plain, SigHash.All).ToBytes());
        transaction.Inputs[1].WitScript = new WitScript(signature, Op.GetPushOp(attacker.PubKey.ToBytes()));
        var precomputed = transaction.PrecomputeTransactionData(spent);
        var valid = transaction.Inputs.Select((input, at) =>
        {
            var context = new ScriptEvaluationContext { ScriptVerify = ScriptVerify.Standard };
            var checker = new TransactionChecker(transaction, at, spent[at], precomputed);
            return context.VerifyScript(input.ScriptSig, spent[at].ScriptPubKey, checker);
        });
        var fee = spent.Sum(output => output.Value.Satoshi) - transaction.Outputs.Sum(output => output.Value.Satoshi);
        return $"signed and accepted; inputs valid over the truth: {string.Join(", ", valid)}; "
            + $"fee in truth {fee} sat, shown as 10000";
    }
}
