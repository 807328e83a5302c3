using System.Collections.Frozen;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>Every chain, by code.</summary>
public static class ChainCatalog
{
    private const int LongestCode = 10;

    private static readonly IChain[] Rows =
    [
        Bitcoin.BitcoinFamily.Btc,
        Bitcoin.BitcoinFamily.Ltc,
        Bitcoin.BitcoinFamily.Doge,
        Bitcoin.BitcoinFamily.Bch,
        Evm.EvmChains.Eth,
        Evm.EvmChains.Bsc,
        Evm.EvmChains.Matic,
        Evm.EvmChains.Klay,
        Evm.EvmChains.One,
        Evm.EvmChains.Celo,
        Evm.EvmChains.Kcs,
        Evm.EvmChains.Xdc,
        new Cardano.CardanoChain(),
        new Algorand.AlgorandChain(),
        new Bnb.BnbChain(),
        new MultiversX.MultiversXChain(),
        new Flow.FlowChain(),
        new Solana.SolanaChain(),
        new Tron.TronChain(),
        new VeChain.VeChainChain(),
        new Stellar.StellarChain(),
        new Xrp.XrpChain(),
    ];

    /// <summary>The chains, by upper-case code.</summary>
    public static FrozenDictionary<string, IChain> All { get; } = Rows.ToFrozenDictionary(chain => chain.Info.Code);

    /// <summary>Their codes, in the order of families.</summary>
    public static IReadOnlyList<string> Codes { get; } = [.. Rows.Select(chain => chain.Info.Code)];

    /// <summary>Codes of the chains whose signatures do not say for which network they are.</summary>
    public static IEnumerable<string> Nameless =>
        Rows.Where(chain => !chain.Info.SignaturesNameNetwork).Select(chain => chain.Info.Code);

    /// <summary>
    /// How wallets of the chain with a code are made, read and written; null when there is no such chain.
    /// </summary>
    public static IWalletScheme? WalletsOf(string code) => All.TryGetValue(code, out var chain) ? chain.Wallets : null;

    /// <summary>
    /// The plain address and the tag of an address that holds both (XRP's X-address), of whatever chain; null for every
    /// other text.
    /// </summary>
    public static (string Address, uint? Tag)? ExtendedAddress(string text) =>
        Rows.Select(chain => chain.ExtendedAddress(text)).FirstOrDefault(address => address is not null);

    /// <summary>The chain with a code in any letter case.</summary>
    /// <exception cref="KmsException">There is none.</exception>
    public static IChain Get(string code) => All.TryGetValue(code.ToUpperInvariant(), out var chain)
        ? chain
        : throw new KmsException(
            Failure.Usage,
            code.Length > LongestCode ? "Unsupported blockchain." : $"Unsupported blockchain. No chain is called '{code}'", // what is longer may be a key in the wrong place
            $"choose one of {string.Join(' ', All.Keys.Order(StringComparer.Ordinal))}");
}
