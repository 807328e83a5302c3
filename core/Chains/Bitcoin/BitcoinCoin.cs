using KmsCloud.Keys;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>How keys and scripts are written on one network of a coin.</summary>
/// <param name="KeyHash">Base58Check version of P2PKH.</param>
/// <param name="ScriptHash">Base58Check version of P2SH.</param>
/// <param name="Wif">Base58Check version of private keys.</param>
/// <param name="Prefix">Bech32 or cashaddr prefix; null where there is neither.</param>
internal sealed record BitcoinText(byte KeyHash, byte ScriptHash, byte Wif, string? Prefix)
{
    /// <summary>A P2SH version that older software writes for the same scripts.</summary>
    public byte? OldScriptHash { get; init; }
}

/// <summary>Reads a coin's form of pending transaction and finds out which key unlocks which input.</summary>
internal delegate Payment PaymentReader(PendingTransaction pending, PendingKeys keys, BitcoinCoin coin);

/// <summary>One coin of the family: all that sets it apart from the others is in this row.</summary>
internal sealed record BitcoinCoin
{
    /// <summary>Chain code.</summary>
    public required string Code { get; init; }

    /// <summary>Gateway path that takes a signed transaction.</summary>
    public required string BroadcastRoute { get; init; }

    /// <summary>Text forms of mainnet.</summary>
    public required BitcoinText Mainnet { get; init; }

    /// <summary>Text forms of testnet.</summary>
    public required BitcoinText Testnet { get; init; }

    /// <summary>Where keys lie on mainnet.</summary>
    public required Bip32Branch MainnetKeys { get; init; }

    /// <summary>Where keys lie on testnet.</summary>
    public required Bip32Branch TestnetKeys { get; init; }

    /// <summary>
    /// Where keys of taproot outputs lie (BIP-86), which can be spent by a signature of the key; null for a coin
    /// without taproot.
    /// </summary>
    public Bip32Paths? TaprootKeys { get; init; }

    /// <summary>Segregated witness (BIP-141): its inputs can be spent, its outputs have addresses.</summary>
    public bool Segwit { get; init; }

    /// <summary>Whether the address made for a key is P2WPKH instead of P2PKH.</summary>
    public bool SegwitAddresses { get; init; }

    /// <summary>Bitcoin Cash: cashaddr texts, fork-id digests and Schnorr signatures.</summary>
    public bool Cash { get; init; }

    /// <summary>Opt-in replacement (BIP-125) is what the network's nodes do.</summary>
    public bool Replaceable { get; init; }

    /// <summary>Most base units that one amount, or all outputs together, may have.</summary>
    public required long MoneyLimit { get; init; }

    /// <summary>Highest fee of one transaction signed unless configured, in base units, whatever its size.</summary>
    public required long FeeCeiling { get; init; }

    /// <summary>
    /// Change up to this is left to the fee by the gateway's builder without saying so in its fee field.
    /// </summary>
    public long ForgottenChange { get; init; }

    /// <summary>Outputs below this may not be relayed; only a warning.</summary>
    public required long Dust { get; init; }

    /// <summary>Highest fee signed by default, base units per 1,000 virtual bytes.</summary>
    public required long FeeRateCeiling { get; init; }

    /// <summary>Reads the coin's form of pending transaction.</summary>
    public required PaymentReader Read { get; init; }

    /// <summary>Bytes that the fee ceiling counts.</summary>
    public required Func<Payment, long> FeeSize { get; init; }

    /// <summary>The text forms of a network.</summary>
    public BitcoinText Text(Network network) => network is Network.Mainnet ? Mainnet : Testnet;
}
