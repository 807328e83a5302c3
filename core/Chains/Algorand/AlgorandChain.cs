using KmsCloud.Keys;

namespace KmsCloud.Chains.Algorand;

/// <summary>
/// Algorand: one key per wallet (or 25 words of it), transactions as algosdk's JSON, nothing to ask while signing.
/// </summary>
internal sealed class AlgorandChain : IChain
{
    /// <inheritdoc/>
    public BroadcastRules Rules => AlgorandRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("ALGO", "ALGO", 6, "/v3/algorand/broadcast")
    {
        LargestRequest = 128 * 1024,
        Settings = [ChainSettings.FeeCeiling, ChainSettings.AllowAccountControl],
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } =
        new SingleKeyWallets("ALGO", new AlgorandKey(), Ed25519Keys.Generate, (publicKey, _) => AlgorandKey.Address(publicKey)) { ReadWords = AlgorandKey.FromWords };

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        AlgorandTransaction.Read(pending, keys.Single(), Info, context);
}
