using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>What is known of one pending transaction so far: what log, audit line and report say however it ends.</summary>
internal sealed class PendingRecord(SigningServices services, string chain, TransactionAudit audit)
{
    private bool isSaid;

    /// <summary>The pending id, once it could be read.</summary>
    internal string? Id { get; set; }

    /// <summary>Signature ids of the wallets it names, once they were found.</summary>
    internal IReadOnlyList<string>? Wallets { get; set; }

    /// <summary>What it does, as far as it is decoded and filled.</summary>
    internal TransactionSummary? Summary { get; set; }

    /// <summary>Digests of request and transaction, where they are known.</summary>
    internal TransactionDigests? Digests { get; set; }

    /// <summary>Who approved it, as logs may show; null while nobody has, and where there is no approver.</summary>
    internal string? Approver { get; set; }

    /// <summary>What people signed to approve it; null where no approvers file asks for it.</summary>
    internal EvidenceRecord? Evidence { get; set; }

    /// <summary>How it ended.</summary>
    internal TransactionReport End(Verdict verdict, string? transactionId = null, string? reason = null) => new(Id, chain, verdict, transactionId, reason);

    /// <summary>Says that work on it begins, within what may be told of a chain.</summary>
    internal void SayBegun()
    {
        if (MayTell())
        {
            SayProcessing();
        }
    }

    /// <summary>Whether one line more may be told about what is not signed yet.</summary>
    internal bool MayTell() => services.Memory.Told(chain).TryTake(services.Clock);

    /// <summary>Says once that it is worked on.</summary>
    internal void SayProcessing()
    {
        if (Id is not null && !isSaid)
        {
            isSaid = true;
            services.Log.Processing(Id, chain);
        }
    }

    /// <summary>Says that it failed, within what a chain may fill of the log.</summary>
    internal void SayFailed(string reason)
    {
        if (services.Memory.Lines(chain).TryTake(services.Clock))
        {
            SayProcessing();
            services.Log.Failed(Id ?? "(none)", reason);
        }
    }

    /// <summary>Writes a decision. When the task ends it is on disk.</summary>
    internal Task AuditAsync(string decision, TransactionReport? report) => audit.WriteAsync(decision, this, report);

    /// <summary>Writes an outcome that may come again every cycle.</summary>
    internal Task AuditChangeAsync(string decision, TransactionReport report) => audit.WriteChangeAsync(decision, this, report);

    /// <summary>The same for an outcome that stands whether or not it can be written.</summary>
    internal async Task<TransactionReport> TryAuditAsync(string decision, TransactionReport report)
    {
        try
        {
            await AuditChangeAsync(decision, report);
        }
        catch (KmsException error)
        {
            services.Log.Failed(Id ?? "(none)", error.Message);
        }

        return report;
    }
}
