namespace KmsCloud.Chains.Flow;

/// <summary>Flow's submission asks the chain by itself; a node's words are read in <see cref="FlowSubmission"/>.</summary>
internal static class FlowRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new() { SecondPast = FlowPast.Proof };
}
