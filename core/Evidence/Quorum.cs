using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Policy;

namespace KmsCloud.Evidence;

/// <summary>What is to be approved, as rules look at it.</summary>
/// <param name="Summary">The decoded transaction; null where it is not decoded.</param>
/// <param name="Wallets">Signature ids of the wallets that sign.</param>
/// <param name="FeeIsProved">Whether the most it can cost is known and proved.</param>
public sealed record QuorumSubject(TransactionSummary? Summary, IReadOnlyList<string> Wallets, bool FeeIsProved)
{
    /// <summary>Names of the anomaly rules that found something; null where nobody looked.</summary>
    public IReadOnlyList<string>? Findings { get; init; }
}

/// <summary>What the rules say.</summary>
/// <param name="Rule">The rule it falls under, or null: then nobody can approve it.</param>
/// <param name="Counted">Names of the people whose yes counts, in the order of the alphabet.</param>
public sealed record QuorumVerdict(QuorumRule? Rule, IReadOnlyList<string> Counted)
{
    /// <summary>Whether enough people said yes.</summary>
    public bool IsMet => Rule is { } rule && Counted.Count >= rule.Approvals;
}

/// <summary>
/// Rules, transaction and people in, verdict out. The first rule that a transaction falls under decides.
/// </summary>
internal static class Quorum
{
    /// <summary>The verdict.</summary>
    /// <param name="rules">The rules in their order.</param>
    /// <param name="subject">What is to be approved.</param>
    /// <param name="said">People who said yes, proved; one who is named twice counts once.</param>
    public static QuorumVerdict Decide(IReadOnlyList<QuorumRule> rules, QuorumSubject subject, IEnumerable<Person> said)
    {
        var rule = rules.FirstOrDefault(rule => Covers(rule, subject));
        return rule is null ? new(null, []) : new(rule, Counted(rule, said));
    }

    /// <summary>Names of the people of whom a rule counts the yes.</summary>
    public static IReadOnlyList<string> Counted(QuorumRule rule, IEnumerable<Person> said) =>
        [
            .. said.Where(rule.Counts).Select(person => person.Name)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];

    private static bool Covers(QuorumRule rule, QuorumSubject subject)
    {
        if (rule.Wallets is { } wallets && (subject.Wallets.Count == 0 || !subject.Wallets.All(wallets.Contains)))
        {
            return false;
        }

        if (rule.Unless.Count > 0 && (subject.Findings is not { } findings || findings.Any(rule.Unless.Contains)))
        {
            return false;
        }

        if (subject.Summary is not { } summary)
        {
            return rule.IsForAnything;
        }

        if (rule.Chains?.Contains(summary.Chain) is false)
        {
            return false;
        }

        return rule.IsForAnythingOfItsChains || CoversDecoded(rule, summary, subject.FeeIsProved);
    }

    /// <summary>
    /// What is not understood wholly, or hides a part of what it costs, is under no rule that looks at what it does.
    /// </summary>
    private static bool CoversDecoded(QuorumRule rule, TransactionSummary summary, bool feeIsProved)
    {
        if (!summary.Understood || rule.Kinds?.Contains(summary.Kind) is false)
        {
            return false;
        }

        var payments = summary.Transfers.Where(transfer => !transfer.IsChange).ToList();
        var payees = summary.Payees.ToList();
        if (rule.Recipients is { } recipients && (payees.Count == 0 || !payees.TrueForAll(recipients.Allow)))
        {
            return false;
        }

        var isCounted = feeIsProved && payments.Count > 0 && summary.Uncounted.Count == 0;
        return rule.Assets is null || (isCounted && IsWithin(rule.Assets, payments, summary));
    }

    private static bool IsWithin(
        IReadOnlyDictionary<string, ExactSum?> assets, List<Transfer> payments, TransactionSummary summary)
    {
        if (payments.Exists(payment => ExactSum.TryRead(payment.Amount.Number) is null))
        {
            return false; // what cannot be counted is within no bound
        }

        foreach (var (asset, paid) in PolicyCheck.Paid(summary))
        {
            if (!assets.TryGetValue(asset, out var most) || (most is { } bound && paid.Exceeds(bound, 1)))
            {
                return false;
            }
        }

        return true;
    }
}
