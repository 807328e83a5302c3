using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using NBitcoin;

namespace KmsCloud.Readers;

/// <summary>
/// BCH, which NBitcoin's interpreter does not know: parsed and written again by NBitcoin, each signature checked over
/// the digest that NBitcoin computes, inputs and outputs held against the request's own. The check of a Schnorr
/// signature and the letters of an address are ours.
/// </summary>
internal static class BitcoinCashReader
{
    private const SigHash AllForkId = (SigHash)0x41;
    private const int SignatureSize = BchSchnorr.SignatureSize;

    /// <summary>Compares.</summary>
    internal static IReadOnlyList<ReadingDifference> Compare(
        PendingTransaction pending, TransactionSummary summary, SignedTransaction signed)
    {
        var reading = new Reading();
        var network = BitcoinNetworks.Of(summary.Chain, summary.Network);
        var transaction = Transaction.Parse(signed.Data, network);
        var asked = Transaction.Parse(Split(pending.SerializedTransaction).Hex, network);
        var spent = Spent(pending, network);
        BitcoinReader.CompareForm(reading, transaction, spent, signed);
        reading.Same("the outputs", Text(asked), Text(transaction));
        if (reading.Differences.Count > 0)
        {
            return reading.Differences;
        }

        foreach (var (at, input) in transaction.Inputs.Index())
        {
            CheckSignature(reading, transaction, at, input, spent[at].Output.Value);
        }

        BitcoinReader.CompareMoney(reading, transaction, spent, summary);
        // tokens ride on outputs
        List<Transfer> coins = [.. summary.Transfers.Where(transfer => transfer.Amount.Asset == summary.Chain)];
        List<TxOut> paid = [.. BitcoinReader.Paying(transaction)];
        reading.Same("the number of payments", coins.Count, paid.Count);
        foreach (var (output, shown) in paid.Zip(coins))
        {
            reading.Same($"the amount to {shown.To}", shown.Amount.Units, output.Value.Satoshi);
            if (AddressOf(output.ScriptPubKey.ToBytes(), summary.Network) is { } address)
            {
                reading.Same("a recipient", shown.To, address);
            }
        }

        return reading.Differences;
    }

    /// <summary>What the request says is spent: places and amounts, but not whose.</summary>
    internal static List<Spent> Spent(PendingTransaction pending, NBitcoin.Network network)
    {
        var (hex, amounts) = Split(pending.SerializedTransaction);
        return [.. Transaction.Parse(hex, network).Inputs.Zip(amounts, (input, amount) => new Spent(input.PrevOut, new(Money.Satoshis(amount), Script.Empty)))];
    }

    /// <summary>An unlocking script of a Schnorr signature and a key; nothing else is signed here.</summary>
    internal static void CheckSignature(Reading reading, Transaction transaction, int at, TxIn input, Money amount)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"the unlocking of input {at}");
        var script = input.ScriptSig.ToBytes();
        if (script is not [SignatureSize + 1, .., _] || script.Length < SignatureSize + 3 || script[SignatureSize + 1] != (byte)AllForkId
            || script[SignatureSize + 2] != script.Length - SignatureSize - 3)
        {
            reading.Require(false, what, "another script");
            return;
        }

        var key = script[(SignatureSize + 3)..];
        var code = new PubKey(key).Hash.ScriptPubKey;
        var digest = transaction.GetSignatureHash(code, at, AllForkId, new TxOut(amount, code), HashVersion.WitnessV0).ToBytes();
        reading.Require(
            BchSchnorr.IsValid(key, digest, script.AsSpan(1, SignatureSize)), what, "a signature of something else");
    }

    /// <summary>The address of P2PKH and P2SH, the letters of which are ours; null for other scripts.</summary>
    internal static string? AddressOf(byte[] script, Keys.Network network)
    {
        var prefix = network is Keys.Network.Mainnet ? "bitcoincash" : "bchtest";
        return script switch
        {
            [0x76, 0xa9, 20, .., 0x88, 0xac] when script.Length == 25 => CashAddr.Encode(prefix, 0, script.AsSpan(3, 20)),
            [0xa9, 20, .., 0x87] when script.Length == 23 => CashAddr.Encode(prefix, 1, script.AsSpan(2, 20)),
            _ => null,
        };
    }

    private static string Text(Transaction transaction) => string.Create(CultureInfo.InvariantCulture, $"{transaction.Outputs.Count}: ")
        + string.Join(' ', transaction.Outputs.Select(output => string.Create(CultureInfo.InvariantCulture, $"{output.Value.Satoshi} to {output.ScriptPubKey.ToHex()}")))
        + string.Create(CultureInfo.InvariantCulture, $", version {(int)transaction.Version}, lock time {(uint)transaction.LockTime}, sequences {string.Join(' ', transaction.Inputs.Select(input => (uint)input.Sequence))}");

    private static (string Hex, List<long> Amounts) Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        using var amounts = JsonDocument.Parse(text.AsMemory(colon + 1));
        return (text[..colon], [.. amounts.RootElement.EnumerateArray().Select(amount => amount.ValueKind is JsonValueKind.String ? long.Parse(amount.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture) : amount.GetInt64())]);
    }
}
