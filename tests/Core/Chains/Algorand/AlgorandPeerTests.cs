using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Algorand;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Algorand;

/// <summary>Algorand against algosdk: the recorded transactions, and random ones with every field.</summary>
public static class AlgorandPeerTests
{
    private const string Words = "fuel still panel obscure risk shield enemy tip wheel unique lottery session insane visit upon essence girl image orphan feed echo clown ceiling ability divide";

    [Fact]
    public static void Algosdk_signs_the_recorded_transactions_alike()
    {
        var words = Vectors.Read("ALGO").GetProperty("keypairs").EnumerateArray().ToDictionary(pair => pair.Text("secret")!, pair => pair.Text("mnemonic")!);
        foreach (var vector in Vectors.Read("ALGO").GetProperty("signing").EnumerateArray())
        {
            var wallet = vector.GetProperty("walletStore").EnumerateObject().Single().Value;
            var peer = Peer.Call("algorand", "read", new JsonObject { ["signed"] = vector.Text("signed"), ["words"] = words[wallet.Text("secret") ?? wallet.Text("privateKey")!] })!;
            Assert.Equal(vector.Text("signed"), (string?)peer["signed"]);
            Assert.Equal(vector.Text("txId"), (string?)peer["txId"]);
        }
    }

    [Fact]
    public static void Random_transactions_are_read_and_signed_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        var ours = new OneWallet("ALGO", Words);
        var from = ours.Wallet.Key().Bytes.ToArray();
        for (var i = 0; i < 200; i++)
        {
            var json = AlgorandJsonOf.Random(random, from);
            var transaction = ours.Decode(json.ToJsonString(), new ChainOptions { AllowAccountControl = true });
            var signed = transaction.Sign(ours.Wallet);
            var peer = Peer.Call("algorand", "read", new JsonObject { ["signed"] = signed.Data, ["words"] = Words })!;
            Assert.Equal((string?)peer["signed"], signed.Data);
            Assert.Equal((string?)peer["txId"], signed.TransactionId);
            Same(json, peer);
            Assert.Equal((string?)peer["from"], Assert.Single(transaction.Summary.From));
            Assert.Equal($"{peer["fee"]}", $"{transaction.Summary.Fee!.Value.Units}");
        }
    }

    [Fact]
    public static void Algosdk_makes_the_same_words_and_secrets()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 20; i++)
        {
            var words = (string)Peer.Call("algorand", "words", new JsonObject { ["seed"] = Convert.ToHexStringLower(random.Bytes(32)) })!;
            var account = Peer.Call("algorand", "account", new JsonObject { ["words"] = words })!;
            using var key = AlgorandKey.FromWords(SecretBytes.FromString(words));
            Assert.Equal((string?)account["address"], AlgorandKey.Address(key.PublicKey.Bytes));
            Assert.Equal((string?)account["secret"], Convert.ToHexStringLower([.. key.Export.Span, .. key.PublicKey.Bytes]));
        }
    }

    // every member of the JSON against what algosdk reads from the signed bytes
    private static void Same(JsonObject json, JsonNode peer)
    {
        foreach (var (member, name) in ((string, string)[])[("fee", "fee"), ("firstRound", "firstRound"), ("lastRound", "lastRound"), ("amount", "amount"),
            ("assetIndex", "asset"), ("assetTotal", "total"), ("assetDecimals", "decimals"), ("assetUnitName", "unit"), ("assetName", "name"), ("assetURL", "url"), ("type", "type")])
        {
            if (json[member] is { } value)
            {
                Assert.Equal($"{value}", $"{peer[name]}");
            }
        }

        foreach (var (member, name) in ((string, string)[])[("to", "to"), ("closeRemainderTo", "closeTo"), ("reKeyTo", "rekeyTo"), ("assetRevocationTarget", "revoked"),
            ("assetManager", "manager"), ("assetReserve", "reserve"), ("assetFreeze", "freeze"), ("assetClawback", "clawback")])
        {
            Assert.Equal(json[member] is { } address ? AlgorandKey.Address(Bytes(address["publicKey"]!)) : null, (string?)peer[name]);
        }

        foreach (var (member, name) in ((string, string)[])[("note", "note"), ("lease", "lease"), ("group", "group"), ("assetMetadataHash", "hash")])
        {
            Assert.Equal(json[member] is { } bytes ? Convert.ToHexStringLower(Bytes(bytes)) : "", (string?)peer[name]);
        }
    }

    private static byte[] Bytes(JsonNode json) => json["data"] is JsonArray data
        ? [.. data.Select(value => (byte)value!)]
        : [.. json.AsObject().Select(member => (byte)member.Value!)];
}
