using KmsCloud.Keys;

namespace KmsCloud.Chains.Cardano;

/// <summary>
/// Cardano: operations that the gateway's construction calls turn into a transaction, checked and signed here. The
/// testnet is preprod.
/// </summary>
internal sealed class CardanoChain : IChain
{
    /// <inheritdoc/>
    public BroadcastRules Rules => CardanoRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("ADA", "ADA", 6, "/v3/ada/broadcast")
    {
        OffchainWithdrawals = true,
        LargestRequest = 1024 * 1024, // 16 KiB a transaction, as operations in words
        Settings = [ChainSettings.FeeCeiling],
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } = new CardanoWallets();

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        CardanoTransaction.Read(pending, keys, Info, context);
}
