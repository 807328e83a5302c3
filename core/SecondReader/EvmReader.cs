using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using KmsCloud.Chains;
using Nethereum.Model;
using Nethereum.RLP;
using Nethereum.Util;
using SignedTransaction = KmsCloud.Chains.SignedTransaction;

namespace KmsCloud.Readers;

/// <summary>
/// EVM transactions of types 0, 1 and 2: decoded by Nethereum and written again from their fields to the same bytes, since its reader is lenient and its
/// writer is not; the sender is recovered with curve code that is not ours.
/// </summary>
internal static class EvmReader
{
    private const int Word = 32;
    private const int AddressSize = 20;
    private const int Selector = 4;
    private const byte FirstList = 0xc0; // RLP: below it a type byte of EIP-2718

    /// <summary>Half the order of secp256k1: a higher s is not taken (EIP-2).</summary>
    private static readonly BigInteger HalfOrder = BigInteger.Parse("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

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
        var bytes = Convert.FromHexString(signed.Data.AsSpan(2));
        var type = bytes[0] >= FirstList ? 0 : bytes[0];
        var transaction = TransactionFactory.CreateTransaction(bytes);
        var again = Rewritten(transaction);
        var digest = again.RawHash;
        again.SetSignature(transaction.Signature);
        reading.Require(again.GetRLPEncoded().AsSpan().SequenceEqual(bytes), "the bytes", "others, when written again");
        reading.Same("the transaction id", signed.TransactionId, Hex(Sha3Keccack.Current.CalculateHash(bytes)));
        reading.Same("the sender", Plain(summary.From[0]), Sender(reading, transaction, digest, type));
        Number(reading, "the type", isDraft ? null : Types[summary.Details["type"]].ToString(CultureInfo.InvariantCulture), type, isDraft);
        Number(reading, "the chain id", summary.Details.GetValueOrDefault("chain id"), transaction.GetChainId(), isDraft);
        Number(reading, "the nonce", summary.Sequence, transaction.GetNonce(), isDraft);
        Number(reading, "the gas limit", summary.Details.GetValueOrDefault("gas limit"), transaction.GetGasLimit(), isDraft);
        Number(reading, "the fee", summary.Fee?.Units.ToString(CultureInfo.InvariantCulture), transaction.GetGasLimit() * transaction.GetMaxFeePerGas(), isDraft);
        ComparePayment(reading, summary, transaction);
        return reading.Differences;
    }

    /// <summary>The same transaction of its fields; the constructors that take bytes write a zero as a byte.</summary>
    private static Nethereum.Model.SignedTransaction Rewritten(ISignedTransaction read)
    {
        var to = read.GetReceiverAddress() ?? "";
        var data = read.GetData() ?? [];
        return read switch
        {
            Transaction1559 tx => new Transaction1559(tx.ChainId, tx.GetNonce(), tx.GetMaxPriorityFeePerGas(), tx.GetMaxFeePerGas(), tx.GetGasLimit(), to, tx.GetValue(), tx.Data, tx.AccessList),
            Transaction2930 tx => new Transaction2930(tx.ChainId, tx.GetNonce(), tx.GetMaxFeePerGas(), tx.GetGasLimit(), to, tx.GetValue(), tx.Data, tx.AccessList),
            LegacyTransactionChainId tx => new LegacyTransactionChainId(to, tx.GetValue(), tx.GetNonce(), tx.GetMaxFeePerGas(), tx.GetGasLimit(), Hex(data), tx.GetChainId()),
            _ => throw new NotSupportedException("a type that was not shown"),
        };
    }

    private static string Sender(Reading reading, ISignedTransaction transaction, byte[] digest, int type)
    {
        var (r, s) = (Padded(transaction.Signature.R), Padded(transaction.Signature.S));
        reading.Require(new BigInteger(s, isUnsigned: true, isBigEndian: true) <= HalfOrder, "the signature", "an s of the upper half");
        var v = transaction.Signature.V.ToBigIntegerFromRLPDecoded();
        var parity = (int)(type == 0 ? (v - 35) % 2 : v); // EIP-155
        return Curve.Sender(digest, r, s, parity);
    }

    private static void ComparePayment(Reading reading, TransactionSummary summary, ISignedTransaction transaction)
    {
        var data = transaction.GetData() ?? [];
        var to = transaction.GetReceiverAddress() is { Length: > 2 } receiver ? receiver.ToLowerInvariant() : null;
        var coins = summary.Transfers.Where(transfer => transfer.Amount.Asset == CoinOf(summary)).Aggregate(BigInteger.Zero, (sum, transfer) => sum + transfer.Amount.Units);
        reading.Same("the amount", coins, transaction.GetValue());
        reading.Same("whether a contract is made", summary.Kind == "contract creation" ? "yes" : "no", to is null ? "yes" : "no");
        if (to is not null)
        {
            reading.Same("whom it goes to", Plain(summary.Contract ?? (summary.Transfers.Count > 0 ? summary.Transfers[0].To : "")), to);
        }

        reading.Same("the size of the data", summary.Details.GetValueOrDefault("data", "0 bytes"), string.Create(CultureInfo.InvariantCulture, $"{data.Length} bytes"));
        CompareToken(reading, summary, data);
    }

    private static void CompareToken(Reading reading, TransactionSummary summary, byte[] data)
    {
        if (to(data) is not { } places || summary.Transfers.Count == 0 || data.Length < Selector + ((places.Amount + 1) * Word))
        {
            return;
        }

        var transfer = summary.Transfers[0];
        reading.Same("whom the token goes to", Plain(transfer.To), Hex(Argument(data, places.Recipient)[^AddressSize..]));
        reading.Same("the token's amount", transfer.Amount.Units, new BigInteger(Argument(data, places.Amount), isUnsigned: true, isBigEndian: true));

        static (int Recipient, int Amount)? to(byte[] data) => data switch
        {
            [0xa9, 0x05, 0x9c, 0xbb, ..] => (0, 1), // transfer(address,uint256)
            [0x09, 0x5e, 0xa7, 0xb3, ..] => (0, 1), // approve(address,uint256)
            [0x40, 0xc1, 0x0f, 0x19, ..] => (0, 1), // mint(address,uint256)
            [0x23, 0xb8, 0x72, 0xdd, ..] => (1, 2), // transferFrom(address,address,uint256)
            _ => null,
        };
    }

    private static ReadOnlySpan<byte> Argument(byte[] data, int at) => data.AsSpan(Selector + (at * Word), Word);

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

    private static byte[] Padded(byte[]? number) => [.. new byte[Word - (number?.Length ?? 0)], .. number ?? []];

    private static string Hex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);
}
