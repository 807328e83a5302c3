using System.Collections.Frozen;
using KmsCloud.Errors;

namespace KmsCloud.Cli.Sandbox;

/// <summary>What an independent reading of a broadcast found.</summary>
/// <param name="TransactionId">The id, computed from the bytes.</param>
/// <param name="Pays">What it pays to whom.</param>
/// <param name="Signers">Who signed, recovered from or checked against the signatures.</param>
internal sealed record Reading(string TransactionId, string Pays, IReadOnlyList<string> Signers);

/// <summary>
/// Reads signed transactions with parsers of its own, computes the digests again and checks the signatures: nothing here is
/// shared with the code that signs but the curve itself.
/// </summary>
internal static class IndependentReader
{
    private static readonly FrozenDictionary<string, Func<string, SandboxScenario, Reading>> Readers =
        new Dictionary<string, Func<string, SandboxScenario, Reading>>
        {
            ["BTC"] = BitcoinReader.Read,
            ["ETH"] = EthereumReader.Read,
        }.ToFrozenDictionary();

    /// <summary>Reads a broadcast's txData.</summary>
    /// <exception cref="KmsException">It is malformed or a signature is wrong.</exception>
    internal static Reading Read(SandboxScenario scenario, string txData) =>
        Readers.TryGetValue(scenario.Chain, out var read) ? read(txData, scenario) : throw KmsException.Refused($"no independent reader for {scenario.Chain}");

    /// <summary>A failed check.</summary>
    internal static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw KmsException.Refused(what);
        }
    }
}
