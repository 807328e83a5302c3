using System.Globalization;
using System.Numerics;
using KmsCloud.Chains;
using NBitcoin;

namespace KmsCloud.Readers;

/// <summary>
/// BTC, LTC and DOGE: parsed by NBitcoin, every input run by its script interpreter, every output held against what was
/// shown.
/// </summary>
internal static class BitcoinReader
{
    /// <summary>
    /// What nodes relay. NBitcoin's Standard takes an uncompressed key in a witness, which they do not.
    /// </summary>
    private const ScriptVerify Rules = ScriptVerify.Standard | ScriptVerify.WitnessPubkeyType | ScriptVerify.ConstScriptCode;

    private const int TaprootSignatureSize = 64;

    /// <summary>Compares.</summary>
    internal static IReadOnlyList<ReadingDifference> Compare(
        PendingTransaction pending, TransactionSummary summary, SignedTransaction signed)
    {
        var reading = new Reading();
        var network = BitcoinNetworks.Of(summary.Chain, summary.Network);
        // strict: nothing is cut off or behind, sizes are the shortest
        var transaction = Transaction.Parse(signed.Data, network);
        var spent = SpentOutputs.OfObject(pending);
        CompareForm(reading, transaction, spent, signed);
        if (reading.Differences.Count > 0)
        {
            return reading.Differences;
        }

        RunScripts(reading, transaction, spent);
        CompareMoney(reading, transaction, spent, summary);
        ComparePayments(reading, [.. Paying(transaction)], summary, network);
        return reading.Differences;
    }

    /// <summary>The same bytes again, the id, and the inputs in the order of the request.</summary>
    internal static void CompareForm(
        Reading reading, Transaction transaction, List<Spent> spent, SignedTransaction signed)
    {
        reading.Require(
            string.Equals(transaction.ToHex(), signed.Data, StringComparison.Ordinal),
            "the bytes",
            "others, when written again");
        reading.Same("the transaction id", signed.TransactionId, transaction.GetHash().ToString());
        reading.Same(
            "the inputs",
            Text(spent.Select(output => output.Place)), Text(transaction.Inputs.Select(input => input.PrevOut)));
        reading.Require(transaction.Inputs.Select(input => input.PrevOut).Distinct().Count() == transaction.Inputs.Count, "the inputs", "one twice");
    }

    /// <summary>What goes in is what comes out and the fee.</summary>
    internal static void CompareMoney(
        Reading reading, Transaction transaction, List<Spent> spent, TransactionSummary summary)
    {
        var paid = spent.Aggregate(BigInteger.Zero, (sum, output) => sum + output.Output.Value.Satoshi);
        var received = transaction.Outputs.Aggregate(BigInteger.Zero, (sum, output) => sum + output.Value.Satoshi);
        reading.Same("the fee", summary.Fee?.Units, paid - received);
        reading.Require(transaction.Outputs.All(output => output.Value.Satoshi >= 0), "the amounts", "one below zero");
    }

    /// <summary>Outputs that pay: data that costs nothing is a memo.</summary>
    internal static IEnumerable<TxOut> Paying(Transaction transaction) =>
        transaction.Outputs.Where(
            output => output.Value.Satoshi != 0 || output.ScriptPubKey.ToBytes(@unsafe: true) is not [0x6a, ..]);

    internal static void RunScripts(Reading reading, Transaction transaction, List<Spent> spent)
    {
        var shared = transaction.PrecomputeTransactionData([.. spent.Select(output => output.Output)]);
        foreach (var (at, input) in transaction.Inputs.Index())
        {
            var context = new ScriptEvaluationContext { ScriptVerify = Rules };
            var isValid = context.VerifyScript(
                input.ScriptSig,
                spent[at].Output.ScriptPubKey,
                new TransactionChecker(transaction, at, spent[at].Output, shared));
            var what = string.Create(CultureInfo.InvariantCulture, $"the unlocking of input {at}");
            reading.Require(isValid, what, context.Error.ToString());
            if (spent[at].Output.ScriptPubKey.IsScriptType(ScriptType.Taproot))
            {
                RequireKeyAlone(reading, input, what);
                continue;
            }

            reading.Require(context.SignedHashes.All(hash => hash.Signature is TransactionSignature { SigHash: SigHash.All }), what, "a signature that leaves parts open");
        }
    }

    /// <summary>
    /// A signature of 64 bytes: SIGHASH_DEFAULT (BIP-341), which leaves nothing open. No script was made for any output
    /// of ours.
    /// </summary>
    private static void RequireKeyAlone(Reading reading, TxIn input, string what) =>
        reading.Require(
            input.WitScript.PushCount == 1 && input.WitScript[0].Length == TaprootSignatureSize,
            what,
            "another witness than one signature of all");

    private static void ComparePayments(
        Reading reading, List<TxOut> paid, TransactionSummary summary, NBitcoin.Network network)
    {
        reading.Same("the number of payments", summary.Transfers.Count, paid.Count);
        foreach (var (output, shown) in paid.Zip(summary.Transfers))
        {
            reading.Same($"the amount to {shown.To}", shown.Amount.Units, output.Value.Satoshi);
            if (BitcoinNetworks.AddressOf(output.ScriptPubKey, network) is { } address)
            {
                reading.Same("a recipient", shown.To, address);
            }
            else
            {
                reading.Require(shown.To.StartsWith('('), "a recipient", "a script without address");
            }
        }
    }

    private static string Text(IEnumerable<OutPoint> places)
    {
        List<string> all = [.. places.Select(place => place.ToString())];
        return string.Create(CultureInfo.InvariantCulture, $"{all.Count}: ") + string.Join(' ', all);
    }
}
