using KmsCloud.Keys;

namespace KmsCloud.Chains.Stellar;

/// <summary>
/// Stellar: one seed per wallet, transactions as complete XDR envelopes, nothing to ask while signing.
/// </summary>
internal sealed class StellarChain : IChain
{
    /// <inheritdoc/>
    public BroadcastRules Rules => StellarRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("XLM", "XLM", 7, "/v3/xlm/broadcast") { LargestRequest = 256 * 1024, Settings = [ChainSettings.FeeCeiling] };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } = new SingleKeyWallets(
        "XLM", new StrKey(), Ed25519Keys.Generate, (publicKey, _) => StrKey.PublicKey(publicKey));

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        StellarTransaction.Read(pending, keys.Single(), Info, context);
}
