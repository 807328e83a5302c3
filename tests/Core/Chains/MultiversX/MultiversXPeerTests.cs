using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains.MultiversX;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.MultiversX;

/// <summary>MultiversX against @multiversx/sdk-core: the recorded transactions and random ones.</summary>
public static class MultiversXPeerTests
{
    private const string Key = "d868ed011676f698dd050343f0769f9b8fb92d8117dbbc07a30b0982e3f6b03a";
    private static readonly OneWallet Ours = new("EGLD", Key);

    [Fact]
    public static void The_sdk_signs_the_recorded_transactions_alike()
    {
        foreach (var vector in Vectors.Read("EGLD").GetProperty("signing").EnumerateArray())
        {
            if (vector.GetProperty("walletStore").EnumerateObject().Single().Value.Text("privateKey") is { } key)
            {
                Same(JsonDocument.Parse(vector.Text("signed")!).RootElement, key, vector.Text("signature"), vector.Text("txId"), vector.Text("signingMessage"));
            }
        }
    }

    [Fact]
    public static void Random_transactions_are_signed_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 100; i++)
        {
            var json = new JsonObject
            {
                ["to"] = MultiversXKey.Address(random.Bytes(32)),
                ["value"] = $"{random.Below(100_000)}.{random.Next() % 1_000_000_000_000_000_000:d18}",
            };
            if (random.Chance(2))
            {
                json["data"] = random.Pick(["note", "naïve ☃ \"quoted\" \\ & <b>", "ESDTTransfer@544f4b2d616263646566@64", new string('x', 200)]);
            }

            var transaction = Ours.Decode(json.ToJsonString());
            var price = 1_000_000_000 + (long)(random.Next() % 1_000_000_000);
            transaction = transaction.Complete(new([
                Json($$$$"""{"data":{"config":{"erd_chain_id":"{{{{random.Pick(["D", "T"])}}}}","erd_min_gas_price":{{{{price}}}},"erd_min_transaction_version":{{{{1 + random.Below(2)}}}}}}}"""),
                Json($$$"""{"data":{"nonce":{{{random.Next() >> (12 + random.Below(50))}}}}}"""),
            ]));
            transaction = transaction.Complete(new([Json($$$"""{"data":{"txGasUnits":{{{50_000 + random.Below(450_000)}}}}}""")]));
            var signed = transaction.Sign(Ours.Wallet);
            var sent = Json(signed.Data);
            Same(sent, Key, sent.Text("signature"), signed.TransactionId, ((MultiversXTransaction)transaction).SigningText);
        }
    }

    [Fact]
    public static void Token_transfers_of_the_sdk_are_decoded()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 40; i++)
        {
            var receiver = MultiversXKey.Address(random.Bytes(32));
            var tokens = Enumerable.Range(0, 1 + random.Below(3))
                .Select(_ => (Id: $"TOK{random.Below(10)}-{random.Below(0x1000000):x6}", Nonce: random.Chance(2) ? 0 : 1 + random.Below(100_000), Amount: 1 + (random.Next() >> 1))).ToList();
            var peer = Peer.Call("multiversx", "transfer", new JsonObject
            {
                ["sender"] = Ours.Address,
                ["receiver"] = receiver,
                ["tokens"] = new JsonArray([.. tokens.Select(token => new JsonObject { ["id"] = token.Id, ["nonce"] = token.Nonce, ["amount"] = $"{token.Amount}" })]),
            })!;
            var json = new JsonObject { ["to"] = (string?)peer["receiver"], ["value"] = 0, ["data"] = (string?)peer["data"] };
            var summary = Ours.Decode(json.ToJsonString()).Summary;
            Assert.True(summary.Understood);
            Assert.Equal(
                tokens.Select(token => (receiver, token.Nonce == 0 ? token.Id : $"{token.Id} no. {token.Nonce}", token.Amount.ToString(CultureInfo.InvariantCulture))),
                summary.Transfers.Select(transfer => (transfer.To, transfer.Amount.Asset, transfer.Amount.Number)));
        }
    }

    [Fact]
    public static void Keys_are_derived_alike()
    {
        var mnemonic = Vectors.Read("EGLD").GetProperty("wallets").EnumerateArray().First(wallet => !wallet.Flag("testnet")).Text("mnemonic")!;
        var wallet = new OneWallet("EGLD", mnemonic, Network.Mainnet).Wallet;
        foreach (var index in (uint[])[0, 1, 7, 1000, int.MaxValue])
        {
            var peer = Peer.Call("multiversx", "derive", new JsonObject { ["mnemonic"] = mnemonic, ["index"] = index })!;
            Assert.Equal((string?)peer["key"], Convert.ToHexStringLower(wallet.OpenForPrinting(wallet.Key(index)).Export.Span));
            Assert.Equal((string?)peer["address"], wallet.Address(wallet.Key(index)));
        }
    }

    private static void Same(JsonElement sent, string key, string? signature, string? id, string? message)
    {
        var peer = Peer.Call("multiversx", "sign", new JsonObject
        {
            ["key"] = key,
            ["nonce"] = sent.GetProperty("nonce").GetRawText(),
            ["value"] = sent.Text("value"),
            ["receiver"] = sent.Text("receiver"),
            ["gasPrice"] = sent.GetProperty("gasPrice").GetRawText(),
            ["gasLimit"] = sent.GetProperty("gasLimit").GetRawText(),
            ["data"] = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(sent.Text("data") ?? "")),
            ["chainID"] = sent.Text("chainID"),
            ["version"] = sent.GetProperty("version").GetInt32(),
        })!;
        Assert.Equal((string?)peer["message"], message);
        Assert.Equal((string?)peer["signature"], signature);
        Assert.Equal((string?)peer["hash"], id);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
