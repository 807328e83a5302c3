using System.Text.Json;

namespace KmsCloud.Chains.Solana;

/// <summary>
/// Solana's submission asks the chain by itself; a node's words are read in <see cref="SolanaSubmission"/>.
/// </summary>
internal static class SolanaRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Second = SecondLooks.Rpc("getTransaction"),
        SecondFailure = new(
            id => SecondLooks.Rpc("getTransaction").Ask(id),
            answer => SecondLooks.Member(answer, "result", "meta", "err") is { } error ? error.ValueKind is not JsonValueKind.Null : null),
        SecondPast = SolanaPast.Proof,
    };
}
