using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Readers;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signed transactions of the Bitcoin family, read and verified by NBitcoin (<see cref="BitcoinReading"/>).
/// </summary>
internal static class BitcoinReader
{
    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var pending = new PendingTransaction
        {
            Id = scenario.Id,
            Chain = scenario.Chain,
            SerializedTransaction = scenario.Pending.GetProperty("serializedTransaction").GetString()!,
        };
        var read = BitcoinReading.Read(pending, Network.Testnet, txData);
        var pays = read.Outputs.Select(
            output => $"{new Amount(output.Satoshis, 8, scenario.Chain)} to {output.Address ?? Shown(output.Script)}");
        return new(read.TransactionId, string.Join(", ", pays), read.Signers);
    }

    private static string Shown(byte[] script) =>
        script is [0x6a, var length, .. var text] && text.Length == length
            ? $"data \"{Printable.Text(text)}\""
            : "script " + Hex.Lower(script);
}
