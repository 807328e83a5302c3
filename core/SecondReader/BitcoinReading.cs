using KmsCloud.Chains;
using NBitcoin;
using Network = KmsCloud.Keys.Network;

namespace KmsCloud.Readers;

/// <summary>
/// A signed transaction of BTC, LTC, DOGE or BCH as NBitcoin reads it, for those who have no summary to hold it
/// against.
/// </summary>
/// <param name="TransactionId">Its id, computed from the bytes.</param>
/// <param name="Outputs">Address (null where the script has none), script and amount of each output.</param>
/// <param name="Signers">The public key that unlocks each input, in lower-case hex; its signature was checked.</param>
public sealed record BitcoinReading(
    string TransactionId,
    IReadOnlyList<(string? Address, byte[] Script, long Satoshis)> Outputs,
    IReadOnlyList<string> Signers)
{
    /// <summary>Reads it, and checks every signature against what the request says that is spent.</summary>
    /// <exception cref="FormatException">It is malformed, spends something else, or a signature is wrong.</exception>
    public static BitcoinReading Read(PendingTransaction pending, Network network, string data)
    {
        var isCash = pending.Chain == "BCH";
        var chain = BitcoinNetworks.Of(pending.Chain, network);
        var transaction = Transaction.Parse(data, chain);
        var id = transaction.GetHash().ToString();
        var spent = isCash ? BitcoinCashReader.Spent(pending, chain) : SpentOutputs.OfObject(pending);
        var reading = new Reading();
        BitcoinReader.CompareForm(reading, transaction, spent, new(data, id));
        if (reading.Differences.Count == 0)
        {
            Check(reading, transaction, spent, isCash);
        }

        return reading.Differences.Count == 0
            ? new(id, [.. transaction.Outputs.Select(output => (Address(output.ScriptPubKey), output.ScriptPubKey.ToBytes(), output.Value.Satoshi))], [.. transaction.Inputs.Select(Signer)])
            : throw new FormatException($"{reading.Differences[0].What}: {reading.Differences[0].Read}");

        string? Address(Script script) => isCash ? BitcoinCashReader.AddressOf(script.ToBytes(), network) : BitcoinNetworks.AddressOf(script, chain);
    }

    private static void Check(Reading reading, Transaction transaction, List<Spent> spent, bool isCash)
    {
        if (!isCash)
        {
            BitcoinReader.RunScripts(reading, transaction, spent);
            return;
        }

        foreach (var (at, input) in transaction.Inputs.Index())
        {
            BitcoinCashReader.CheckSignature(reading, transaction, at, input, spent[at].Output.Value);
        }
    }

    /// <summary>What unlocks an output of one key ends with that key.</summary>
    private static string Signer(TxIn input) =>
        Convert.ToHexStringLower(input.WitScript.PushCount > 0 ? input.WitScript[input.WitScript.PushCount - 1] : input.ScriptSig.ToOps().Last().PushData ?? []);
}
