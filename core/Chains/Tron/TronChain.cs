using System.Numerics;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Tron;

/// <summary>TRON: one kind of wallet for main and test networks, whose transactions no byte tells apart.</summary>
internal sealed class TronChain : IChain
{
    private static readonly Bip32Branch Branch = new("m/44'/195'/0'/0", 0x0488B21E);

    /// <summary>
    /// Highest fee limit signed when nothing is configured: 15,000 TRX, the largest the network takes (chain parameter
    /// getMaxFeeLimit).
    /// </summary>
    public static BigInteger DefaultFeeCeiling { get; } = 15_000_000_000;

    /// <inheritdoc/>
    public BroadcastRules Rules => TronRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("TRON", "TRX", 6, "/v3/tron/broadcast")
    {
        LargestRequest = 2 * 1024 * 1024, // 500 KB a transaction, in hex and in words
        Settings = [ChainSettings.FeeCeiling],
        SignaturesNameNetwork = false,
        Notice = "a signed TRON transaction does not say whether it is for mainnet or a test network; only the block it refers to does",
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } = new Bip32Wallets(
        "TRON", Branch, Branch, new HexKeyText(""), (publicKey, _) => TronAddress.Text(TronAddress.Of(publicKey)));

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        new TronTransaction(pending.SerializedTransaction, context.Network, context.For(Info.Code), keys.Single());
}
