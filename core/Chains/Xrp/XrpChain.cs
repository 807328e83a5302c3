using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Xrp;

/// <summary>The XRP Ledger: one seed per wallet, transactions as complete JSON, nothing to ask while signing.</summary>
internal sealed class XrpChain : IChain
{
    /// <inheritdoc/>
    public BroadcastRules Rules => XrpRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("XRP", "XRP", 6, "/v3/xrp/broadcast")
    {
        Settings = [ChainSettings.FeeCeiling, ChainSettings.ExtraChainIds],
        SignaturesNameNetwork = false,
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } =
        new SingleKeyWallets(
            "XRP", new XrpSeed(), XrpSeed.Generate, (publicKey, _) => XrpAddress.FromPublicKey(publicKey));

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        XrpTransaction.Read(pending, keys.Single(), Info, context);

    /// <inheritdoc/>
    public (string Address, uint? Tag)? ExtendedAddress(string text)
    {
        if (!text.StartsWith('X') && !text.StartsWith('T'))
        {
            return null;
        }

        try
        {
            var (account, tag) = XrpAddress.AccountAndTag(
                text, text.StartsWith('X') ? Network.Mainnet : Network.Testnet, "the recipient");
            return (XrpAddress.FromAccount(account), tag);
        }
        catch (KmsException)
        {
            return null; // an address of another chain, such as TRON's
        }
    }
}
