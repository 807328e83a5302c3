using System.Globalization;
using KmsCloud.Codecs;

namespace KmsCloud.Ledger;

/// <summary>What the rows of a report are made by.</summary>
public enum ReportBy
{
    /// <summary>UTC day.</summary>
    Day,

    /// <summary>Chain code.</summary>
    Chain,

    /// <summary>Signature ids, joined by "+".</summary>
    Wallet,

    /// <summary>Recipient.</summary>
    Recipient,
}

/// <summary>Payments of one asset.</summary>
/// <param name="Key">The day, chain, wallet or recipient.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Asset">The asset; "(raw)" behind it where nobody knows its decimals.</param>
/// <param name="Count">How many payments.</param>
/// <param name="Amount">Their sum, in coins; raw units where the asset says so.</param>
public sealed record ReportRow(string Key, string Chain, string Asset, long Count, ExactSum Amount);

/// <summary>What was not paid.</summary>
/// <param name="Decision">refused, not-approved, rejected, failed, disagreed.</param>
/// <param name="Reason">Why.</param>
/// <param name="Requests">How many requests.</param>
public sealed record ReportRefusal(string Decision, string Reason, long Requests);

/// <summary>What was signed, and is not known to have arrived or to have failed.</summary>
/// <param name="Id">The pending id.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="State">signed or unknown.</param>
/// <param name="Signed">When, ISO 8601.</param>
/// <param name="TransactionId">Its id on the chain; "" where none is known.</param>
public sealed record ReportOpen(string Id, string Chain, string State, string Signed, string TransactionId);

/// <summary>
/// How many withdrawals took how long from the first line about their request to the first broadcast.
/// </summary>
/// <param name="Name">Such as "under 10 s".</param>
/// <param name="Count">How many.</param>
public sealed record ReportDelay(string Name, long Count);

/// <summary>
/// Withdrawals of a span of days, from a ledger. A request that was handed over more than once counts once.
/// </summary>
public sealed class WithdrawalReport
{
    private const int TopRecipients = 10;
    private const int MostReasons = 12;
    private const int MostOpen = 100;
    private static readonly (string Name, double Seconds)[] Steps =
    [
        ("under 1 s", 1), ("under 10 s", 10), ("under 1 min", 60), ("under 10 min", 600), ("under 1 h", 3600), ("under 1 day", 86400),
        ("longer", double.PositiveInfinity),
    ];

    private readonly Sums rows = new();
    private readonly Sums totals = new();
    private readonly Sums days = new();
    private readonly Sums recipients = new();
    private readonly Dictionary<string, ExactSum> fees = new(StringComparer.Ordinal);
    private readonly long[] delays = new long[Steps.Length];

    private WithdrawalReport(DateOnly? from, DateOnly? to, ReportBy by)
    {
        From = from;
        To = to;
        By = by;
    }

    /// <summary>First day, or null for the first there is.</summary>
    public DateOnly? From { get; }

    /// <summary>Last day, included, or null for the last there is.</summary>
    public DateOnly? To { get; }

    /// <summary>What the rows are made by.</summary>
    public ReportBy By { get; }

    /// <summary>What was checked before: "hash chain and MAC" or "hash chain".</summary>
    public string Checked { get; private set; } = "";

    /// <summary>Lines of the audit log it is made from.</summary>
    public long AuditLines { get; private set; }

    /// <summary>SHA-256 of the last of them.</summary>
    public string AuditLast { get; private set; } = "";

    /// <summary>Transactions that were broadcast.</summary>
    public long Transactions { get; private set; }

    /// <summary>Payments in them.</summary>
    public long Payments => Totals.Sum(total => total.Count);

    /// <summary>The rows, in order.</summary>
    public IReadOnlyList<ReportRow> Rows => rows.InOrder();

    /// <summary>Sums over the whole span, the asset with most payments first.</summary>
    public IReadOnlyList<ReportRow> Totals => [.. totals.InOrder().OrderByDescending(row => row.Count)];

    /// <summary>Sums by day, chain and asset, in order.</summary>
    public IReadOnlyList<ReportRow> Days => days.InOrder();

    /// <summary>Who was paid most often.</summary>
    public IReadOnlyList<ReportRow> Recipients =>
        [.. recipients.InOrder().OrderByDescending(row => row.Count).Take(TopRecipients)];

    /// <summary>The most that the fees of these transactions can have been, by asset.</summary>
    public IReadOnlyList<(string Asset, ExactSum Amount)> Fees =>
        [.. fees.OrderBy(fee => fee.Key, StringComparer.Ordinal).Select(fee => (fee.Key, fee.Value))];

    /// <summary>Time from request to broadcast.</summary>
    public IReadOnlyList<ReportDelay> Delays =>
        [.. Steps.Zip(delays, (step, count) => new ReportDelay(step.Name, count))];

    /// <summary>What was not paid, the most frequent first.</summary>
    public IReadOnlyList<ReportRefusal> Refusals { get; private set; } = [];

    /// <summary>
    /// Transactions that were signed in the span and may be out: nobody has said that they arrived, or cannot. At most
    /// 100.
    /// </summary>
    public IReadOnlyList<ReportOpen> MayBeOut { get; private set; } = [];

