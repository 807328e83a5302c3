using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Policy;

using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>"Paid back to a key of the wallet that signs": a wallet that is merely named takes everything as change.</summary>
public static class RedTeamChangeTests
{
    private static readonly byte[] Stranger = [0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac];

    [Theory]
    [InlineData("BTC")]
    [InlineData("LTC")]
    [InlineData("DOGE")]
    public static void What_goes_to_a_wallet_that_signs_nothing_is_no_change(string chain)
    {
        var ours = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1));
        var named = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(2)); // another customer's wallet in the same file
        var payment = new PaymentCase(chain).Spend(ours, new string('1', 64), 0, 900_000_000).Pay(Stranger, 2_000_000).Pay(named.Script, 897_000_000);
        var vector = JsonNode.Parse(payment.Vector().GetRawText())!;
        var other = JsonNode.Parse(new PaymentCase(chain).Spend(named, new string('2', 64), 0, 1).Pay(Stranger, 1).Vector().GetRawText())!;
        var id = other["pending"]!["hashes"]![0]!.GetValue<string>();
        vector["pending"]!["hashes"]!.AsArray().Add(id);
        vector["walletStore"]![id] = other["walletStore"]![id]!.DeepClone();
        using var run = SigningRun.Sign(JsonSerializer.SerializeToElement(vector));
        var summary = run.Transaction.Summary;
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes(
            $$"""{"version":1,"requireVerifiedFee":false,"rules":[{"name":"small","chains":["{{chain}}"],"recipients":["{{summary.Transfers[0].To}}"],"assets":{"{{chain}}":{"perTransaction":"0.05","perDay":"0.05"} } }]}"""));
        var verdict = PolicyCheck.Verdict(rules, summary, ["a", "b"], (_, _) => default, DateTimeOffset.UnixEpoch, filled: true);
        Assert.False(verdict.Allowed, "allowed, with " + string.Join("; ", summary.Transfers.Select(transfer => $"{transfer.Amount} to {transfer.To}{(transfer.IsChange ? " (change)" : "")}")));
    }

    [Fact]
    public static void Nor_on_Cardano()
    {
        var chain = ChainCatalog.Get("ADA");
        using var entry = chain.Wallets.Generate(Network.Testnet);
        using var named = new Wallet("named", entry, chain.Wallets);
        var to = named.Address(named.Key(0));
        var operations = new JsonArray(CardanoBuilder.Input(0, 900_000_000, 1), CardanoBuilder.Output(1, 0, 2_000_000), CardanoBuilder.Output(2, 1, 897_800_000, to));
        var summary = chain.Decode(CardanoBuilder.Ours.Pending(operations.ToJsonString()), new([CardanoBuilder.Ours.Wallet], [(named, 0)], null), new(Network.Testnet)).Summary;
        Assert.False(summary.Transfers[1].IsChange, $"{summary.Transfers[1].Amount} to {to} is change");
    }
}
