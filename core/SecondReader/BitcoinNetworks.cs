using NBitcoin;
using NBitcoin.DataEncoders;
using Chain = NBitcoin.Network;
using Network = KmsCloud.Keys.Network;

namespace KmsCloud.Readers;

/// <summary>
/// Address forms of the coins for NBitcoin. Its networks are global and named, so each is built once in a process. What
/// is not set is inherited from Bitcoin, so everything that an address shows is set.
/// </summary>
internal static class BitcoinNetworks
{
    private static readonly Lazy<Chain> Litecoin = new(() => Build("kms-ltc", 0x30, 0x32, "ltc"));
    private static readonly Lazy<Chain> LitecoinTest = new(() => Build("kms-ltc-test", 0x6f, 0x3a, "tltc"));
    private static readonly Lazy<Chain> Dogecoin = new(() => Build("kms-doge", 0x1e, 0x16, null));
    private static readonly Lazy<Chain> DogecoinTest = new(() => Build("kms-doge-test", 0x71, 0xc4, null));

    /// <summary>
    /// The network of a coin. BCH has Bitcoin's transactions, and addresses that NBitcoin does not know.
    /// </summary>
    internal static Chain Of(string coin, Network network) => (coin, network) switch
    {
        ("BTC" or "BCH", Network.Mainnet) => Chain.Main,
        ("BTC" or "BCH", _) => Chain.TestNet,
        ("LTC", Network.Mainnet) => Litecoin.Value,
        ("LTC", _) => LitecoinTest.Value,
        (_, Network.Mainnet) => Dogecoin.Value,
        _ => DogecoinTest.Value,
    };

    /// <summary>
    /// The address of a script, or null where it has none. NBitcoin's own way from a script gives none for a taproot
    /// program that is no point of the curve, nor for witness versions that mean nothing yet and other lengths (pay to
    /// anchor): BIP-350 gives each one.
    /// </summary>
    internal static string? AddressOf(Script script, Chain network)
    {
        if (network.GetBech32Encoder(Bech32Type.TAPROOT_ADDRESS, false) is not { } encoder)
        {
            // which throws where the coin has no such addresses
            return script.IsScriptType(ScriptType.Witness) ? null : script.GetDestinationAddress(network)?.ToString();
        }

        return script.GetDestinationAddress(network)?.ToString() ?? OfProgram(script.ToBytes(), encoder);
    }

    private static string? OfProgram(byte[] script, Bech32Encoder encoder) =>
        script is [>= 0x51 and <= 0x60, >= 2 and <= 40, .. var program] && program.Length == script[1]
            ? encoder.Encode((byte)(script[0] - 0x50), program)
            : null;

    private static Chain Build(string name, byte keyHash, byte scriptHash, string? witness)
    {
        var builder = new NetworkBuilder()
            .SetName(name)
            .SetNetworkSet(Bitcoin.Instance)
            .SetChainName(new ChainName(name))
            .SetConsensus(new Consensus { ConsensusFactory = Chain.Main.Consensus.ConsensusFactory, SupportSegwit = witness is not null })
            .SetBase58Bytes(Base58Type.PUBKEY_ADDRESS, [keyHash])
            .SetBase58Bytes(Base58Type.SCRIPT_ADDRESS, [scriptHash])
            .SetBase58Bytes(Base58Type.SECRET_KEY, [0xff]) // asked for, and not used: no key comes here
            .SetBase58Bytes(Base58Type.EXT_PUBLIC_KEY, [0xff, 0xff, 0xff, 0xff])
            .SetBase58Bytes(Base58Type.EXT_SECRET_KEY, [0xff, 0xff, 0xff, 0xfe])
            .SetGenesis(Encoders.Hex.EncodeData(Chain.Main.GetGenesis().ToBytes())); // asked for, and not used
        foreach (var type in Enum.GetValues<Bech32Type>())
        {
            // left out, a dogecoin would have bc1 addresses
            builder.SetBech32(type, witness is null ? null! : Encoders.Bech32(witness));
        }

        return builder.BuildAndRegister();
    }
}
