using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using KmsCloud.Chains;

namespace KmsCloud.Readers;

/// <summary>
/// EVM transactions of types 0, 1 and 2 as Nethereum reads them (<see cref="EvmReading"/>), held against what was shown.
/// </summary>
internal static class EvmReader
{
    private const int Word = 32;
    private const int AddressSize = 20;
    private const int Selector = 4;

    /// <summary>Names of the types it reads, as summaries say them, and their type bytes.</summary>
    internal static FrozenDictionary<string, byte> Types { get; } = new Dictionary<string, byte>
    {
        ["legacy (EIP-155)"] = 0,
        ["type 1 with access list (EIP-2930)"] = 1,
        ["type 2 with fee market (EIP-1559)"] = 2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Compares.</summary>
    internal static IReadOnlyList<ReadingDifference> Compare(TransactionSummary summary, SignedTransaction signed, bool isDraft)
    {
        var reading = new Reading();
        var read = EvmReading.Of(reading, Convert.FromHexString(signed.Data.AsSpan(2)));
        reading.Same("the transaction id", signed.TransactionId, read.TransactionId);
        reading.Same("the sender", Plain(summary.From[0]), read.Signer.Address);
        Number(reading, "the type", isDraft ? null : Types[summary.Details["type"]].ToString(CultureInfo.InvariantCulture), read.Type, isDraft);
        Number(reading, "the chain id", summary.Details.GetValueOrDefault("chain id"), read.ChainId, isDraft);
        Number(reading, "the nonce", summary.Sequence, read.Nonce, isDraft);
        Number(reading, "the gas limit", summary.Details.GetValueOrDefault("gas limit"), read.Gas, isDraft);
        Number(reading, "the fee", summary.Fee?.Units.ToString(CultureInfo.InvariantCulture), read.Gas * read.Price, isDraft);
        ComparePayment(reading, summary, read);
        return reading.Differences;
    }

    private static void ComparePayment(Reading reading, TransactionSummary summary, EvmReading read)
    {
        var coins = summary.Transfers.Where(transfer => transfer.Amount.Asset == CoinOf(summary)).Aggregate(BigInteger.Zero, (sum, transfer) => sum + transfer.Amount.Units);
        reading.Same("the amount", coins, read.Value);
        reading.Same("whether a contract is made", summary.Kind == "contract creation" ? "yes" : "no", read.To is null ? "yes" : "no");
        if (read.To is not null)
        {
            reading.Same("whom it goes to", Plain(summary.Contract ?? (summary.Transfers.Count > 0 ? summary.Transfers[0].To : "")), read.To);
        }

        reading.Same("the size of the data", summary.Details.GetValueOrDefault("data", "0 bytes"), string.Create(CultureInfo.InvariantCulture, $"{read.Data.Length} bytes"));
        CompareToken(reading, summary, read.Data.Span);
    }

    private static void CompareToken(Reading reading, TransactionSummary summary, ReadOnlySpan<byte> data)
    {
        if (to(data) is not { } places || summary.Transfers.Count == 0 || data.Length < Selector + ((places.Amount + 1) * Word))
        {
            return;
        }

        var transfer = summary.Transfers[0];
        reading.Same("whom the token goes to", Plain(transfer.To), Hex(Argument(data, places.Recipient)[^AddressSize..]));
        reading.Same("the token's amount", transfer.Amount.Units, new BigInteger(Argument(data, places.Amount), isUnsigned: true, isBigEndian: true));

        static (int Recipient, int Amount)? to(ReadOnlySpan<byte> data) => data switch
        {
            [0xa9, 0x05, 0x9c, 0xbb, ..] => (0, 1), // transfer(address,uint256)
            [0x09, 0x5e, 0xa7, 0xb3, ..] => (0, 1), // approve(address,uint256)
            [0x40, 0xc1, 0x0f, 0x19, ..] => (0, 1), // mint(address,uint256)
            [0x23, 0xb8, 0x72, 0xdd, ..] => (1, 2), // transferFrom(address,address,uint256)
            _ => null,
        };
    }

    private static ReadOnlySpan<byte> Argument(ReadOnlySpan<byte> data, int at) => data.Slice(Selector + (at * Word), Word);

    /// <summary>What was shown of a number; a draft may leave it open.</summary>
    private static void Number(Reading reading, string what, string? shown, BigInteger read, bool isDraft)
    {
        if (shown is not null || !isDraft)
        {
            reading.Same(what, shown, read.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The name of the coin that the value is in: what the chain's fee is paid in.</summary>
    private static string CoinOf(TransactionSummary summary) => ChainCatalog.Get(summary.Chain).Info.Coin;

    private static string Plain(string address) =>
        address.StartsWith("xdc", StringComparison.Ordinal) ? "0x" + address[3..].ToLowerInvariant() : address.ToLowerInvariant();

    private static string Hex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);
}
