using System.Globalization;
using System.Text.Json;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Keys;

namespace KmsCloud.Signing;

/// <summary>Writes what was decided about the transactions of one chain (docs/audit-log.md).</summary>
internal sealed class TransactionAudit(AuditLog log, CycleMemory memory, string chain, Network network, TimeProvider clock)
{
    private readonly SaidBefore said = memory.Said(chain);

    /// <summary>Writes a decision. When the task ends it is on disk.</summary>
    internal async Task WriteAsync(string decision, string? id, IReadOnlyList<string>? wallets, TransactionReport? report, TransactionSummary? summary)
    {
        await log.AppendAsync(json => Write(json, decision, id, wallets, report, summary));
        said.Set(SaidBefore.Key(id, chain, report?.Reason), decision);
    }

    /// <summary>Writes an outcome that may come again every cycle: when it begins, and when its reason changes.</summary>
    internal async Task WriteChangeAsync(string decision, string? id, IReadOnlyList<string>? wallets, TransactionReport report, TransactionSummary? summary)
    {
        var key = SaidBefore.Key(id, chain, report.Reason);
        var outcome = $"{decision}: {(decision == "waiting" ? BeforeAmounts(report.Reason!) : report.Reason)}";
        if (said.Is(key, outcome))
        {
            return;
        }

        if (wallets is null && !memory.AuditLines(chain).TryTake(clock))
        {
            return; // counted, and said by WriteSkippedAsync
        }

        await WriteAsync(decision, id, wallets, report, summary);
        said.Set(key, outcome);
    }

    /// <summary>Says how many refusals of what names no wallet of ours have no line of their own.</summary>
    internal async Task WriteSkippedAsync()
    {
        if (memory.AuditLines(chain).TakeSkipped(clock) is > 0 and var count)
        {
            var reason = string.Create(CultureInfo.InvariantCulture, $"{count} more in which no wallet of ours was found");
            await log.AppendAsync(json => Write(json, "refused-more", null, null, new(null, chain, Verdict.Refused, Reason: reason), null));
        }
    }

    // what a limit has left is another amount every minute
    private static string BeforeAmounts(string reason) => string.Concat(reason.TakeWhile(character => !char.IsAsciiDigit(character)));

    private void Write(Utf8JsonWriter json, string decision, string? id, IReadOnlyList<string>? wallets, TransactionReport? report, TransactionSummary? summary)
    {
        json.WriteString("decision", decision);
        json.WriteString("id", id);
        json.WriteString("chain", chain);
        json.WriteString("network", network.ToString().ToLowerInvariant());
        if (wallets is not null)
        {
            json.WriteStartArray("wallets");
            foreach (var wallet in wallets)
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

        if (summary is not null)
        {
            SummaryJson.Write(json, summary);
        }
    }
}
