using KmsCloud.Chains;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>
/// Last step: the signed bytes are handed over, and what came of it is recorded. From here on nothing is a failure of
/// the transaction.
/// </summary>
internal sealed class Delivery(SigningServices services, CycleOptions options, IChain chain, PendingRecord record)
{
    private string Code => chain.Info.Code;

    /// <summary>Hands over.</summary>
    /// <param name="pending">The request.</param>
    /// <param name="entry">What the journal knows of it.</param>
    /// <param name="signed">The bytes.</param>
    internal async Task<TransactionReport> HandOverAsync(
        PendingTransaction pending, JournalEntry entry, SignedTransaction signed)
    {
        using var timing = services.Metrics?.Step("broadcast");
        var end = await new HandOver(services, options, chain, pending, entry, signed).RunAsync();
        if (end.Named is { } named && entry.TransactionId is { } ours && !Same(named, ours))
        {
            services.Metrics?.OtherId(Code);
            services.Log.Warning(pending.Id, Code, $"the gateway names the transaction {NodeWords.Shown(named, signed.Data)}, and what was sent is {ours}");
            end = end with { Reason = Joined(end.Reason, $"the gateway names another transaction, {NodeWords.Shown(named, signed.Data)}") };
        }

        var transactionId = entry.TransactionId ?? end.Named;
        return end.State switch
        {
            JournalState.Accepted => await AcceptedAsync(entry, end, transactionId),
            JournalState.Outstanding => await OutstandingAsync(entry, end, transactionId),
            _ => await EndedAsync(entry, end, transactionId),
        };
    }

    private async Task<TransactionReport> AcceptedAsync(JournalEntry entry, HandOver.End end, string? transactionId)
    {
        services.Pauses.Ended(entry.Id);
        var report = record.End(Verdict.Accepted, transactionId, end.Reason);
        if (entry.State is JournalState.Accepted && end.Reason == entry.Reason)
        {
            return report;
        }

        services.Log.Accepted(entry.Id, Code, transactionId ?? "unknown id");
        if (end.NeedsLook)
        {
            services.Log.Warning(entry.Id, Code, end.Reason!);
        }

        await services.Journal.RecordStateAsync(entry.Id, JournalState.Accepted, transactionId, end.Reason);
        await record.AuditAsync("broadcast", report);
        return report;
    }

    private async Task<TransactionReport> OutstandingAsync(JournalEntry entry, HandOver.End end, string? transactionId)
    {
        services.Log.Ambiguous(entry.Id, Code, end.Reason ?? "no reason");
        await services.Journal.RecordHeardAsync(entry.Id, end.Reason, end.Doubt, entry.Sent + (end.WasSent ? 1 : 0));
        var report = record.End(Verdict.Unknown, transactionId, end.Reason);
        await record.AuditChangeAsync(
            end.Doubt is JournalDoubt.None ? "unknown" : $"{end.Doubt.ToString().ToLowerInvariant()}-unproved", report);
        return report;
    }

    private async Task<TransactionReport> EndedAsync(JournalEntry entry, HandOver.End end, string? transactionId)
    {
        services.Pauses.Ended(entry.Id);
        var ended = await services.Journal.RecordStateAsync(entry.Id, end.State, transactionId, end.Reason);
        services.Log.Failed(entry.Id, end.Reason ?? "no reason");
        var report = record.End(ended.MaySignAfresh ? Verdict.Unknown : Verdict.Failed, transactionId, end.Reason);
        await record.AuditAsync(end.State.ToString().ToLowerInvariant(), report);
        return report;
    }

    private static bool Same(string left, string right) =>
        Bare(left).Equals(Bare(right), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string id) => id.Replace("0x", "", StringComparison.OrdinalIgnoreCase);

    private static string Joined(string? first, string second) => first is null ? second : $"{first}; {second}";
}
