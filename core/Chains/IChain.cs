using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>What data alone says of a chain.</summary>
/// <param name="Code">The code in commands, wallet entries and gateway paths, such as BTC.</param>
/// <param name="Coin">The native coin as people write it, such as BTC, POL or VTHO for fees.</param>
/// <param name="Decimals">Digits between the coin and its base unit (satoshi, wei, drops, lovelace …).</param>
/// <param name="BroadcastRoute">Gateway path that takes a signed transaction.</param>
public sealed record ChainInfo(string Code, string Coin, int Decimals, string BroadcastRoute)
{
    /// <summary>Whether a pending transaction with a withdrawal id goes to the off-chain route.</summary>
    public bool OffchainWithdrawals { get; init; }

    /// <summary>
    /// Most characters of a pending transaction's own text: what the chain's largest transaction can need in the form
    /// the gateway uses. More is refused before it is read.
    /// </summary>
    public int LargestRequest { get; init; } = 64 * 1024;

    /// <summary>Refuses a pending transaction that is larger than any of the chain.</summary>
    /// <exception cref="KmsException">It is.</exception>
    public void RequireSize(PendingTransaction pending)
    {
        if (pending.SerializedTransaction.Length > LargestRequest)
        {
            throw KmsException.Refused($"the transaction has {pending.SerializedTransaction.Length} characters, and none of {Code} needs more than {LargestRequest}");
        }
    }

    /// <summary>The node it asks beside the gateway, or null.</summary>
    public NodeHost? Node { get; init; }

    /// <summary>Names of the settings it heeds (<see cref="ChainSettings"/>).</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>
    /// Whether a signature says for which network it is: where not, what is signed as a test is valid on mainnet under
    /// the same key.
    /// </summary>
    public bool SignaturesNameNetwork { get; init; } = true;

    /// <summary>What a user should know before choosing the chain, shown in help; null for nothing.</summary>
    public string? Notice { get; init; }
}

/// <summary>
/// One blockchain: pure data and functions, without clock, network, file or log. A chain is one file or folder.
/// </summary>
public interface IChain
{
    /// <summary>The chain's row.</summary>
    ChainInfo Info { get; }

    /// <summary>How wallets and keys of this chain are made, read and written.</summary>
    IWalletScheme Wallets { get; }

    /// <summary>
    /// Reads a pending transaction strictly and to the end, checks that the keys fit it, and decodes it to human terms.
    /// Nothing is signed and nothing asked here, and no private key is needed.
    /// </summary>
    /// <exception cref="KmsException"><see cref="Failure.Refused"/>: malformed, contradictory or unsafe.</exception>
    UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context);

    /// <summary>
    /// The calls that hand a signed transaction over. By default one: the gateway's broadcast route. May run again with
    /// the same journalled transaction after a crash, and then sends the same bytes.
    /// </summary>
    Submission Submit(PendingTransaction pending, SignedTransaction signed, SigningContext context) =>
        GatewayBroadcast.Start(Info, Rules, pending, signed);

    /// <summary>
    /// The plain address and the tag of an address of the chain that holds both; null for every other text.
    /// </summary>
    (string Address, uint? Tag)? ExtendedAddress(string text) => null;

    /// <summary>What its nodes' words mean, and how it is asked for a transaction.</summary>
    BroadcastRules Rules { get; }
}
