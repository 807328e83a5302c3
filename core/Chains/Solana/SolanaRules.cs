namespace KmsCloud.Chains.Solana;

/// <summary>Solana's submission asks the chain by itself; a node's words are read in <see cref="SolanaSubmission"/>.</summary>
internal static class SolanaRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Second = SecondLooks.Rpc("getTransaction"),
        SecondPast = signed => SolanaSigned.Read(signed).LastValidBlockHeight is { } last
            ? SecondLooks.Above("getBlockHeight", "[{\"commitment\":\"finalized\"}]", last)
            : null,
    };
}
