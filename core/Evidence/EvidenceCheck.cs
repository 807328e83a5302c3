using System.Globalization;
using KmsCloud.Errors;

namespace KmsCloud.Evidence;

/// <summary>
/// Whether people said yes to a question. Evidence counts as a whole: a decision in it that does not hold makes it
/// worth nothing, so that a byte
/// that was changed is never overlooked.
/// </summary>
public static class EvidenceCheck
{
    /// <summary>Longest time that a yes may be good for from now on.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>Least time that is left of a yes when it is used: the audit log's line comes after it.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    /// <summary>Who said yes; each name once.</summary>
    /// <param name="approvers">People and keys.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="evidence">What was answered.</param>
    /// <param name="now">The time, or that of the record that holds the evidence.</param>
    /// <exception cref="KmsException"><see cref="Failure.Refused"/>: a decision in it does not hold, or is a
    /// no.</exception>
    public static IReadOnlyList<Person> Verify(
        Approvers approvers, EvidenceQuestion question, ApprovalEvidence evidence, DateTimeOffset now)
    {
        var isOfQuestion = evidence.Network == question.Network
            && evidence.Id == question.Id
            && evidence.Request == question.Request
            && evidence.Number == question.Number;
        if (!isOfQuestion)
        {
            throw KmsException.Refused("the evidence is of another request, or of another signature of it");
        }

        var people = new List<Person>();
        foreach (var decision in evidence.Decisions)
        {
            var person = Verify(approvers, question, decision, now);
            if (decision.Decision == SignedDecision.Reject)
            {
                throw KmsException.Refused($"'{person.Name}' rejected it");
            }

            if (!people.Contains(person))
            {
                people.Add(person);
            }
        }

        return people;
    }

    /// <summary>What the rules say of those who said yes.</summary>
    /// <exception cref="KmsException"><see cref="Failure.Refused"/>: a decision does not hold, is a no, or too few
    /// people said yes.</exception>
    public static QuorumVerdict Require(
        Approvers approvers,
        EvidenceQuestion question,
        QuorumSubject subject,
        ApprovalEvidence evidence,
        DateTimeOffset now)
    {
        if (evidence.Decisions.Any(decision => decision.Expires - now.ToUnixTimeSeconds() < (long)Least.TotalSeconds))
        {
            throw KmsException.Refused("a decision has expired, or ends within a minute");
        }

        var verdict = Quorum.Decide(approvers.Rules, subject, Verify(approvers, question, evidence, now));
        if (verdict.Rule is not { } rule)
        {
            throw KmsException.Refused("no rule of the approvers file is for it, so nobody can approve it");
        }

        return verdict.IsMet ? verdict : throw KmsException.Refused(TooFew(rule, verdict));
    }

    internal static string TooFew(QuorumRule rule, QuorumVerdict verdict) => string.Create(
        CultureInfo.InvariantCulture,
        $"{verdict.Counted.Count} of the {rule.Approvals} people that rule '{rule.Name}' needs said yes");

    private static Person Verify(
        Approvers approvers, EvidenceQuestion question, SignedDecision decision, DateTimeOffset now)
    {
        if (!approvers.TryFind(decision.Assertion.Credential, out var person, out var key))
        {
            throw KmsException.Refused("a decision is of a key that the approvers file does not have");
        }

        if (decision.Assertion.Problem(key, approvers, decision.Challenge(question)) is { } problem)
        {
            throw KmsException.Refused($"a decision of '{person.Name}' does not hold: {problem}");
        }

        var left = decision.Expires - now.ToUnixTimeSeconds();
        if (left <= 0 || left > (long)Longest.TotalSeconds)
        {
            throw KmsException.Refused(
                $"the decision of '{person.Name}' has expired, or is good for longer than 24 hours");
        }

        return decision.IsBoundTo(question)
            ? person
            : throw KmsException.Refused(
                $"'{person.Name}' saw another transaction, or allowed a smaller fee, or the fee is not proved");
    }
}
