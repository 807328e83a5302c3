using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Solana;

/// <summary>
/// Solana: the gateway's message gets a blockhash, every signer's signature, and goes to a node; the gateway learns its
/// id.
/// </summary>
internal sealed class SolanaChain : IChain
{
    private const string Path = "m/44'/501'/0'/0'"; // and a fifth hardened level: not the four of common wallets

    /// <inheritdoc/>
    public BroadcastRules Rules => SolanaRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("SOL", "SOL", 9, "/v3/solana/broadcast")
    {
        LargestRequest = 16 * 1024, // 1,232 bytes a transaction
        Settings = [ChainSettings.FeeCeiling],
        SignaturesNameNetwork = false,
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } =
        new Slip10Wallets("SOL", Path, Path, new SolanaKey(), (publicKey, _) => Base58.Encode(publicKey)) { KeepsFirstKey = true };

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        SolanaTransaction.Read(pending, keys, Info, context);

    /// <inheritdoc/>
    public Submission Submit(PendingTransaction pending, SignedTransaction signed, SigningContext context) =>
        SolanaSubmission.Start(Info, pending, signed);
}
