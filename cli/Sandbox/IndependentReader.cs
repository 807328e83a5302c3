using System.Collections.Frozen;
using KmsCloud.Errors;

namespace KmsCloud.Cli.Sandbox;

/// <summary>What an independent reading of a broadcast found.</summary>
/// <param name="TransactionId">The id, computed from the bytes.</param>
/// <param name="Pays">What it pays to whom.</param>
/// <param name="Signers">Public keys whose signatures were checked, in lower-case hex; of ECDSA the compressed form.</param>
internal sealed record Reading(string TransactionId, string Pays, IReadOnlyList<string> Signers);

/// <summary>
/// Reads signed transactions with NBitcoin and Nethereum where they know the chain, else with parsers of its own, computes the digests again and checks
/// the signatures: nothing here is shared with the code that signs but hashes, the text forms of bytes and the curves of the chains that no package reads.
/// </summary>
internal static class IndependentReader
{
    private static readonly FrozenDictionary<string, Func<string, SandboxScenario, Reading>> Readers =
        new Dictionary<string, Func<string, SandboxScenario, Reading>>
        {
            ["BTC"] = BitcoinReader.Read,
            ["LTC"] = BitcoinReader.Read,
            ["DOGE"] = BitcoinReader.Read,
            ["BCH"] = BitcoinReader.Read,
            ["ETH"] = EthereumReader.Read,
            ["BSC"] = EthereumReader.Read,
            ["MATIC"] = EthereumReader.Read,
            ["KLAY"] = EthereumReader.Read,
            ["ONE"] = EthereumReader.Read,
            ["KCS"] = EthereumReader.Read,
            ["XDC"] = EthereumReader.Read,
            ["CELO"] = EthereumReader.Read,
            ["VET"] = VeChainReader.Read,
            ["TRON"] = TronReader.Read,
            ["XRP"] = XrpReader.Read,
            ["XLM"] = StellarReader.Read,
            ["ALGO"] = AlgorandReader.Read,
            ["SOL"] = SolanaReader.Read,
            ["ADA"] = CardanoReader.Read,
            ["EGLD"] = MultiversXReader.Read,
            ["FLOW"] = FlowReader.Read,
            ["BNB"] = BnbReader.Read,
        }.ToFrozenDictionary();

    /// <summary>Reads what was sent: a broadcast's txData, or for SOL and FLOW what their node was given.</summary>
    /// <exception cref="KmsException">It is malformed, a signature is wrong, or someone else signed.</exception>
    internal static Reading Read(SandboxScenario scenario, string sent)
    {
        try
        {
            var reading = Readers[scenario.Chain](sent, scenario);
            Require(reading.Signers.ToHashSet().SetEquals(scenario.Signers), "someone else signed it");
            return reading;
        }
        catch (Exception error) when (error is not KmsException and not OutOfMemoryException)
        {
            throw KmsException.Refused($"what was sent cannot be read: {error.GetType().Name}");
        }
    }

    /// <summary>A failed check.</summary>
    internal static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw KmsException.Refused(what);
        }
    }
}
