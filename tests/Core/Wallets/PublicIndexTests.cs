using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Approver;

/// <summary>
/// Whoever has the index of public keys decodes what the daemon decodes; and no word of a secret is in it.
/// </summary>
public static class PublicIndexTests
{
    private const int Indexes = 64; // more than vectors use
    private static readonly string[] SecretMembers = ["mnemonic", "privateKey", "secret"];

    public static TheoryData<string, string> Signed => SigningCases.All;

    [Theory, MemberData(nameof(Signed))]
    public static void Decodes_every_vector_to_the_same_bytes(string chain, string name)
    {
        var vector = Vectors.Case(chain, "signing", name);
        using var run = SigningRun.Sign(vector);
        var text = Written(run);
        foreach (var entry in vector.GetProperty("walletStore").EnumerateObject())
        {
            foreach (var secret in SecretMembers.Select(member => entry.Value.Text(member)).OfType<string>())
            {
                Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
            }
        }

        var index = PublicIndex.Read(Encoding.UTF8.GetBytes(text), ChainCatalog.WalletsOf);
        var transaction = run.Chain.Decode(run.Pending, KeyMatch.Find(run.Pending, index.Find, run.Network), run.Context);
        foreach (var bodies in run.RecordedRounds)
        {
            transaction = transaction.Complete(new(bodies));
        }

        Assert.Equal(SummaryJson.Line(run.Transaction.Summary), SummaryJson.Line(transaction.Summary));
        if (name != "nonce-chosen-by-signer") // at random, by each decoder
        {
            Assert.Equal(Convert.ToHexString(run.Transaction.SigningBytes), Convert.ToHexString(transaction.SigningBytes));
        }
    }

    public static TheoryData<string, string, string?> Mistakes() => new()
    {
        { "another version", "version", "2" },
        { "an unknown member", "owner", "\"me\"" },
        { "an unknown chain", "wallets.0.chain", "\"DOT\"" },
        { "an unknown network", "wallets.0.network", "\"regtest\"" },
        { "an unknown kind", "wallets.0.kind", "\"hsm\"" },
        { "a mnemonic in it", "wallets.0.mnemonic", "\"legal winner\"" },
        { "an xpub of another network", "wallets.0.network", "\"mainnet\"" },
        { "an xpub that is none", "wallets.0.xpub", "\"xpub661\"" },
        { "an address of somebody else", "wallets.0.keys.0.address", "\"0x7db98c08e0baf33cb04fe43cc17bbee99ffebc6a\"" },
        { "no address", "wallets.0.keys.0.address", null },
        { "a key of another index", "wallets.0.keys.0.index", "1" },
        { "an index of a wallet with one key", "wallets.0.kind", "\"key\"" },
        { "a public key that is no hex", "wallets.0.keys.0.publicKey", "\"zz\"" },
        { "one id twice", "wallets.1.signatureId", "\"a\"" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public static void A_mistake_makes_the_whole_index_invalid(string mistake, string path, string? value)
    {
        var json = JsonNode.Parse(Two())!;
        Assert.Equal(2, Read(json).Count);
        var steps = path.Split('.');
        var at = steps[..^1].Aggregate(json, (node, step) => int.TryParse(step, out var number) ? node[number]! : node[step]!);
        if (value is null)
        {
            at.AsObject().Remove(steps[^1]);
        }
        else
        {
            at[steps[^1]] = JsonNode.Parse(value);
        }

        Shown.Line("index of public keys, refused", $"{mistake}: {Assert.Throws<KmsException>(() => Read(json)).Message}");
    }

    [Fact]
    public static void A_key_beyond_the_index_is_asked_for_by_name()
    {
        var index = Read(JsonNode.Parse(Two())!);
        Assert.Equal(33, index.Find("a")!.Key(1_000_000).Bytes.Length); // follows from the xpub
        var wallet = index.Find("b")!;
        Assert.Equal(wallet.Key(1), wallet.Key(1));
        Assert.Contains("--indexes", Assert.Throws<KmsException>(() => wallet.Key(2)).Hint, StringComparison.Ordinal);
        Assert.NotNull(wallet.Key()); // Solana keeps the first one beside the mnemonic
        Assert.Throws<KmsException>(index.Find("a")!.Key);
        Assert.Null(index.Find("c"));
    }

    private static PublicIndex Read(JsonNode json) => PublicIndex.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), ChainCatalog.WalletsOf);

    private static string Two() => Write(["BTC", "SOL"], 2);

    private static string Write(string[] chains, int indexes)
    {
        var wallets = chains.Select((chain, at) => new Wallet(
            at == 0 ? "a" : "b",
            ChainCatalog.Get(chain).Wallets.FromMnemonic(Secrets.SecretBytes.FromString(Canaries.Mnemonic), Network.Testnet),
            ChainCatalog.Get(chain).Wallets,
            isAuthentic: true)).ToList();
        var text = Text(wallets, indexes);
        wallets.ForEach(wallet => wallet.Dispose());
        return text;
    }

    private static string Written(SigningRun run) =>
        Text([.. run.Keys.Hashes.Concat(run.Keys.Signatures.Select(request => request.Wallet)).Cast<Wallet>().DistinctBy(wallet => wallet.SignatureId)], Indexes);

    private static string Text(IReadOnlyList<Wallet> wallets, int indexes) => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteStartArray("wallets");
        foreach (var wallet in wallets)
        {
            PublicIndex.Write(json, wallet, ChainCatalog.Get(wallet.Chain).Wallets, isAuthentic: true, indexes);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
