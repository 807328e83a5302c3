using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.VeChain;

/// <summary>
/// VeChainThor: Ethereum's keys and addresses, its own transactions of several clauses, fees in VTHO.
/// </summary>
internal sealed class VeChainChain : IChain
{
    private const uint XpubVersion = 0x0488B21E;

    /// <summary>VeChainThor's public REST node.</summary>
    internal static NodeHost Node { get; } = new(
        "TATUM_KMS_VET_NODE_URL", "https://sync-mainnet.vechain.org", "https://sync-testnet.vechain.org");

    /// <summary>Ids of the first blocks, whose last bytes are the chain tags.</summary>
    private static readonly byte[] Mainnet = Convert.FromHexString(
        "00000000851caf3cfdb6e899cf5958bfb1ac3413d346d43539627e6be7ec1b4a");
    private static readonly byte[] Testnet = Convert.FromHexString(
        "000000000b2bce3c70bc649a02749e8687721b09ed2e15997f466536b20bb127");

    /// <inheritdoc/>
    public BroadcastRules Rules => VeChainRules.All;

    /// <inheritdoc/>
    public ChainInfo Info { get; } = new("VET", "VET", 18, "/v3/vet/broadcast")
    {
        LargestRequest = 256 * 1024, // 64 KiB a transaction
        Node = Node,
        Settings = [ChainSettings.FeeCeiling, ChainSettings.ExtraChainIds],
    };

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } = new Bip32Wallets(
        "VET", new("m/44'/818'/0'/0", XpubVersion), new("m/44'/1'/0'/0", XpubVersion), new HexKeyText("0x"),
        (publicKey, _) => AddressForm.Ethereum.Plain(AddressForm.Of(publicKey)));

    /// <summary>The chain tag of a network.</summary>
    public static byte Tag(Network network) => Genesis(network)[^1];

    /// <summary>
    /// Whether a chain tag belongs to the network: its own, or one the operator added that is not the other network's.
    /// </summary>
    public static bool Accepts(byte tag, Network network, ChainOptions options)
    {
        var other = network is Network.Mainnet ? Network.Testnet : Network.Mainnet;
        return tag == Tag(network) || (options.ExtraChainIds.Contains(tag) && tag != Tag(other));
    }

    /// <summary>The tag of the network a node serves, by the id of its first block.</summary>
    public static byte TagOfNode(byte[] genesis, Network network, ChainOptions options) =>
        genesis.AsSpan().SequenceEqual(Genesis(network)) || (genesis[^1] != Tag(network) && Accepts(genesis[^1], network, options))
            ? genesis[^1]
            : throw KmsException.Refused($"the node's first block {Hex.Lower0x(genesis)} is not that of VET on {network}");

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context)
    {
        var key = keys.Single();
        var options = context.For(Info.Code);
        var origin = AddressForm.Of(key);
        var fields = VeChainRequest.Read(pending.SerializedTransaction, origin);
        return fields.ChainTag is not { } tag || Accepts(tag, context.Network, options)
            ? new VeChainTransaction(context.Network, options, key, origin, fields)
            : throw KmsException.Refused($"the transaction's chain tag {fields.ChainTag} is not that of VET on {context.Network}");
    }

    private static byte[] Genesis(Network network) => network is Network.Mainnet ? Mainnet : Testnet;
}
