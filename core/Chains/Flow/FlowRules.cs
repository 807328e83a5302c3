namespace KmsCloud.Chains.Flow;

/// <summary>
/// Flow's submission asks the chain by itself; a node's words are read in <see cref="FlowSubmission"/>.
/// </summary>
internal static partial class FlowRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        SecondFailure = new(
            id => NodeCall.Get(FlowCalls.Result(id).Path, "the transaction's result"),
            answer => answer.IsSuccess && FlowCalls.Outcome(answer.Json) is ("Sealed", var error) ? HasFailed(error) : null),
        SecondPast = FlowPast.Proof,
    };

    // errors below 1100 are about signatures, keys and sequence numbers: the payload may have been executed under
    // another id (Flow documentation, "Error codes")
    private static bool? HasFailed(string error) =>
        error.Length == 0 ? false
        : ScriptError().IsMatch(error) ? true
        : null;

    [System.Text.RegularExpressions.GeneratedRegex(@"\[Error Code: 1[1-9]\d\d\]")]
    private static partial System.Text.RegularExpressions.Regex ScriptError();
}
