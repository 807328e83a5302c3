using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Chains.Cardano;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Cardano;

/// <summary>What the recorded ADA vectors say beyond the signed envelope.</summary>
public static class CardanoVectorTests
{
    public static TheoryData<string> Names() => [.. Vectors.Names("ADA", "signing")];

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_body_and_shows_what_it_says(string name)
    {
        var vector = Vectors.Case("ADA", "signing", name);
        using var run = SigningRun.Sign(vector);
        var transaction = (CardanoTransaction)run.Transaction;
        Assert.Equal(vector.Text("body"), Convert.ToHexStringLower(transaction.Body.Bytes));
        Assert.Equal(vector.Text("digest"), Convert.ToHexStringLower(transaction.Digest));
        Assert.Contains(Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(vector.Text("transaction")!)), run.Signed.Data, StringComparison.Ordinal);
        foreach (var witness in vector.GetProperty("witnesses").EnumerateArray())
        {
            Assert.Contains($"825820{witness.Text("publicKey")}5840{witness.Text("signature")}", vector.Text("transaction")!, StringComparison.Ordinal);
        }

        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        var inputs = decoded.GetProperty("inputs").EnumerateArray().ToList();
        Assert.Equal(inputs.Select(input => input.Text("address")).Distinct(), summary.From);
        Assert.Equal(string.Join(", ", inputs.Select(input => input.Text("utxo"))), summary.Details["inputs"]);
        Assert.Equal(decoded.Text("feeLovelace"), summary.Fee!.Value.Units.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(
            decoded.GetProperty("outputs").EnumerateArray().Select(output => $"{output.Text("address")} {output.Text("lovelace")}"),
            summary.Transfers.Select(transfer => $"{transfer.To} {transfer.Amount.Units}"));
        Assert.Equal(
            summary.Transfers.Select(transfer => inputs.Any(input => input.Text("address") == transfer.To)),
            summary.Transfers.Select(transfer => transfer.IsChange));
    }

    [Fact]
    public static void Asks_what_the_original_asked_and_skips_what_is_not_needed()
    {
        foreach (var vector in Vectors.Read("ADA").GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            var recorded = vector.GetProperty("gateway").EnumerateArray().Where(call => !call.Flag("optional")).ToList();
            Assert.Equal(recorded.Select(call => call.Text("path")), run.Replay.Calls.Take(recorded.Count).Select(call => call.Path));
            foreach (var (expected, call) in recorded.Zip(run.Replay.Calls))
            {
                Assert.True(JsonElement.DeepEquals(expected.GetProperty("request"), JsonDocument.Parse(call.Body!).RootElement), call.Body);
            }
        }
    }

    [Fact]
    public static void Derives_roots_and_keys_of_both_paths_as_recorded()
    {
        foreach (var vector in Vectors.Read("ADA").GetProperty("wallets").EnumerateArray())
        {
            using var words = SecretBytes.FromString(vector.Text("mnemonic")!);
            using var entropy = Mnemonic.ToEntropy(words.Span);
            using var root = Icarus.Root(entropy.Span);
            var isLegacy = vector.Text("format")!.StartsWith("legacy", StringComparison.Ordinal);
            if (vector.Text("rootKey") is { } rootKey)
            {
                Assert.Equal(rootKey, Convert.ToHexStringLower(root.Node));
            }

            var wallet = new OneWallet("ADA", vector.Text("mnemonic")!, vector.Flag("testnet") ? Network.Testnet : Network.Mainnet).Wallet;
            Assert.Equal(vector.Text("xpub"), isLegacy ? CardanoWallets.LegacyXpub(words.Span) : wallet.Entry.Xpub);
            foreach (var expected in vector.GetProperty("keys").EnumerateArray())
            {
                var key = wallet.Key(expected.GetProperty("index").GetUInt32(), isLegacy ? CardanoWallets.Legacy : 0);
                Assert.Equal(expected.Text("publicKey"), Convert.ToHexStringLower(key.Bytes));
                Assert.Equal(expected.Text("paymentKeyHash"), Convert.ToHexStringLower(CardanoAddress.KeyHash(key.Bytes)));
                using var secret = wallet.OpenForPrinting(key);
                Assert.StartsWith(Convert.ToHexStringLower(secret.Export.Span), expected.Text("privateKey"), StringComparison.Ordinal);
                Assert.Contains(expected.Text("paymentKeyHash")!, Convert.ToHexStringLower(CardanoAddress.Read(expected.Text("address")!, wallet.Entry.Network, "it")), StringComparison.Ordinal);
                using var imported = wallet.Entry.Network is var network ? ChainCatalog.Get("ADA").Wallets.FromKey(SecretBytes.FromString(expected.Text("privateKey")!), network) : null;
                using var single = new Wallet("id", imported!, ChainCatalog.Get("ADA").Wallets);
                Assert.Equal(expected.Text("publicKey"), Convert.ToHexStringLower(single.Key().Bytes));
            }
        }
    }

    [Fact]
    public static void Extended_signatures_are_usual_ones()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 50; i++)
        {
            using var root = Icarus.Root(random.Bytes(32));
            using var key = root.Key();
            var message = random.Bytes(random.Below(100));
            Assert.True(Ed25519.IsValid(key.PublicKey.Bytes, message, Ed25519Extended.Sign(key.Export.Span, message)));
        }
    }
}
