using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>How one pending transaction ended in one cycle.</summary>
public enum Verdict
{
    /// <summary>Signed and taken by the gateway.</summary>
    Accepted,

    /// <summary>Signed; whether the network has it is not known. The same bytes go out again.</summary>
    Unknown,

    /// <summary>The approver did not say yes; it stays pending.</summary>
    NotApproved,

    /// <summary>Not now: frozen, or outside the policy's hours or limits for the moment; it stays pending.</summary>
    Waiting,

    /// <summary>Unsafe, contradictory or not ours.</summary>
    Refused,

    /// <summary>
    /// The gateway, a node or the network did not do their part, or the gateway rejected the broadcast.
    /// </summary>
    Failed,

    /// <summary>Not begun: the service is stopping, or the id stood twice in the list.</summary>
    Skipped,
}

/// <summary>One transaction's end.</summary>
/// <param name="Id">The pending id, or null when it has none.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="TransactionId">The transaction's id on the chain, when known.</param>
/// <param name="Reason">Why, for everything but accepted.</param>
public sealed record TransactionReport(
    string? Id, string Chain, Verdict Verdict, string? TransactionId = null, string? Reason = null)
{
    /// <summary>
    /// What failed was this machine or its patience, not the transaction: nothing is reported to the gateway, and the
    /// next cycle tries again.
    /// </summary>
    public bool StaysPending { get; init; }

    /// <summary>Why it was refused.</summary>
    public RefusalCause Cause { get; init; }

    /// <summary>The reason without what changes from cycle to cycle; null for the reason itself.</summary>
    internal string? Topic { get; init; }
}

/// <summary>What a cycle did.</summary>
/// <param name="Transactions">Every transaction the gateway listed.</param>
/// <param name="FailedPolls">Chains whose list could not be had, with the reason.</param>
/// <param name="Duration">How long it took.</param>
public sealed record CycleReport(
    IReadOnlyList<TransactionReport> Transactions,
    IReadOnlyList<(string Chain, string Reason)> FailedPolls,
    TimeSpan Duration)
{
    /// <summary>Transactions with a verdict.</summary>
    public int Count(Verdict verdict) => Transactions.Count(transaction => transaction.Verdict == verdict);

    /// <summary>
    /// Exit code of <c>daemon --run-once</c>: 0 when nothing failed, 6 when something was refused or not approved (a
    /// person must look), else 7 (the next run may do better).
    /// </summary>
    public int ExitCode =>
        Count(Verdict.Refused) + Count(Verdict.NotApproved) + Count(Verdict.Waiting) > 0 ? (int)Failure.Refused
        : Count(Verdict.Failed) + Count(Verdict.Unknown) + FailedPolls.Count > 0 ? (int)Failure.Gateway
        : 0;
}
