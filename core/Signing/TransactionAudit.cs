using System.Text.Json;
using KmsCloud.Audit;
using KmsCloud.Chains;

namespace KmsCloud.Signing;

/// <summary>Writes what was decided about the transactions of one chain (docs/audit-log.md).</summary>
internal sealed class TransactionAudit(AuditLog log, SaidBefore said, string chain, Network network)
{
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
        if (!said.Is(key, outcome))
        {
            await WriteAsync(decision, id, wallets, report, summary);
            said.Set(key, outcome);
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
