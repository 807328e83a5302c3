namespace KmsCloud.Chains;

/// <summary>
/// Reads signed transactions with code of another author and holds them against what policy and approver saw. It sees
/// no key, and it is given by the host: core knows no package that reads transactions.
/// </summary>
public interface ISecondReader
{
    /// <summary>Codes of the chains it reads, in order.</summary>
    IReadOnlyList<string> Chains { get; }

    /// <summary>
    /// Whether it reads transactions of the summary's kind: some of a chain's types may be unknown to it.
    /// </summary>
    bool Reads(TransactionSummary summary);

    /// <summary>Compares. Whatever goes wrong while reading is a difference.</summary>
    /// <param name="pending">What was asked for.</param>
    /// <param name="summary">What was shown.</param>
    /// <param name="signed">What would leave.</param>
    /// <param name="isDraft">
    /// The summary is of a request that was filled in and signed earlier: what it leaves open is not compared.
    /// </param>
    /// <returns>Nothing when both readings agree.</returns>
    IReadOnlyList<ReadingDifference> Compare(
        PendingTransaction pending, TransactionSummary summary, SignedTransaction signed, bool isDraft);
}

/// <summary>One point on which two readings differ. It never holds signed bytes.</summary>
/// <param name="What">The point in words, such as "the fee".</param>
/// <param name="Shown">What was shown to policy and approver.</param>
/// <param name="Read">What the second reader read.</param>
public sealed record ReadingDifference(string What, string Shown, string Read)
{
    /// <inheritdoc/>
    public override string ToString() => $"{What}: shown {Shown}, read {Read}";
}
