using KmsCloud.Keys;

namespace KmsCloud.Chains.MultiversX;

/// <summary>
/// MultiversX, formerly Elrond: JSON that is signed as text, filled with chain, nonce and gas from a node.
/// </summary>
internal sealed class MultiversXChain : IChain
{
    /// <inheritdoc/>
    public BroadcastRules Rules => MultiversXRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("EGLD", "EGLD", 18, "/v3/egld/broadcast")
    {
        LargestRequest = 1024 * 1024, // the gas of a block pays for 400 kB of data
        Settings = [ChainSettings.FeeRateCeiling, ChainSettings.FeeCeiling],
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } =
        new Slip10Wallets(
            "EGLD",
            "m/44'/508'/0'/0'",
            "m/44'/1'/0'/0'",
            new MultiversXKey(),
            (publicKey, _) => MultiversXKey.Address(publicKey));

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        MultiversXTransaction.Read(pending, keys.Single(), Info, context);
}
