using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Solana;
using KmsCloud.Codecs;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Solana;

/// <summary>Solana against @solana/web3.js: the recorded transactions, and random ones, legacy and version 0.</summary>
public static class SolanaPeerTests
{
    [Fact]
    public static void Web3_reads_the_recorded_transactions_with_right_signatures()
    {
        foreach (var vector in Vectors.Read("SOL").GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            var wire = SolanaSigned.Read(run.Signed.Data).Wire;
            var peer = Peer.Call("solana", "read", new JsonObject { ["wire"] = wire })!;
            Assert.Equal(wire, (string?)peer["again"]);
            Assert.Equal(vector.Text("blockhash"), (string?)peer["blockhash"]);
        }
    }

    [Fact]
    public static void Random_transactions_are_signed_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        string[] kinds = ["transfer", "memo", "budget", "token", "tokenChecked", "ata", "mint"];
        for (var i = 0; i < 120; i++)
        {
            byte[] payer = random.Bytes(32), sender = random.Chance(2) ? payer : random.Bytes(32), mint = random.Bytes(32), newMint = random.Bytes(32), to = random.Bytes(32);
            string[] names = [.. kinds.Where(_ => random.Chance(3)).DefaultIfEmpty("transfer")];
            var version = random.Pick(["legacy", "legacy", "v0", "v0 with table"]);
            var blockhash = Base58.Encode(random.Bytes(32));
            var peer = Peer.Call("solana", "build", new JsonObject
            {
                ["names"] = new JsonArray([.. names.Select(name => (JsonNode)name)]),
                ["version"] = version,
                ["blockhash"] = blockhash,
                ["payer"] = Hex.Lower(payer),
                ["sender"] = Hex.Lower(sender),
                ["mint"] = Hex.Lower(mint),
                ["newMint"] = Hex.Lower(newMint),
                ["to"] = Hex.Lower(to),
                ["lamports"] = random.Below(1_000_000_000),
                ["units"] = random.Below(1_000_000_000),
                ["memo"] = "hello",
            })!;
            var signers = peer["signers"]!.AsArray().Select(signer => (string)signer!).ToList();
            var ours = ((byte[][])[payer, sender]).DistinctBy(seed => Hex.Lower(seed)).Select(Wallet).Where(wallet => signers.Contains(wallet.Address(wallet.Key()))).ToList();
            var json = new JsonObject { ["txData"] = (string?)peer["unsigned"] };
            if (names.Contains("mint"))
            {
                json["mintPK"] = Hex.Lower([.. newMint, .. Ed25519.PublicKey(newMint)]);
            }

            var pending = new PendingTransaction { Id = "1", Chain = "SOL", SerializedTransaction = json.ToJsonString() };
            var transaction = ChainCatalog.Get("SOL").Decode(pending, new(ours, [], null), new(Network.Testnet));
            var answer = $$$$"""{"result":{"value":{"blockhash":"{{{{blockhash}}}}","lastValidBlockHeight":5}}}""";
            var signed = transaction.Complete(new([JsonDocument.Parse(answer).RootElement])).Sign(new PrivateKeys(new(ours, [], null)));
            Assert.Equal((string?)peer["wire"], SolanaSigned.Read(signed.Data).Wire);
            Assert.Equal(signers, transaction.Summary.From);
            if (names.Contains("ata") && names.Contains("token") && version != "v0 with table")
            {
                Assert.Contains(transaction.Summary.Transfers, transfer => transfer.To == Base58.Encode(Ed25519.PublicKey(to)));
            }
        }
    }

    [Fact]
    public static void Token_accounts_and_points_are_found_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 50; i++)
        {
            var (owner, mint) = (Base58.Encode(random.Bytes(32)), Base58.Encode(random.Bytes(32)));
            Assert.Equal((string?)Peer.Call("solana", "ata", new JsonObject { ["owner"] = owner, ["mint"] = mint }), SolanaPrograms.AssociatedAccount(owner, mint));
            var point = random.Bytes(32);
            Assert.Equal((bool)Peer.Call("solana", "onCurve", new JsonObject { ["point"] = Hex.Lower(point) })!, Ed25519.IsOnCurve(point));
        }
    }

    private static Wallet Wallet(byte[] seed) =>
        new OneWallet("SOL", Hex.Lower([.. seed, .. Ed25519.PublicKey(seed)])).Wallet;
}
