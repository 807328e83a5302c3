namespace KmsCloud.Chains.Flow;

/// <summary>Flow's submission asks the chain by itself; a node's words are read in <see cref="FlowSubmission"/>.</summary>
internal static class FlowRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        SecondFailure = new(
            id => NodeCall.Get(FlowCalls.Result(id).Path, "the transaction's result"),
            answer => answer.IsSuccess && FlowCalls.Outcome(answer.Json) is ("Sealed", var error) ? error.Length > 0 : null),
        SecondPast = FlowPast.Proof,
    };
}
