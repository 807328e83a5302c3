using System.Text;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains;

/// <summary>
/// Every recorded mnemonic wallet and single key (<see cref="SingleKeyEntry"/>) of every chain: xpub, derived keys,
/// addresses.
/// </summary>
public static class WalletVectorTests
{
    public static IEnumerable<TheoryDataRow<string, int>> Wallets() => Rows("wallets");

    public static IEnumerable<TheoryDataRow<string, int>> KeyPairs() => Rows("keypairs");

    [Theory, MemberData(nameof(Wallets))]
    public static void Derives_as_recorded(string code, int at)
    {
        var vector = Vectors.Read(code).GetProperty("wallets")[at];
        if (vector.Text("mnemonic") is not { } mnemonic || !vector.TryGetProperty("keys", out var keys) || vector.Text("format") is { } format && format.StartsWith("legacy", StringComparison.Ordinal) || vector.Flag("invalidChecksum"))
        {
            return; // forms of one chain alone are tested with that chain
        }

        var chain = ChainCatalog.Get(code);
        var network = vector.Flag("testnet") ? Network.Testnet : Network.Mainnet;
        using var entry = chain.Wallets.FromMnemonic(Secret(mnemonic), network);
        using var wallet = new Wallet("id", entry, chain.Wallets);
        Assert.Equal(vector.Text("xpub"), entry.Xpub);
        foreach (var expected in keys.EnumerateArray())
        {
            var key = wallet.Key(expected.GetProperty("index").GetUInt32());
            using var secret = wallet.OpenForPrinting(key);
            using var text = chain.Wallets.FormatKey(secret, network);
            Assert.Equal(expected.Text("privateKey"), text.Reveal());
            Assert.Equal(expected.Text("address"), wallet.Address(key));
        }
    }

    [Theory, MemberData(nameof(KeyPairs))]
    public static void Reads_keys_as_recorded(string code, int at)
    {
        var vector = Vectors.Read(code).GetProperty("keypairs")[at];
        var chain = ChainCatalog.Get(code);
        var network = vector.Flag("testnet") ? Network.Testnet : Network.Mainnet;
        using var entry = chain.Wallets.FromKey(Secret(vector.Text("secret")!), network);
        using var wallet = new Wallet("id", entry, chain.Wallets);
        Assert.Equal(vector.Text("address"), wallet.Address(wallet.Key()));
    }

    private static SecretBytes Secret(string text) => SecretBytes.Take(Encoding.UTF8.GetBytes(text));

    private static IEnumerable<TheoryDataRow<string, int>> Rows(string list) =>
        from chain in ChainCatalog.All.Keys.Order(StringComparer.Ordinal)
        from at in Enumerable.Range(0, Vectors.Read(chain).GetProperty(list).GetArrayLength())
        select new TheoryDataRow<string, int>(chain, at) { TestDisplayName = $"{chain} {list}[{at}]" };
}
