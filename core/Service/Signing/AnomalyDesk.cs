using KmsCloud.Anomalies;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>
/// Looks at each transaction before the approver is asked (docs/anomalies.md): what a rule finds is told to log, audit log, metric, approver and
/// webhook, each once, and freezes signing where the operator wants that. It never allows anything.
/// </summary>
/// <param name="rules">The rules.</param>
/// <param name="freezing">Names of the rules that freeze.</param>
public sealed class AnomalyDesk(AnomalyRules rules, IReadOnlySet<string> freezing)
{
    private const int MostTold = 100_000;
    private readonly AnomalyWatch watch = new(rules);
    private readonly HashSet<UInt128> told = [];
    private readonly Lock gate = new();

    /// <summary>Learns what was before from the audit log.</summary>
    public void Learn(IEnumerable<AuditRecord> records)
    {
        foreach (var record in records)
        {
            switch (record.Decision)
            {
                case "signing":
                    watch.Learn(record.Facts());
                    break;
                case "refused" or "not-approved" or "rejected":
                    watch.Refused(record.Chain, record.Time);
                    break;
                case AnomalyRules.Decision when record.Rule is { } rule:
                    IsNew(record.Id, rule); // who thawed after it does not meet it again
                    break;
            }
        }
    }

    /// <summary>What is found in a transaction that is complete.</summary>
    /// <param name="services">Who is told.</param>
    /// <param name="record">The pending transaction.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="wallets">Signature ids that would sign.</param>
    /// <param name="near">Limits that it nearly uses up, by how many percent of them count as nearly.</param>
    internal async Task<IReadOnlyList<Finding>> LookAsync(
        SigningServices services, PendingRecord record, TransactionSummary summary, IReadOnlyList<string> wallets, Func<int, IEnumerable<string>> near)
    {
        var limits = rules.LimitPercent is { } percent ? near(percent) : [];
        List<Finding> findings =
        [
            .. watch.Look(Facts(services.Clock.GetUtcNow(), summary, wallets)),
            .. limits.Select(text => new Finding(AnomalyRules.LimitName, text)),
        ];
        foreach (var finding in findings.Where(finding => IsNew(record.Id!, finding.Rule)))
        {
            await TellAsync(services, record.Id!, summary.Chain, finding);
        }

        return findings;
    }

    /// <summary>Remembers what is signed.</summary>
    internal void Signed(SigningServices services, TransactionSummary summary, IReadOnlyList<string> wallets) =>
        watch.Learn(Facts(services.Clock.GetUtcNow(), summary, wallets));

    /// <summary>Counts a refusal that the audit log has a line of.</summary>
    internal async Task RefusedAsync(SigningServices services, string? id, string chain)
    {
        if (watch.Refused(chain, services.Clock.GetUtcNow()) is { } finding)
        {
            await TellAsync(services, id ?? "(none)", chain, finding);
        }
    }

    private static PaymentFacts Facts(DateTimeOffset now, TransactionSummary summary, IReadOnlyList<string> wallets) =>
        new(now, summary.Chain, string.Join('+', wallets), [.. summary.Transfers.Where(transfer => !transfer.IsChange).Select(Paid), .. summary.Uncounted.Select(payee => PaidTo.Uncounted(payee.To))])
        {
            FeeAsset = summary.Fee?.Asset,
            Fee = ExactSum.Read(summary.Fee?.Number ?? "0"),
        };

    /// <summary>As an audit line names it: raw units are another asset than coins.</summary>
    private static PaidTo Paid(Transfer transfer) => new(
        transfer.To, transfer.Amount.Asset + (transfer.Amount.Decimals is null ? " (raw)" : ""), ExactSum.Read(transfer.Amount.Number));

    private bool IsNew(string id, string rule)
    {
        lock (gate)
        {
            if (told.Count >= MostTold)
            {
                told.Clear();
            }

            return told.Add(FingerprintTable<byte>.Of($"{id}\n{rule}"));
        }
    }

    private async Task TellAsync(SigningServices services, string id, string chain, Finding finding)
    {
        var text = Printable.Line(finding.Text);
        services.Metrics?.Found(finding.Rule);
        if (services.Memory.Told(chain).TryTake(services.Clock))
        {
            services.Log.Anomaly(finding.Rule, id, chain, text);
            services.Alerts?.Send(new(AnomalyRules.Decision, finding.Rule, id, chain, text));
            await services.Audit.AppendAsync(json =>
            {
                json.WriteString("decision", AnomalyRules.Decision);
                json.WriteString("id", id);
                json.WriteString("chain", chain);
                json.WriteString("rule", finding.Rule);
                json.WriteString("reason", text);
            });
        }

        if (freezing.Contains(finding.Rule))
        {
            Freeze(services, id, chain, finding.Rule);
        }
    }

    private static void Freeze(SigningServices services, string id, string chain, string rule)
    {
        try
        {
            services.Freeze?.Set($"the anomaly rule '{rule}' on {id} of {chain}", "anomalies", services.Clock.GetUtcNow());
        }
        catch (KmsException error)
        {
            services.Log.Failed(id, $"signing could not be frozen: {error.Message}");
            throw new NotNowException("an anomaly rule should have frozen signing, and could not");
        }
    }
}
