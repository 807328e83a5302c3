using System.Numerics;
using KmsCloud.Chains.Contracts;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Evm;

/// <summary>What data says of one chain of Ethereum's family.</summary>
/// <param name="Info">Code, coin and broadcast route.</param>
/// <param name="CoinType">SLIP-44 number of mainnet keys; testnet keys are always below coin type 1.</param>
/// <param name="RpcRoute">Gateway path of JSON-RPC calls.</param>
/// <param name="Mainnet">Chain ids of mainnet.</param>
/// <param name="Testnet">Chain ids of the test networks.</param>
/// <param name="UsualGwei">
/// What gas usually costs, in gwei: fifty times as much is the highest price signed unless configured.
/// </param>
internal sealed record EvmRow(
    ChainInfo Info, int CoinType, string RpcRoute, ulong[] Mainnet, ulong[] Testnet, long UsualGwei)
{
    private const int CeilingFactor = 50;
    private const long CheapCoin = 100_000;

    /// <summary>
    /// Highest fee of one transaction signed unless configured, in thousandths of the coin. On chains of cheap coins a
    /// hundred coins.
    /// </summary>
    public long FeeCeilingThousandths { get; init; } = CheapCoin;

    /// <summary>The same in wei.</summary>
    public BigInteger DefaultFeeCeiling => new BigInteger(FeeCeilingThousandths) * BigInteger.Pow(10, 15);

    /// <summary>Settings that not every chain of the family has.</summary>
    public IReadOnlyList<string> OwnSettings { get; init; } = [];

    /// <summary>Form of addresses.</summary>
    public AddressForm Address { get; init; } = AddressForm.Ethereum;

    /// <summary>Form of single private keys.</summary>
    public IKeyText KeyText { get; init; } = new HexKeyText("0x");

    /// <summary>Which transaction types there are and how JSON names them.</summary>
    public Dialect Dialect { get; init; } = EthereumDialect.Read;

    /// <summary>What stands before the names of RPC methods.</summary>
    public string RpcPrefix { get; init; } = "eth_";

    /// <summary>The RPC method that gives the chain id, without prefix.</summary>
    public string ChainIdMethod { get; init; } = "chainId";

    /// <summary>
    /// Gateway path that gives an account's nonce as a bare number, the address following; null: RPC.
    /// </summary>
    public string? NonceRoute { get; init; }

    /// <summary>Which state the nonce is asked of, by RPC.</summary>
    public string NonceBlock { get; init; } = "latest";

    /// <summary>Whether the nonce is asked for with the checksummed address, by RPC.</summary>
    public bool NonceChecksummed { get; init; } = true;

    /// <summary>
    /// Gateway path that gives the fee as an object with <c>medium</c>; null: RPC, unless the price is constant.
    /// </summary>
    public string? FeeRoute { get; init; }

    /// <summary>Price of gas, in gwei, where it is not asked for but fixed; null: asked for.</summary>
    public long? FixedGwei { get; init; }

    /// <summary>
    /// Whether gas is estimated with every member that is given, or with from, to, value and data only.
    /// </summary>
    public bool EstimatesWhole { get; init; }

    /// <summary>
    /// Whether gas is estimated with the price and the fee currency, so after the price is known (Celo).
    /// </summary>
    public bool EstimatesWithPrice { get; init; }

    /// <summary>What is added to an estimate (Celo).</summary>
    public ulong EstimateMargin { get; init; }

    /// <summary>Whether gas of zero asks for an estimate (Celo).</summary>
    public bool ZeroGasIsMissing { get; init; }

    /// <summary>Whether gas is checked against the cost of the data; Klaytn counts data otherwise.</summary>
    public bool ChecksDataGas { get; init; } = true;

    /// <summary>Whether the chain's own networks have the least gas of data of EIP-7623.</summary>
    public bool HasDataFloor { get; init; }

    /// <summary>Whether the chain's own networks have the most gas of a transaction of EIP-7825.</summary>
    public bool HasGasCap { get; init; }

    /// <summary>Tokens with known decimals, by lower-case address.</summary>
    public IReadOnlyDictionary<string, (string Name, int Decimals)> Tokens { get; init; } = new Dictionary<string, (string, int)>();

    /// <summary>
    /// Highest fee of one transaction signed unless configured, by the token that pays it, in whole tokens; lower-case
    /// addresses (Celo).
    /// </summary>
    public IReadOnlyDictionary<string, long> FeeCurrencyCeilings { get; init; } = new Dictionary<string, long>();

    /// <summary>Highest price signed when nothing is configured.</summary>
    public BigInteger DefaultCeiling => UsualGwei * CeilingFactor * Gwei;

    /// <summary>10^9 base units.</summary>
    public static BigInteger Gwei { get; } = 1_000_000_000;

    /// <summary>Where the keys of a network lie. Both networks write their extended public keys as xpub.</summary>
    public Bip32Branch Branch(Network network) =>
        new($"m/44'/{(network is Network.Mainnet ? CoinType : 1)}'/0'/0", 0x0488B21E);

    /// <summary>Whether a chain id is one of the chain's own networks, and not one that the operator added.</summary>
    public bool IsOwn(ulong? chainId) => chainId is { } id && (Mainnet.Contains(id) || Testnet.Contains(id));

    /// <summary>
    /// Whether a chain id belongs to the network: known, or added by the operator and not known to be the other's.
    /// </summary>
    public bool Accepts(ulong chainId, Network network, ChainOptions options)
    {
        var (own, other) = network is Network.Mainnet ? (Mainnet, Testnet) : (Testnet, Mainnet);
        return own.Contains(chainId) || (options.ExtraChainIds.Contains(chainId) && !other.Contains(chainId));
    }
}
