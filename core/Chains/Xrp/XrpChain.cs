using KmsCloud.Keys;
using KmsCloud.Wallets;

namespace KmsCloud.Chains.Xrp;

/// <summary>The XRP Ledger: one seed per wallet, transactions as complete JSON, nothing to ask while signing.</summary>
public sealed class XrpChain : IChain
{
    /// <inheritdoc/>
    public BroadcastRules Rules => XrpRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("XRP", "XRP", 6, "/v3/xrp/broadcast");

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } =
        new SingleKeyWallets("XRP", new XrpSeed(), XrpSeed.Generate, (publicKey, _) => XrpAddress.FromPublicKey(publicKey));

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        XrpTransaction.Read(pending, keys.Single(), Info, context);
}
