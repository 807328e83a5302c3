using System.Text.Json.Nodes;
using KmsCloud.Chains.Stellar;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Stellar;

/// <summary>Stellar against @stellar/stellar-sdk: the recorded transactions, and random ones of every operation and envelope form.</summary>
public static class StellarPeerTests
{
    private const string Secret = "SB6OLFAC7OBYVHCRBLJB46VCYEXWAYMPCRWA3LDHFP54NJEEHVWX2GOI";

    [Fact]
    public static void The_sdk_signs_the_recorded_transactions_alike()
    {
        foreach (var vector in Vectors.Read("XLM").GetProperty("signing").EnumerateArray())
        {
            var wallet = vector.GetProperty("walletStore").EnumerateObject().Single().Value;
            var peer = Peer.Call("stellar", "sign", new JsonObject
            {
                ["envelope"] = vector.GetProperty("pending").Text("serializedTransaction"),
                ["secret"] = wallet.Text("secret") ?? wallet.Text("privateKey"),
                ["test"] = vector.Flag("testnet"),
            })!;
            Assert.Equal(vector.Text("signed"), (string?)peer["signed"]);
            Assert.Equal(vector.Text("txId"), (string?)peer["hash"]);
        }
    }

    [Fact]
    public static void Random_transactions_are_signed_alike()
    {
        for (var i = 0UL; i < 200; i++)
        {
            var test = i % 2 == 0;
            var peer = Peer.Call("stellar", "random", new JsonObject { ["secret"] = Secret, ["seed"] = $"{ChainFuzz.Seed + i}", ["test"] = test })!;
            var transaction = Same(peer, test);
            Assert.Equal(peer["names"]!.AsArray().Select(name => (string?)name), transaction.Envelope.Operations.Select(operation => operation.Name));
            Assert.Equal((string?)peer["fee"], $"{transaction.Summary.Fee!.Value.Units}");
            Assert.Equal((bool)peer["feeBump"]!, transaction.Envelope.FeePayer is not null);
        }
    }

    [Fact]
    public static void The_legacy_envelope_is_signed_alike()
    {
        foreach (var name in (string[])["payment-native", "payment-memo-hash", "two-operations"])
        {
            var envelope = Vectors.Case("XLM", "signing", name).GetProperty("pending").Text("serializedTransaction");
            var peer = Peer.Call("stellar", "toV0", new JsonObject { ["envelope"] = envelope, ["secret"] = Secret, ["test"] = true })!;
            Assert.Equal(0u, Same(peer, test: true).Envelope.Type);
        }
    }

    [Fact]
    public static void Addresses_of_every_kind_are_written_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 20; i++)
        {
            var (key, id) = (random.Bytes(32), random.Next());
            var peer = Peer.Call("stellar", "addresses", new JsonObject { ["key"] = Convert.ToHexStringLower(key), ["id"] = $"{id}" })!;
            using var seed = KmsCloud.Keys.Ed25519Keys.FromSeed(SecretBytes.Copy(key));
            using var secret = new StrKey().Format(seed, Network.Mainnet);
            Assert.Equal((string?)peer["g"], StrKey.PublicKey(key));
            Assert.Equal((string?)peer["m"], StrKey.Muxed(key, id));
            Assert.Equal((string?)peer["t"], StrKey.PreAuthorised(key));
            Assert.Equal((string?)peer["x"], StrKey.HashX(key));
            Assert.Equal((string?)peer["s"], secret.Reveal());
        }
    }

    private static StellarTransaction Same(JsonNode peer, bool test)
    {
        var wallet = new OneWallet("XLM", Secret, test ? Network.Testnet : Network.Mainnet);
        var transaction = wallet.Decode((string)peer["unsigned"]!);
        var signed = transaction.Sign(wallet.Wallet);
        Assert.Equal((string?)peer["signed"], signed.Data);
        Assert.Equal((string?)peer["hash"], signed.TransactionId);
        return (StellarTransaction)transaction;
    }
}
