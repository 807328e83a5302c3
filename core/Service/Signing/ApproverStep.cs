using System.Numerics;
using KmsCloud.Anomalies;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Evidence;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>Asks the second pair of eyes about one transaction.</summary>
internal sealed class ApproverStep(SigningServices services, CycleOptions options, DecodedPending decoded, string content, int number)
{
    private readonly string key = $"{content} {number}"; // the very same question

    /// <summary>Whether the question may have a log line.</summary>
    internal required Func<bool> MayTell { get; init; }

    /// <summary>What people signed, once they approved; null where no approvers file asks for it.</summary>
    internal EvidenceRecord? Evidence { get; private set; }

    /// <summary>Ends the way when the answer of a moment ago was no: nothing is filled for it.</summary>
    /// <exception cref="NotApprovedException">It was.</exception>
    internal void RequireNoLateNo()
    {
        if (services.Approver is not null && Late() is { Approved: false } no)
        {
            throw new NotApprovedException(no.Reason!);
        }
    }

    /// <summary>Asks about what is to be signed.</summary>
    /// <exception cref="NotApprovedException">It is not approved.</exception>
    internal Task AskAsync(CompleteTransaction transaction, IReadOnlyList<Finding> findings, CancellationToken cancel) =>
        AskAsync(transaction.Summary, transaction.Digest, transaction.Summary.ProvedFee, findings, cancel);

    /// <summary>Asks about what was signed before, and is to be sent again. A yes of a moment ago stands.</summary>
    /// <exception cref="NotApprovedException">It is not approved.</exception>
    internal async Task AskAgainAsync(JournalEntry entry, CancellationToken cancel)
    {
        if (Late() is not { Approved: true })
        {
            await AskAsync(decoded.Draft?.Summary, entry.TransactionDigest, entry.Fee, [], cancel);
        }
    }

    private async Task AskAsync(TransactionSummary? summary, string? digest, BigInteger? fee, IReadOnlyList<Finding> findings, CancellationToken cancel)
    {
        if (services.Approver is not { } approver)
        {
            return;
        }

        using var timing = services.Metrics?.Step("approve");
        if (MayTell())
        {
            services.Log.Asking(approver.Shown);
        }

        var question = new ApprovalQuestion(decoded.Pending.Id, decoded.Request, number, summary, digest)
        {
            Wallets = decoded.Wallets,
            Fee = fee,
            Network = options.Context.Network,
            StateHead = services.Head?.Hash,
            Findings = findings,
            IsLookedAt = services.Anomalies is not null,
        };
        var answer = await approver.AskAsync(question, cancel);
        services.Memory.Answers.Set(decoded.Pending.Id, key, answer, services.Clock);
        if (!answer.Approved)
        {
            throw new NotApprovedException(answer.Reason!);
        }

        Evidence = answer.Evidence;
    }

    private ApprovalAnswer? Late() => services.Memory.Answers.Find(decoded.Pending.Id, key, options.AskAgainAfter, services.Clock);
}
