using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Wallets;

/// <summary>
/// Finds keys that a wallet file holds for testnet and mainnet alike, on chains whose signatures name no network: what
/// is signed as a test is then valid on mainnet, since account numbers, block hashes and outpoints come with the
/// request or from the gateway.
/// </summary>
public static class KeysOnTwoNetworks
{
    /// <summary>
    /// Pairs of wallets with the same key, in words; the first key of a mnemonic stands for all of them.
    /// </summary>
    /// <param name="store">The wallet file.</param>
    /// <param name="chains">Codes of the chains whose signatures name no network.</param>
    public static IEnumerable<string> Find(WalletStore store, IEnumerable<string> chains) =>
        from chain in chains
        let tests = store.Ids(chain, Network.Testnet)
        where tests.Count > 0
        let mainnet = store.Ids(chain, Network.Mainnet).GroupBy(id => KeyOf(store, id)).ToDictionary(same => same.Key, same => same.First())
        from test in tests
        let twin = mainnet.GetValueOrDefault(KeyOf(store, test))
        where twin is not null && HaveOneKey(store.Get(test), store.Get(twin))
        select $"wallets {test} and {twin} hold the same {chain} key for testnet and mainnet, and a {chain} signature names no network: what is signed as a test is valid on mainnet";

    /// <summary>
    /// The public key, or for a mnemonic its digest: deriving from thousands of them would hold up the start.
    /// </summary>
    private static string KeyOf(WalletStore store, string id)
    {
        var wallet = store.Get(id);
        return Hex.Lower(wallet.Entry.Mnemonic is { } words ? SHA256.HashData(words.Span) : wallet.Key().Bytes);
    }

    /// <summary>One mnemonic gives different keys where the chain's path differs by network.</summary>
    private static bool HaveOneKey(Wallet test, Wallet mainnet) =>
        !test.IsMnemonic || !mainnet.IsMnemonic || test.Key(0).Bytes.SequenceEqual(mainnet.Key(0).Bytes);
}
