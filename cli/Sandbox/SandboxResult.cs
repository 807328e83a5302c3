using KmsCloud.Errors;
using KmsCloud.Signing;

namespace KmsCloud.Cli.Sandbox;

/// <summary>What became of one scenario, as the table shows it.</summary>
/// <param name="Chain">Chain code.</param>
/// <param name="Transaction">The scenario's name.</param>
/// <param name="Milliseconds">From poll to audit.</param>
internal sealed record SandboxResult(string Chain, string Transaction, long Milliseconds)
{
    /// <summary>What it pays to whom, read from the broadcast bytes.</summary>
    internal string Pays { get; init; } = "";

    /// <summary>The id computed from the broadcast bytes.</summary>
    internal string TransactionId { get; init; } = "";

    /// <summary>Who signed, by public key.</summary>
    internal IReadOnlyList<string> Signers { get; init; } = [];

    /// <summary>Where a real node mined it, when one did.</summary>
    internal string? Mined { get; init; }

    /// <summary>What is wrong, when something is.</summary>
    internal string? Problem { get; init; }

    /// <summary>
    /// Whether it was broadcast, read independently with valid signatures of the right signers, and is byte for byte
    /// what another implementation signed (or, of a devnet's, was mined).
    /// </summary>
    internal bool Verified => Problem is null;

    internal static SandboxResult Of(
        SandboxScenario scenario,
        SandboxGateway gateway,
        IDevnetNode? node,
        TransactionReport? report,
        long milliseconds)
    {
        var result = new SandboxResult(scenario.Chain, scenario.Name, milliseconds);
        if (report?.Verdict is not Verdict.Accepted || !gateway.Broadcasts.TryGetValue(scenario.Id, out var broadcast))
        {
            return result with { Problem = report?.Reason ?? "it was not broadcast" };
        }

        try
        {
            var reading = IndependentReader.Read(scenario, broadcast.Sent);
            result = result with { Pays = reading.Pays, TransactionId = reading.TransactionId, Signers = reading.Signers };
            IndependentReader.Require(
                broadcast.Submitted is null || broadcast.TxData == reading.TransactionId,
                "the gateway was told another id");
            IndependentReader.Require(
                scenario.Signed is null || broadcast.TxData == scenario.Signed || !scenario.IsByteExact,
                "it differs from the recording");
            IndependentReader.Require(scenario.TransactionId is null || scenario.TransactionId == reading.TransactionId || !scenario.IsByteExact, "its id differs from the recording");
            return result with { Mined = node?.Outcome(scenario, reading) };
        }
        catch (KmsException error)
        {
            return result with { Problem = error.Message };
        }
    }
}
