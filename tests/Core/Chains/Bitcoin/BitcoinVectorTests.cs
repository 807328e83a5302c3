using System.Numerics;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>What the recorded cases say beyond the signed bytes: the decoded payment, public keys, digests, addresses of keys.</summary>
public static class BitcoinVectorTests
{
    private static readonly string[] Chains = ["BTC", "LTC", "DOGE", "BCH"];

    public static IEnumerable<TheoryDataRow<string, string>> Signing() =>
        from chain in Chains
        from name in Vectors.Names(chain, "signing")
        select new TheoryDataRow<string, string>(chain, name);

    public static IEnumerable<TheoryDataRow<string, int>> KeyPairs() =>
        from chain in Chains
        from at in Enumerable.Range(0, Vectors.Read(chain).GetProperty("keypairs").GetArrayLength())
        select new TheoryDataRow<string, int>(chain, at);

    [Theory, MemberData(nameof(Signing))]
    public static void Decodes_as_recorded(string chain, string name)
    {
        var vector = Vectors.Case(chain, "signing", name);
        using var run = SigningRun.Sign(vector);
        var summary = run.Transaction.Summary;
        var decoded = vector.GetProperty("decoded");

        Assert.Equal(BigInteger.Parse(decoded.Text("feeSatoshis")!, System.Globalization.CultureInfo.InvariantCulture), summary.Fee!.Value.Units);
        Assert.True(summary.Understood);
        var paid = decoded.GetProperty("outputs").EnumerateArray().Where(output => output.Text("scriptType") is not "nulldata").ToList();
        Assert.Equal(paid.Count, summary.Transfers.Count);
        foreach (var (output, transfer) in paid.Zip(summary.Transfers))
        {
            Assert.Equal(output.Text("address"), transfer.To);
            Assert.Equal(output.Text("satoshis"), transfer.Amount.Units.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal((8, chain), (transfer.Amount.Decimals, transfer.Amount.Asset));
            // the change of a withdrawal and of BCH is marked nowhere; it goes to index 0 of the wallet or is a payment
            Assert.True(transfer.IsChange == output.Flag("change") || run.Pending.WithdrawalId is not null || chain == "BCH");
        }

        foreach (var (at, input) in decoded.GetProperty("inputs").EnumerateArray().Index())
        {
            var shown = summary.Details[$"input {at}"];
            Assert.StartsWith($"{input.Text("txId")}:{input.GetProperty("outputIndex").GetInt64()}, ", shown, StringComparison.Ordinal);
            var address = input.Text("address");
            Assert.True(address is null || (summary.From.Contains(address) && shown.EndsWith(address, StringComparison.Ordinal)));
        }
    }

    [Theory, MemberData(nameof(Signing))]
    public static void Signs_the_recorded_digests_with_the_recorded_keys(string chain, string name)
    {
        var vector = Vectors.Case(chain, "signing", name);
        using var run = SigningRun.Sign(vector);
        var signed = ParsedTransaction.Read(run.Signed.Data);
        var digests = Texts(vector, "digest");
        var keys = Texts(vector, "publicKey");

        foreach (var (at, input) in signed.Inputs.Index())
        {
            Assert.Equal(keys[at].Split(',').Length, input.Signatures.Count());
            foreach (var (key, signature) in keys[at].Split(',').Zip(input.Signatures))
            {
                var publicKey = Convert.FromHexString(key);
                var digest = Convert.FromHexString(digests[at]);
                Assert.Contains(input.Pushes, push => push.AsSpan().IndexOf(publicKey) >= 0 || vector.Text("name") is "p2pk-input");
                Assert.True(chain == "BCH"
                    ? BchSchnorr.IsValid(publicKey, digest, signature.AsSpan(0, 64)) && signature[^1] == 0x41
                    : Secp256k1.TryFromDer(signature.AsSpan(..^1), out var plain) && Secp256k1.IsValid(publicKey, digest, plain) && signature[^1] == 1);
            }
        }
    }

    [Theory, MemberData(nameof(KeyPairs))]
    public static void Writes_every_address_of_a_key_as_recorded(string chain, int at)
    {
        var vector = Vectors.Read(chain).GetProperty("keypairs")[at];
        var network = vector.Flag("testnet") ? Network.Testnet : Network.Mainnet;
        using var entry = ChainCatalog.Get(chain).Wallets.FromKey(Secrets.SecretBytes.FromString(vector.Text("secret")!), network);
        using var wallet = new KmsCloud.Keys.Wallet("id", entry, ChainCatalog.Get(chain).Wallets);
        var key = wallet.Key();
        var coin = Coin(chain);
        var scripts = KeySpend.Forms(key, coin).ToDictionary(form => form.Form, form => form.Script);
        var addresses = vector.GetProperty("addresses");

        Assert.Equal(vector.Text("publicKey"), Convert.ToHexStringLower(key.Bytes));
        using var secret = wallet.OpenForPrinting(key);
        Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(secret.Export.Span));
        Assert.Equal(addresses.Text("p2pkh"), BitcoinAddress.Of(scripts[KeyForm.KeyHash], coin, network));
        Assert.Equal(addresses.Text("p2wpkh"), Address(KeyForm.Witness));
        Assert.Equal(addresses.Text("p2shP2wpkh"), Address(KeyForm.NestedWitness));
        Assert.True(addresses.Text("legacyP2pkh") is not { } legacy || BitcoinAddress.Names(legacy, scripts[KeyForm.KeyHash], coin, network));

        string? Address(KeyForm form) => scripts.TryGetValue(form, out var script) ? BitcoinAddress.Of(script, coin, network) : null;
    }

    internal static BitcoinCoin Coin(string chain) => ((BitcoinChain)ChainCatalog.Get(chain)).Coin;

    private static List<string> Texts(JsonElement vector, string name) =>
        [.. vector.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
}
