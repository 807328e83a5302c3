using KmsCloud.Chains;

namespace KmsCloud.Readers;

/// <summary>
/// The second reader: NBitcoin for BTC, LTC, DOGE and BCH, Nethereum for EVM transactions of types 0, 1 and 2. A
/// package is loaded when the first transaction of one of its chains comes.
/// </summary>
public sealed class SecondReader : ISecondReader
{
    private const string Bytes = "the bytes";

    private static readonly string[] Bitcoin = ["BTC", "LTC", "DOGE"];
    private static readonly string[] Evm = ["ETH", "BSC", "MATIC", "ONE", "KCS", "XDC", "KLAY", "CELO"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Chains { get; } = [.. Bitcoin, "BCH", .. Evm];

    /// <inheritdoc/>
    public bool Reads(TransactionSummary summary) =>
        Chains.Contains(summary.Chain) && (!Evm.Contains(summary.Chain) || EvmReader.Types.ContainsKey(summary.Details.GetValueOrDefault("type", "")));

    /// <inheritdoc/>
    public IReadOnlyList<ReadingDifference> Compare(
        PendingTransaction pending, TransactionSummary summary, SignedTransaction signed, bool isDraft)
    {
        try
        {
            return summary.Chain switch
            {
                "BCH" => BitcoinCashReader.Compare(pending, summary, signed),
                var chain when Bitcoin.Contains(chain) => BitcoinReader.Compare(pending, summary, signed),
                _ => EvmReader.Compare(summary, signed, isDraft),
            };
        }
#pragma warning disable CA1031 // whatever a foreign reader throws, it did not read what was shown
        catch (Exception error)
#pragma warning restore CA1031
        {
            return [new(Bytes, "a transaction", $"nothing: {error.GetType().Name}")];
        }
    }
}
