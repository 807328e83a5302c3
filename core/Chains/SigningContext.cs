using System.Numerics;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>What the operator chose for signing.</summary>
/// <param name="Network">The daemon's network.</param>
public sealed record SigningContext(Network Network)
{
    /// <summary>
    /// Switches and bounds of single chains, by code; a chain without an entry uses its own defaults.
    /// </summary>
    public IReadOnlyDictionary<string, ChainOptions> Chains { get; init; } = new Dictionary<string, ChainOptions>();

    /// <summary>The options of one chain.</summary>
    public ChainOptions For(string chain) =>
        Chains.TryGetValue(chain, out var options) ? options : ChainOptions.Default;
}

/// <summary>Options of one chain.</summary>
public sealed record ChainOptions
{
    /// <summary>Nothing chosen.</summary>
    public static ChainOptions Default { get; } = new();

    /// <summary>
    /// Highest fee rate signed, in the chain's own unit (wei of gas price, satoshi per kvB, …); null for the chain's
    /// default.
    /// </summary>
    public BigInteger? FeeRateCeiling { get; init; }

    /// <summary>
    /// Fee rate where the chain has a fixed one instead of asking for it (BSC, KCS), in the unit of the ceiling; null
    /// for the chain's default.
    /// </summary>
    public BigInteger? DefaultFeeRate { get; init; }

    /// <summary>Highest total fee signed, in base units of the fee coin; null for the chain's default.</summary>
    public BigInteger? FeeCeiling { get; init; }

    /// <summary>
    /// CELO only: highest total fee by fee currency (CIP-64), lower-case 0x address to base units of that currency;
    /// others have the chain's defaults.
    /// </summary>
    public IReadOnlyDictionary<string, BigInteger> FeeCurrencyCeilings { get; init; } = new Dictionary<string, BigInteger>();

    /// <summary>Chain ids accepted beside the known ones of the network (private and new test networks).</summary>
    public IReadOnlyList<ulong> ExtraChainIds { get; init; } = [];

    /// <summary>CELO only: write the retired pre-2025 format for private networks that still speak it.</summary>
    public bool LegacyFormat { get; init; }

    /// <summary>Lets through gas prices so low that somebody seems to have left nine zeros out.</summary>
    public bool AllowLowFee { get; init; }

    /// <summary>
    /// Lets through what is refused by default because it hands over an account or all of its money (rekey, close-to,
    /// clawback …).
    /// </summary>
    public bool AllowAccountControl { get; init; }
}
