using KmsCloud.Anomalies;
using KmsCloud.Codecs;

namespace KmsCloud.Audit;

/// <summary>Withdrawals of one day, chain, asset, wallet and recipient.</summary>
/// <param name="Day">UTC day.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Asset">Asset.</param>
/// <param name="Wallet">Signature ids.</param>
/// <param name="Recipient">Recipient.</param>
/// <param name="Count">How many payments.</param>
/// <param name="Amount">Their sum.</param>
public sealed record WithdrawalSum(DateOnly Day, string Chain, string Asset, string Wallet, string Recipient, int Count, ExactSum Amount);

/// <summary>Something a person should look at.</summary>
/// <param name="Time">When.</param>
/// <param name="Kind">The rule (docs/anomalies.md).</param>
/// <param name="Id">The pending id.</param>
/// <param name="Wallet">Signature ids.</param>
/// <param name="Text">What it is.</param>
public sealed record Anomaly(DateTimeOffset Time, string Kind, string Id, string Wallet, string Text);

/// <summary>
/// What left in a time span, what did not, and what looks odd. Everything before the span is history to compare with.
/// An id
/// that was handed over more than once counts once.
/// </summary>
public sealed class AuditReport
{
    private readonly DateTimeOffset from;
    private readonly DateTimeOffset to;
    private readonly AnomalyWatch watch;
    private readonly Dictionary<(DateOnly, string, string, string, string), (int Count, ExactSum Amount)> sums = [];
    private readonly Dictionary<string, AuditRecord> shown = new(StringComparer.Ordinal); // signed, not yet out
    private readonly HashSet<string> counted = new(StringComparer.Ordinal);
    private readonly List<AuditRecord> refusals = [];
    private readonly List<Anomaly> anomalies = [];

    /// <summary>Makes a report of records in their order.</summary>
    /// <param name="records">The whole log.</param>
    /// <param name="from">First instant of the span.</param>
    /// <param name="to">First instant behind it.</param>
    /// <param name="rules">What looks odd; null for the usual.</param>
    public AuditReport(IEnumerable<AuditRecord> records, DateTimeOffset from, DateTimeOffset to, AnomalyRules? rules = null)
    {
        this.from = from;
        this.to = to;
        watch = new(rules ?? AnomalyRules.Default);
        foreach (var record in records)
        {
            Add(record);
        }
    }

    /// <summary>Withdrawals, in order of day, chain, asset, wallet, recipient.</summary>
    public IReadOnlyList<WithdrawalSum> Withdrawals =>
        [.. sums.OrderBy(sum => sum.Key).Select(sum => new WithdrawalSum(sum.Key.Item1, sum.Key.Item2, sum.Key.Item3, sum.Key.Item4, sum.Key.Item5, sum.Value.Count, sum.Value.Amount))];

    /// <summary>What was refused, not approved, rejected or failed, and what operators released, in the span.</summary>
    public IReadOnlyList<AuditRecord> Refusals => refusals;

    /// <summary>What looks odd, in the span.</summary>
    public IReadOnlyList<Anomaly> Anomalies => anomalies;

    private void Add(AuditRecord record)
    {
        switch (record.Decision)
        {
            case "signing":
                shown[record.Id] = record;
                break;
            case "broadcast" or "settled" when IsPaid(record) && counted.Add(record.Id):
                AddWithdrawal(AsShown(record));
                break;
            case "released":
                counted.Remove(record.Id); // signed afresh, it is another withdrawal
                AddRefusal(record);
                break;
            case "refused" or "not-approved" or "rejected" or "failed":
                AddRefusal(record);
                Note(record, watch.Refused(record.Chain, record.Time));
                break;
            case AnomalyRules.Decision when record.Rule == AnomalyRules.LimitName:
                Note(record, new(AnomalyRules.LimitName, record.Reason)); // the policy's windows are not in this log
                break;
        }
    }

    /// <summary>Whether it arrived, by the answer to a broadcast or by an operator's word.</summary>
    private static bool IsPaid(AuditRecord record) => record.Decision == "broadcast" || record.SettledAs == "accepted";

    /// <summary>What was shown when it was signed is what it pays; a log of before shows it when it was sent.</summary>
    private AuditRecord AsShown(AuditRecord record) =>
        shown.Remove(record.Id, out var signing) && signing.Payments.Count > 0 ? signing with { Time = record.Time } : record;

    private bool InSpan(AuditRecord record) => record.Time >= from && record.Time < to;

    private void AddRefusal(AuditRecord record)
    {
        if (InSpan(record))
        {
            refusals.Add(record);
        }
    }

    private void AddWithdrawal(AuditRecord record)
    {
        foreach (var finding in watch.Look(record.Facts()))
        {
            Note(record, finding);
        }

        watch.Learn(record.Facts());
        foreach (var payment in record.Payments.Where(_ => InSpan(record)))
        {
            var key = (DateOnly.FromDateTime(record.Time.UtcDateTime), record.Chain, payment.Asset, record.Wallet, payment.To);
            var (count, sum) = sums.GetValueOrDefault(key);
            sums[key] = (count + 1, sum + ExactSum.Read(payment.Amount));
        }
    }

    private void Note(AuditRecord record, Finding? finding)
    {
        if (finding is not null && InSpan(record))
        {
            anomalies.Add(new(record.Time, finding.Rule, record.Id, record.Wallet, finding.Text));
        }
    }
}
