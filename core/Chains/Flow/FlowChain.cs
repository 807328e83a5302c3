using KmsCloud.Codecs;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Flow;

/// <summary>
/// Flow: scripts that our account authorises; the gateway's accounts propose and pay, and a node takes the transaction.
/// </summary>
internal sealed class FlowChain : IChain
{
    /// <summary>Flow's access node.</summary>
    internal static NodeHost Node { get; } = new(
        "TATUM_KMS_FLOW_ACCESS_URL", "https://rest-mainnet.onflow.org", "https://rest-testnet.onflow.org");

    private static readonly Bip32Branch Branch = new("m/44'/539'/0'/0", 0x0488b21e);

    /// <inheritdoc/>
    public BroadcastRules Rules => FlowRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("FLOW", "FLOW", 8, "/v3/flow/broadcast")
    {
        LargestRequest = 2 * 1024 * 1024, // 1.5 MB a transaction
        Node = Node,
        SignaturesNameNetwork = false,
        Notice = "the address shown is the public key; a Flow account is made from it on the chain. Transfers and custom transactions are signed, "
            + "Tatum's built-in account and NFT scripts are not: Flow has not run them since Cadence 1.0",
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } = new Bip32Wallets(
        "FLOW", Branch, Branch, new HexKeyText("", shortest: 1), (publicKey, _) => PublicKeyText(publicKey));

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context) =>
        FlowTransaction.Read(pending, keys.Single(), Info, context);

    /// <inheritdoc/>
    public Submission Submit(PendingTransaction pending, SignedTransaction signed, SigningContext context) =>
        FlowSubmission.Start(Info, pending, signed);

    // the uncompressed public key without its mark
    private static string PublicKeyText(ReadOnlySpan<byte> publicKey) =>
        Hex.Lower(Secp256k1.Convert(publicKey, compressed: false).AsSpan(1));
}
