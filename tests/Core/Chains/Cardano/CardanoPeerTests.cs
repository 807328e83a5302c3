using System.Text.Json.Nodes;
using KmsCloud.Chains.Cardano;
using KmsCloud.Codecs;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Cardano;

/// <summary>Cardano against cardano-serialization-lib: the recorded transactions, random ones, keys and addresses.</summary>
public static class CardanoPeerTests
{
    [Fact]
    public static void The_library_reads_the_recorded_transactions_with_right_witnesses()
    {
        foreach (var vector in Vectors.Read("ADA").GetProperty("signing").EnumerateArray())
        {
            var peer = Peer.Call("cardano", "read", new JsonObject { ["transaction"] = vector.Text("transaction") })!;
            Assert.True((bool)peer["valid"]!);
            Assert.Equal(vector.Text("txId"), (string?)peer["hash"]);
        }
    }

    [Fact]
    public static void Random_transactions_are_signed_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 40; i++)
        {
            using var root = Icarus.Root(random.Bytes(32));
            using var key = root.Key();
            var secret = Hex.Lower(key.Export.Span);
            var wallet = new OneWallet("ADA", secret);
            var token = random.Chance(2) ? ($"{Hex.Lower(random.Bytes(28))}", Hex.Lower(random.Bytes(random.Below(33))), 1 + random.Next() % 1_000_000_000_000) : ((string, string, ulong)?)null;
            var to = (string)Peer.Call("cardano", "address", new JsonObject
            {
                ["key"] = Hex.Lower(key.PublicKey.Bytes),
                ["test"] = true,
                ["stake"] = random.Chance(2) ? Hex.Lower(key.PublicKey.Bytes) : null,
            })!;

            var inputs = Enumerable.Range(0, 1 + random.Below(5)).Select(number => (Id: (byte)(number + 1), Lovelace: 1_000_000 + (ulong)random.Below(int.MaxValue))).ToList();
            var total = inputs.Aggregate(0UL, (sum, input) => sum + input.Lovelace);
            var fee = 300_000 + (ulong)random.Below(400_000);
            JsonArray operations =
            [
                .. inputs.Select((input, at) => Input(at, input.Lovelace, input.Id, wallet.Address, at == 0 ? token : null)),
                CardanoBuilder.Output(inputs.Count, 0, total - fee, to, token is { } sent ? CardanoBuilder.Tokens("", sent) : null),
            ];
            var peer = Peer.Call("cardano", "body", new JsonObject
            {
                ["inputs"] = new JsonArray([.. inputs.Select(input => (JsonNode)new JsonObject { ["id"] = Hex.Lower([.. Enumerable.Repeat(input.Id, 32)]), ["index"] = 0 })]),
                ["outputs"] = new JsonArray(new JsonObject
                {
                    ["address"] = to,
                    ["lovelace"] = $"{total - fee}",
                    ["tokens"] = token is { } paid ? new JsonObject { [$"{paid.Item1}.{paid.Item2}"] = $"{paid.Item3}" } : new JsonObject(),
                }),
                ["fee"] = $"{fee}",
                ["ttl"] = random.Chance(3) ? null : $"{random.Next() >> 16}",
                ["key"] = secret,
            })!;

            var body = Convert.FromHexString((string)peer["body"]!);
            var signed = CardanoBuilder.Complete(operations, CardanoBuilder.Payloads(body, addresses: [wallet.Address]), wallet).Sign(wallet.Wallet);
            var cbor = new CborReader(Convert.FromHexString(signed.Data), "it");
            cbor.Array();
            var transaction = cbor.Text();
            var read = Peer.Call("cardano", "read", new JsonObject { ["transaction"] = transaction })!;
            Assert.True((bool)read["valid"]!);
            Assert.Equal((string?)peer["hash"], signed.TransactionId);
            Assert.Equal((string?)peer["hash"], (string?)read["hash"]);
            Assert.Equal(Hex.Lower(body), (string?)read["body"]);
            Assert.EndsWith($"a10081{peer["witness"]}f5f6", transaction, StringComparison.Ordinal);
        }
    }

    [Fact]
    public static void Keys_are_derived_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 20; i++)
        {
            var entropy = random.Bytes(random.Pick([16, 20, 24, 28, 32]));
            using var root = Icarus.Root(entropy);
            var index = (uint)(random.Next() >> 33);
            foreach (var (hardened, path) in ((int, uint[])[])[(0, []), (4, [1852, 1815, 0, 0, index]), (3, [1852, 1815, 0, 0, index])])
            {
                var peer = Peer.Call("cardano", "keys", new JsonObject
                {
                    ["entropy"] = Hex.Lower(entropy),
                    ["hardened"] = hardened,
                    ["steps"] = new JsonArray([.. path.Select(step => (JsonNode)step)]),
                })!;
                var node = path.Select((step, at) => at < hardened ? step | DerivationPath.Hardened : step).Aggregate(root, (parent, step) => parent.Child(step));
                Assert.Equal((string?)peer["key"], Hex.Lower(node.Node[..64]));
                Assert.Equal((string?)peer["public"] + (string?)peer["chaincode"], node.Xpub());
            }
        }
    }

    [Fact]
    public static void Addresses_are_written_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 20; i++)
        {
            using var root = Icarus.Root(random.Bytes(32));
            foreach (var network in (Network[])[Network.Mainnet, Network.Testnet])
            {
                var test = network is Network.Testnet;
                var peer = (string?)Peer.Call("cardano", "address", new JsonObject { ["key"] = Hex.Lower(root.PublicKey()), ["test"] = test });
                Assert.Equal(peer, CardanoAddress.Enterprise(root.PublicKey(), network));
            }
        }
    }

    private static JsonObject Input(int at, ulong lovelace, byte number, string address, (string Policy, string Name, ulong Units)? token) =>
        CardanoBuilder.Input(at, lovelace, number, address, token is { } held ? CardanoBuilder.Tokens("-", held) : null);
}
