using KmsCloud.Audit;

namespace KmsCloud.Tests.Audit;

public static class AuditReportTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public static void Sums_exactly_and_counts_an_id_once()
    {
        var report = new AuditReport([Sent("a", 0, "0.1", "bob"), Sent("a", 1, "0.1", "bob"), Sent("b", 2, "0.20", "bob"), Sent("c", 3, "1000000000000000000000.000000000000000001", "eve")], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal(["bob 2 0.3", "eve 1 1000000000000000000000.000000000000000001"], report.Withdrawals.Select(row => $"{row.Recipient} {row.Count} {row.Amount}"));
    }

    [Fact]
    public static void Days_outside_the_span_are_history_only()
    {
        var report = new AuditReport([Sent("a", 0, "1", "bob"), Sent("b", 24 * 60, "1", "bob"), Sent("c", 24 * 60, "1", "eve")], Start.AddHours(12), Start.AddHours(36));
        Assert.Equal(2, report.Withdrawals.Count);
        Assert.Equal("eve was never paid before", Assert.Single(report.Anomalies).Text);
    }

    [Fact]
    public static void Unusual_amounts_and_bursts_stand_out()
    {
        var usual = Enumerable.Range(0, 8).Select(i => Sent($"u{i}", i * 60, "1." + i, "bob"));
        var report = new AuditReport([.. usual, Sent("big", 600, "20", "bob"), Sent("less", 700, "10", "bob"), .. Enumerable.Range(0, 21).Select(i => Sent($"q{i}", 2000, "1", "bob"))], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal(["first-seen u0", "above-usual big", "burst q20"], report.Anomalies.Select(anomaly => $"{anomaly.Kind} {anomaly.Id}"));
    }

    [Fact]
    public static void Refusals_and_releases_are_listed()
    {
        var report = new AuditReport([Sent("a", 0, "1", "bob"), new(Start, "released", "a", "BTC", "w", "stuck", []), Sent("a", 5, "1", "bob"), new(Start, "refused", "x", "BTC", "w", "no", [])], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal(2, Assert.Single(report.Withdrawals).Count);
        Assert.Equal(["released", "refused"], report.Refusals.Select(record => record.Decision));
    }

    [Fact]
    public static void What_an_operator_settled_as_accepted_was_paid_as_it_was_shown()
    {
        AuditRecord shown = new(Start, "signing", "a", "BTC", "w", "", [new AuditPayment("bob", "1.5", "BTC")]);
        AuditRecord settled = new(Start, "settled", "a", "", "", "seen", []) { SettledAs = "accepted" };
        var report = new AuditReport([shown, settled, settled], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal("bob 1 1.5", Assert.Single(report.Withdrawals.Select(row => $"{row.Recipient} {row.Count} {row.Amount}")));
        Assert.Equal(("BTC", "w"), (report.Withdrawals[0].Chain, report.Withdrawals[0].Wallet));
        var rejected = new AuditReport([shown, settled with { SettledAs = "rejected" }], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Empty(rejected.Withdrawals);
    }

    [Fact] // issue 15, low: it took minutes when each amount was put in its place in a list
    public static void A_report_over_fifty_thousand_payments_of_one_wallet_is_made() => Assert.Equal(
        50_000,
        new AuditReport(Enumerable.Range(0, 50_000).Select(i => Sent($"i{i}", i / 60, $"{(i * 7919L) % 50_021}", "bob")), DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Withdrawals.Sum(row => row.Count));

    private static AuditRecord Sent(string id, int minute, string amount, string to) =>
        new(Start.AddMinutes(minute), "broadcast", id, "BTC", "w", "", [new(to, amount, "BTC")]);
}
