using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Keys;

/// <summary>A key for tests that is a key for money too is warned about where a signature does not say which network it is for.</summary>
public sealed class KeysOnTwoNetworksTests : IDisposable
{
    private const string Words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    private const string Key = "0101010101010101010101010101010101010101010101010101010101010101";
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("TRON", Key, Key, 1)]
    [InlineData("TRON", Key, "0202020202020202020202020202020202020202020202020202020202020202", 0)]
    [InlineData("TRON", Words, null, 0)]
    [InlineData("XRP", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb", 1)]
    [InlineData("XLM", "SBFGFF27Y64ZUGFAIG5AMJGQODZZKV2YQKAVUUN4HNE24XZXD2OEUVUP", "SBFGFF27Y64ZUGFAIG5AMJGQODZZKV2YQKAVUUN4HNE24XZXD2OEUVUP", 0)]
    [InlineData("BCH", Words, Words, 1)]
    [InlineData("BTC", Words, Words, 0)]
    [InlineData("ETH", "0x" + Key, "0x" + Key, 0)]
    public void Only_one_and_the_same_key_without_a_network_in_its_signatures_is_named(string chain, string test, string? mainnet, int pairs)
    {
        using var password = SecretBytes.FromString("a password of tests");
        using (var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192)))
        {
            Add(edit, "test", chain, test, Network.Testnet);
            Add(edit, "main", chain, mainnet, Network.Mainnet);
            edit.Save();
        }

        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        var found = KeysOnTwoNetworks.Find(store, ChainCatalog.Nameless).ToList();
        Assert.Equal(pairs, found.Count);
        Assert.All(found, text => Assert.StartsWith("wallets test and main hold the same " + chain, text, StringComparison.Ordinal));
    }

    private static void Add(WalletEdit edit, string id, string chain, string? secret, Network network)
    {
        if (secret is null)
        {
            return;
        }

        var text = SecretBytes.FromString(secret);
        var wallets = ChainCatalog.Get(chain).Wallets;
        edit.Contents.Add(id, secret.Contains(' ', StringComparison.Ordinal) ? wallets.FromMnemonic(text, network) : wallets.FromKey(text, network));
    }
}
