namespace KmsCloud.Chains;

/// <summary>How handing over ended.</summary>
public enum SubmissionResult
{
    /// <summary>The network or the gateway took it.</summary>
    Accepted,

    /// <summary>
    /// A node's own words refuse it for good; whether an earlier copy left, and whether the chain has it, is another
    /// question.
    /// </summary>
    Rejected,

    /// <summary>
    /// Nobody knows: the same bytes are sent again in a later cycle, and nothing is reported as failed.
    /// </summary>
    Ambiguous,

    /// <summary>
    /// The chain's side says that it can never be included any more and was not. It alone proves nothing.
    /// </summary>
    Expired,

    /// <summary>Not taken now, by the node's own words: it is kept, and sent again later.</summary>
    Passing,

    /// <summary>Sent, but the gateway could not complete the pending entry.</summary>
    Incomplete,

    /// <summary>
    /// In a block, where executing it failed, as the gateway's side says: the end only when somebody else says so, too.
    /// </summary>
    Failed,
}

/// <summary>The end of a submission.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="TransactionId">The id the other side named, or null.</param>
/// <param name="Reason">Why, for everything but accepted.</param>
public sealed record SubmissionOutcome(SubmissionResult Result, string? TransactionId = null, string? Reason = null);

/// <summary>
/// The calls that hand over a signed transaction, as a value: it names the next call, takes its answer and becomes the
/// next state. Exactly one of <see cref="Next"/> and <see cref="Outcome"/> is not null.
/// </summary>
public abstract record Submission
{
    /// <summary>The call to make now.</summary>
    public abstract NodeCall? Next { get; }

    /// <summary>How it ended.</summary>
    public virtual SubmissionOutcome? Outcome => null;

    /// <summary>The state after <see cref="Next"/> was answered, or was not (status 0).</summary>
    public abstract Submission After(NodeAnswer answer);

    /// <summary>The final state.</summary>
    public static Submission Done(SubmissionResult result, string? transactionId = null, string? reason = null) =>
        new Finished(new(result, transactionId, reason));

    private sealed record Finished(SubmissionOutcome End) : Submission
    {
        public override NodeCall? Next => null;

        public override SubmissionOutcome? Outcome => End;

        public override Submission After(NodeAnswer answer) => this;
    }
}
