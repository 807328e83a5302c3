using KmsCloud.Codecs;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bnb;

/// <summary>What differs between the Beacon Chain's networks.</summary>
/// <param name="Prefix">Prefix of addresses.</param>
/// <param name="ChainId">Name in the sign document.</param>
internal sealed record BnbNetwork(string Prefix, string ChainId)
{
    private static readonly BnbNetwork Mainnet = new("bnb", "Binance-Chain-Tigris");
    private static readonly BnbNetwork Testnet = new("tbnb", "Binance-Chain-Ganges");

    public static BnbNetwork Of(Network network) => network is Network.Mainnet ? Mainnet : Testnet;

    public string Address(ReadOnlySpan<byte> hash) => Bech32.EncodeBytes(Prefix, hash);
}

/// <summary>BNB Beacon Chain (BEP2), retired: one key per wallet, transfers in amino. BNB Smart Chain is BSC.</summary>
internal sealed class BnbChain : IChain
{
    /// <inheritdoc/>
    public BroadcastRules Rules => BnbRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("BNB", "BNB", 8, "/v3/bnb/broadcast")
    {
        Node = new("TATUM_KMS_BNB_NODE_URL", "https://dex-european.binance.org", "https://testnet-dex-atlantic.binance.org"),
        Notice = "the BNB Beacon Chain was shut down at the end of 2024 (BNB Chain Fusion): keys are kept for the recovery of tokens on BSC, "
            + "and transactions are still signed, but no network takes them",
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } = new SingleKeyWallets("BNB", new HexKeyText(""), Secp256k1Keys.Generate, (publicKey, network) =>
        BnbNetwork.Of(network).Address(Digests.Hash160(publicKey)))
    {
        KeepsSecret = false,
    };

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        BnbTransaction.Read(pending, keys.Single(), Info, context);
}
