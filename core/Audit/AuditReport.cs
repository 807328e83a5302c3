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
/// <param name="Kind">"first-time recipient", "unusual amount" or "burst".</param>
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
    /// <summary>An amount of more than so many times the wallet's median of that asset is unusual.</summary>
    public const int UnusualTimes = 10;

    /// <summary>So many earlier payments are needed to speak of usual.</summary>
    public const int UsualNeeds = 5;

    /// <summary>So many withdrawals of a wallet within <see cref="BurstSpan"/> are a burst, once per span.</summary>
    public const int BurstSize = 20;

    /// <summary>The span of a burst.</summary>
    public static readonly TimeSpan BurstSpan = TimeSpan.FromMinutes(10);

    private readonly DateTimeOffset from;
    private readonly DateTimeOffset to;
    private readonly Dictionary<(DateOnly, string, string, string, string), (int Count, ExactSum Amount)> sums = [];
    private readonly Dictionary<string, AuditRecord> shown = new(StringComparer.Ordinal); // signed, not yet out
    private readonly HashSet<string> counted = new(StringComparer.Ordinal);
    private readonly HashSet<(string Wallet, string Recipient)> recipients = [];
    private readonly Dictionary<(string Wallet, string Asset), RunningMedian> amounts = [];
    private readonly Dictionary<string, Queue<DateTimeOffset>> recent = new(StringComparer.Ordinal);
    private readonly List<AuditRecord> refusals = [];
    private readonly List<Anomaly> anomalies = [];

    /// <summary>Makes a report of records in their order.</summary>
    /// <param name="records">The whole log.</param>
    /// <param name="from">First instant of the span.</param>
    /// <param name="to">First instant behind it.</param>
    public AuditReport(IEnumerable<AuditRecord> records, DateTimeOffset from, DateTimeOffset to)
    {
        (this.from, this.to) = (from, to);
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
        foreach (var payment in record.Payments)
        {
            var amount = ExactSum.Read(payment.Amount);
            Compare(record, payment, amount);
            if (InSpan(record))
            {
                var key = (DateOnly.FromDateTime(record.Time.UtcDateTime), record.Chain, payment.Asset, record.Wallet, payment.To);
                var (count, sum) = sums.GetValueOrDefault(key);
                sums[key] = (count + 1, sum + amount);
            }
        }

        CountBurst(record);
    }

    private void Compare(AuditRecord record, AuditPayment payment, ExactSum amount)
    {
        if (recipients.Add((record.Wallet, payment.To)))
        {
            Note(record, "first-time recipient", $"first payment of this wallet to {payment.To}");
        }

        var key = (record.Wallet, payment.Asset);
        var usual = amounts.TryGetValue(key, out var known) ? known : amounts[key] = new();
        if (usual.Count >= UsualNeeds && amount.Exceeds(usual.Middle, UnusualTimes))
        {
            Note(record, "unusual amount", $"{amount} {payment.Asset} is more than {UnusualTimes} times this wallet's usual {usual.Middle}");
        }

        usual.Add(amount);
    }

    private void CountBurst(AuditRecord record)
    {
        var times = recent.TryGetValue(record.Wallet, out var known) ? known : recent[record.Wallet] = [];
        times.Enqueue(record.Time);
        while (record.Time - times.Peek() > BurstSpan)
        {
            times.Dequeue();
        }

        if (times.Count == BurstSize)
        {
            Note(record, "burst", $"{BurstSize} withdrawals within {BurstSpan.TotalMinutes:0} minutes");
            times.Clear();
        }
    }

    private void Note(AuditRecord record, string kind, string text)
    {
        if (InSpan(record))
        {
            anomalies.Add(new(record.Time, kind, record.Id, record.Wallet, text));
        }
    }
}
