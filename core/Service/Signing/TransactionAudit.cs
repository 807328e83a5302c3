using System.Globalization;
using System.Text.Json;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Keys;

namespace KmsCloud.Signing;

/// <summary>Writes what was decided about the transactions of one chain (docs/audit-log.md).</summary>
internal sealed class TransactionAudit(AuditLog log, CycleMemory memory, string chain, Network network, TimeProvider clock)
{
    private const int MostShown = 10;
    private readonly SaidBefore said = memory.Said(chain);

    /// <summary>Told of each refusal that got a line.</summary>
    internal Func<string?, Task>? Refused { get; init; }

    /// <summary>Writes a decision. When the task ends it is on disk.</summary>
    internal async Task WriteAsync(string decision, PendingRecord record, TransactionReport? report)
    {
        await log.AppendAsync(json => Write(json, decision, record, report));
        said.Set(SaidBefore.Key(record.Id, chain, report?.Reason), decision);
    }

    /// <summary>Writes an outcome that may come again every cycle: when it begins, and when its reason changes.</summary>
    internal async Task WriteChangeAsync(string decision, PendingRecord record, TransactionReport report)
    {
        var key = SaidBefore.Key(record.Id, chain, report.Reason);
        var outcome = $"{decision}: {report.Topic ?? report.Reason}";
        if (said.Is(key, outcome))
        {
            return;
        }

        var limit = record.Wallets is null ? memory.AuditLines(chain) : memory.AuditTold(chain);
        if (IsOfUnsigned(decision) && !limit.TryTake(clock))
        {
            return; // counted, and said by WriteSkippedAsync
        }

        await WriteAsync(decision, record, report);
        said.Set(key, outcome);
        if (Refused is { } tell && decision is "refused" or "not-approved" or "rejected")
        {
            await tell(record.Id);
        }
    }

    /// <summary>
    /// Anybody can make up as many of these as he likes. What was signed comes one signature at a time, and its line must not be lost in a flood
    /// of the others.
    /// </summary>
    private static bool IsOfUnsigned(string decision) => decision is "refused" or "not-approved" or "waiting" or "failed";

    /// <summary>Says how many outcomes have no line of their own.</summary>
    internal async Task WriteSkippedAsync()
    {
        await WriteSkippedAsync(memory.AuditLines(chain), "in which no wallet of ours was found");
        await WriteSkippedAsync(memory.AuditTold(chain), "that name wallets of ours and were not signed; those that stay listed get their line later");
    }

    private async Task WriteSkippedAsync(LineLimit limit, string which)
    {
        if (limit.TakeSkipped(clock) is > 0 and var count)
        {
            var reason = string.Create(CultureInfo.InvariantCulture, $"{count} more {which}");
            await log.AppendAsync(json => Write(json, "refused-more", null, new(null, chain, Verdict.Refused, Reason: reason)));
        }
    }

    private void Write(Utf8JsonWriter json, string decision, PendingRecord? record, TransactionReport? report)
    {
        json.WriteString("decision", decision);
        json.WriteString("id", record?.Id);
        json.WriteString("chain", chain);
        json.WriteString("network", network.ToString().ToLowerInvariant());
        if (record?.Wallets is { } wallets)
        {
            json.WriteStartArray("wallets");
            foreach (var wallet in wallets.Take(IsOfUnsigned(decision) ? MostShown : int.MaxValue))
            {
                json.WriteStringValue(wallet);
            }

            json.WriteEndArray();
        }

        if (report?.TransactionId is { } transactionId)
        {
            json.WriteString("txId", transactionId);
        }

        if (report?.Reason is { } reason)
        {
            json.WriteString("reason", reason);
        }

        if (record?.Digests is { } digests)
        {
            json.WriteString("request", digests.Request);
            if (digests.Transaction is { } transaction)
            {
                json.WriteString("transaction", transaction);
            }
        }

        if (decision == "signing" && record?.Approver is { } approver)
        {
            json.WriteString("approver", approver);
        }

        if (decision == "signing")
        {
            record?.Evidence?.Write(json);
        }

        if (record?.Summary is { } summary)
        {
            SummaryJson.Write(json, summary, IsOfUnsigned(decision) ? MostShown : int.MaxValue);
        }
    }
}
