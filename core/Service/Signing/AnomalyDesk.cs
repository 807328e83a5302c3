using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<string, int> underWay = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly Lock freezeGate = new();

    /// <summary>Learns what was before from the audit log.</summary>
    public void Learn(IEnumerable<AuditRecord> records)
    {
        var learned = new HashSet<UInt128>(); // one that could not be signed has a line each time it was tried
        foreach (var record in records)
        {
            switch (record.Decision)
            {
                case "signing" when learned.Add(FingerprintTable<byte>.Of($"{record.Id}\n{record.Request}")):
                    watch.Learn(record.Facts());
                    break;
                case "refused" or "not-approved" or "rejected":
                    watch.Refused(record.Chain, record.Time);
                    break;
                case AnomalyRules.Decision when record.Rule is { } rule:
                    SetTold(KeyOf(record.Chain, record.Id, record.Request, rule)); // who thawed after it does not meet it again
                    break;
            }
        }
    }

    /// <summary>A transaction on its way: it counts as a payment of its wallets until it is signed, or not.</summary>
    internal OnItsWay Begin(IReadOnlyList<string> wallets) => new(underWay, string.Join('+', wallets));

    /// <summary>What is found in a transaction that is complete.</summary>
    /// <param name="services">Who is told.</param>
    /// <param name="record">The pending transaction.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="wallets">Signature ids that would sign.</param>
    /// <param name="near">Limits that it nearly uses up, by how many percent of them count as nearly.</param>
    /// <exception cref="NotNowException">It should have frozen signing, and that could not be done.</exception>
    internal async Task<IReadOnlyList<Finding>> LookAsync(
        SigningServices services, PendingRecord record, TransactionSummary summary, IReadOnlyList<string> wallets, Func<int, IEnumerable<string>> near)
    {
        var limits = rules.LimitPercent is { } percent ? near(percent) : [];
        var facts = Facts(services.Clock.GetUtcNow(), summary, wallets);
        List<Finding> findings =
        [
            .. watch.Look(facts, underWay.GetValueOrDefault(facts.Wallet) - 1),
            .. limits.Select(text => new Finding(AnomalyRules.LimitName, text)),
        ];
        foreach (var finding in findings)
        {
            var key = KeyOf(summary.Chain, record.Id!, record.Digests!.Request, finding.Rule);
            if (!IsTold(key) && await TryTellAsync(services, record.Id!, summary.Chain, record.Digests.Request, finding))
            {
                SetTold(key);
            }
        }

        return findings;
    }

    /// <summary>Remembers what is signed.</summary>
    internal void Signed(SigningServices services, TransactionSummary summary, IReadOnlyList<string> wallets) =>
        watch.Learn(Facts(services.Clock.GetUtcNow(), summary, wallets));

    /// <summary>Counts a refusal that the audit log has a line of. Never throws: the refusal stands.</summary>
    internal async Task RefusedAsync(SigningServices services, string? id, string chain)
    {
        if (watch.Refused(chain, services.Clock.GetUtcNow()) is not { } finding)
        {
            return;
        }

        try
        {
            await TryTellAsync(services, id ?? "(none)", chain, null, finding);
        }
        catch (Exception error) when (error is KmsException or NotNowException)
        {
            services.Log.Failed(id ?? "(none)", error.Message);
        }
    }

    private static PaymentFacts Facts(DateTimeOffset now, TransactionSummary summary, IReadOnlyList<string> wallets) =>
        new(now, summary.Chain, string.Join('+', wallets), [.. summary.Transfers.Where(transfer => !transfer.IsChange).Select(Paid), .. summary.Uncounted.Select(payee => PaidTo.Uncounted(payee.To))])
        {
            FeeAsset = summary.Fee?.Asset,
            Fee = ExactSum.Read(summary.Fee?.Number ?? "0"),
        };

    /// <summary>As an audit line names it: raw units are another asset than coins, and one token is always one of them.</summary>
    private static PaidTo Paid(Transfer transfer) => new(
        transfer.To,
        transfer.Amount.Asset + (transfer.Amount.Decimals is null || transfer.Amount.CountsUnits ? " (raw)" : ""),
        ExactSum.Read(transfer.Amount.Counted));

    private static UInt128 KeyOf(string chain, string id, string? request, string rule) =>
        FingerprintTable<byte>.Of($"{chain}\n{id}\n{request}\n{rule}");

    private bool IsTold(UInt128 key)
    {
        lock (gate)
        {
            return told.Contains(key);
        }
    }

    private void SetTold(UInt128 key)
    {
        lock (gate)
        {
            if (told.Count >= MostTold)
            {
                told.Clear();
            }

            told.Add(key);
        }
    }

    /// <summary>Freezes where it must, then tells: what could not be done is done in the next cycle.</summary>
    /// <returns>Whether it was told; else there were too many of its chain in this minute.</returns>
    private async Task<bool> TryTellAsync(SigningServices services, string id, string chain, string? request, Finding finding)
    {
        if (freezing.Contains(finding.Rule))
        {
            Freeze(services, id, chain, finding.Rule);
        }

        if (!services.Memory.Findings(chain).TryTake(services.Clock))
        {
            return false;
        }

        var text = Printable.Line(finding.Text);
        services.Metrics?.Found(finding.Rule);
        services.Log.Anomaly(finding.Rule, id, chain, text);
        services.Alerts?.Send(new(AnomalyRules.Decision, finding.Rule, id, chain, text));
        await services.Audit.AppendAsync(json =>
        {
            json.WriteString("decision", AnomalyRules.Decision);
            json.WriteString("id", id);
            json.WriteString("chain", chain);
            json.WriteString("rule", finding.Rule);
            json.WriteString("reason", text);
            if (request is not null)
            {
                json.WriteString("request", request);
            }
        });
        return true;
    }

    private void Freeze(SigningServices services, string id, string chain, string rule)
    {
        try
        {
            lock (freezeGate) // two at once would write one note
            {
                if (services.Freeze is { Reason: null } freeze)
                {
                    freeze.Set($"the anomaly rule '{rule}' on {id} of {chain}", "anomalies", services.Clock.GetUtcNow());
                }
            }
        }
        catch (KmsException error)
        {
            throw new NotNowException($"an anomaly rule should have frozen signing, and could not: {error.Message}");
        }
    }

    /// <summary>One transaction that is looked at and not yet signed: another one beside it must not overlook it.</summary>
    internal sealed class OnItsWay : IDisposable
    {
        private readonly ConcurrentDictionary<string, int> underWay;
        private readonly string wallet;
        private bool isOver;

        internal OnItsWay(ConcurrentDictionary<string, int> underWay, string wallet)
        {
            this.underWay = underWay;
            this.wallet = wallet;
            underWay.AddOrUpdate(wallet, 1, (_, count) => count + 1);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (isOver)
            {
                return;
            }

            isOver = true;
            underWay.AddOrUpdate(wallet, 0, (_, count) => count - 1);
            underWay.TryRemove(new(wallet, 0));
        }
    }
}