    /// <summary>How many of these there are.</summary>
    public long OpenTransactions { get; private set; }

    /// <summary>Makes a report.</summary>
    /// <param name="ledger">The ledger, freshly built.</param>
    /// <param name="from">First UTC day, or null.</param>
    /// <param name="to">Last UTC day, included, or null.</param>
    /// <param name="by">What its rows are made by.</param>
    public static WithdrawalReport Read(Ledger ledger, DateOnly? from, DateOnly? to, ReportBy by)
    {
        var report = new WithdrawalReport(from, to, by)
        {
            Checked = ledger.About("checked") ?? "",
            AuditLines = long.Parse(ledger.About("audit_lines") ?? "0", CultureInfo.InvariantCulture),
            AuditLast = ledger.About("audit_last") ?? "",
        };
        var (first, last) = (Day(from) ?? "", Day(to) ?? "9999-12-31");
        report.ReadWithdrawals(ledger, first, last);
        report.ReadTransactions(ledger, first, last);
        report.ReadOpen(ledger, first, last);
        report.ReadRefusals(ledger, first, last);
        return report;
    }

    /// <summary>A day as ISO 8601 has it.</summary>
    public static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private void ReadWithdrawals(Ledger ledger, string first, string last) => ledger.Query(
        $"""
        SELECT day, chain, wallets, recipient, amount, asset, decimals, units FROM withdrawals
        WHERE day BETWEEN '{first}' AND '{last}'
        """,
        _ => { },
        row =>
        {
            var (day, chain, wallet, to) = ((string)row[0]!, (string?)row[1] ?? "", (string?)row[2] ?? "", (string)row[3]!);
            var asset = (string)row[5]! + (row[6] is null && row[7] is not null ? " (raw)" : "");
            var amount = ExactSum.Read((string)row[4]!);
            var key = By switch
            {
                ReportBy.Day => day,
                ReportBy.Chain => chain,
                ReportBy.Wallet => wallet,
                _ => to,
            };
            rows.Add(key, chain, asset, amount);
            totals.Add("", chain, asset, amount);
            days.Add(day, chain, asset, amount);
            recipients.Add(to, chain, asset, amount);
        });

    private void ReadTransactions(Ledger ledger, string first, string last) => ledger.Query(
        $"""
        SELECT fee, fee_asset, (julianday(broadcast) - julianday(requested)) * 86400.0 FROM transactions
        WHERE broadcast >= '{first}' AND broadcast < '{last}T99'
        """,
        _ => { },
        row =>
        {
            Transactions++;
            if (row[0] is string fee && row[1] is string asset)
            {
                fees[asset] = fees.GetValueOrDefault(asset) + ExactSum.Read(fee);
            }

            var seconds = row[2] is double passed ? Math.Round(passed, 3) : 0;
            delays[Array.FindIndex(Steps, step => seconds < step.Seconds)]++;
        });

    private void ReadOpen(Ledger ledger, string first, string last)
    {
        var found = new List<ReportOpen>();
        ledger.Query(
            $"""
            SELECT id, coalesce(chain, ''), state, coalesce(signed, ''), coalesce(tx_id, '') FROM transactions
            WHERE state IN ('signed', 'unknown') AND signed >= '{first}' AND signed < '{last}T99' ORDER BY signed, id
            """,
            _ => { },
            row =>
            {
                OpenTransactions++;
                if (found.Count < MostOpen)
                {
                    found.Add(new((string)row[0]!, (string)row[1]!, (string)row[2]!, (string)row[3]!, (string)row[4]!));
                }
            });
        MayBeOut = found;
    }

    private void ReadRefusals(Ledger ledger, string first, string last)
    {
        var found = new List<ReportRefusal>();
        ledger.Query(
            $"""
            SELECT decision, coalesce(reason, ''), count(DISTINCT coalesce(id, n)) AS requests FROM decisions
            WHERE decision IN ('refused', 'not-approved', 'rejected', 'failed', 'disagreed')
              AND time >= '{first}' AND time < '{last}T99'
              AND NOT EXISTS (
                SELECT 1 FROM transactions t
                WHERE t.id = decisions.id AND (t.broadcast IS NOT NULL OR t.state IN ('signed', 'unknown')))
            GROUP BY decision, reason ORDER BY requests DESC, decision, reason LIMIT {MostReasons}
            """,
            _ => { },
            row => found.Add(new((string)row[0]!, (string)row[1]!, (long)row[2]!)));
        Refusals = found;
    }

    /// <summary>Payments by key, chain and asset.</summary>
    private sealed class Sums
    {
        private readonly Dictionary<(string Key, string Chain, string Asset), (long Count, ExactSum Amount)> sums = [];

        internal void Add(string key, string chain, string asset, ExactSum amount)
        {
            var (count, sum) = sums.GetValueOrDefault((key, chain, asset));
            sums[(key, chain, asset)] = (count + 1, sum + amount);
        }

        internal IReadOnlyList<ReportRow> InOrder() =>
        [
            .. from sum in sums
               let row = new ReportRow(sum.Key.Key, sum.Key.Chain, sum.Key.Asset, sum.Value.Count, sum.Value.Amount)
               orderby row.Key, row.Chain, row.Asset
               select row,
        ];
    }
}
