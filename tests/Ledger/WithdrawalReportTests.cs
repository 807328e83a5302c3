using System.Diagnostics;
using System.Text.RegularExpressions;
using KmsCloud.Ledger;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Ledger;

/// <summary>Issue 23: a report that people read. The golden pages lie beside this file; KMS_GOLDEN=write writes them anew.</summary>
public sealed partial class WithdrawalReportTests : IDisposable
{
    private static readonly string Golden = Path.Combine(Peer.SourceRoot, "tests", "Ledger", "Golden");
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ReportBy.Chain)]
    [InlineData(ReportBy.Recipient)]
    public async Task The_page_is_the_golden_one(ReportBy by)
    {
        await SimulatedYear.WriteAsync(folder.Root, 400);
        using var ledger = Build();
        var page = ReportHtml.Write(WithdrawalReport.Read(ledger, new(2025, 12, 1), new(2026, 2, 28), by));
        var path = Path.Combine(Golden, $"by-{ReportHtml.Name(by)}.html");
        if (Environment.GetEnvironmentVariable("KMS_GOLDEN") == "write")
        {
            await File.WriteAllTextAsync(path, page, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), page);
    }

    [Fact] // sqlite3 and decimal of Python's standard library, which share no code with the product
    public async Task Sums_are_those_of_an_independent_script()
    {
        await SimulatedYear.WriteAsync(folder.Root, 2000);
        using var ledger = Build();
        var report = WithdrawalReport.Read(ledger, new(2025, 12, 24), new(2026, 7, 3), ReportBy.Day);
        var ours = report.Rows.Select(row => $"{row.Key} {row.Chain} {row.Asset} {row.Count} {row.Amount}");
        var theirs = Run.Program("/usr/bin/python3", [Path.Combine(Peer.SourceRoot, "tests", "Ledger", "sums.py"), folder.File("audit.jsonl"), "2025-12-24", "2026-07-03"]);
        Assert.Equal(theirs.Output.TrimEnd('\n').Split('\n'), ours);
        Assert.True(report.Rows.Count > 500);
    }

    [Fact]
    public async Task Hostile_texts_stay_texts()
    {
        const string Markup = "<script>alert(1)</script><img src=x onerror=y>'\"&\u202Egnp.exe\u0007\uDB40\uDC41";
        await SimulatedYear.WriteAsync(folder.Root, 200, Markup, new string('A', 5000));
        using var ledger = Build();
        var page = ReportHtml.Write(WithdrawalReport.Read(ledger, null, null, ReportBy.Recipient));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u202E', page);
        Assert.DoesNotContain('\u0007', page);
        Assert.DoesNotContain(new string('A', 400), page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.Equal(
            ["body", "head", "html", "meta", "style", "title"],
            Tags().Matches(page).Select(match => match.Groups[1].Value).Where(tag => tag is not ("h1" or "h2" or "p" or "b" or "div" or "table" or "thead" or "tbody" or "tr" or "th" or "td" or "section" or "figure" or "figcaption" or "svg" or "rect" or "text")).Distinct().Order());
        Assert.DoesNotMatch("(?i)<[^>]*\\b(src|href)\\s*=|url\\(|@import", page);
    }

    [Fact]
    public async Task A_report_of_unverified_lines_says_so_on_its_face()
    {
        await SimulatedYear.WriteAsync(folder.Root, 30);
        new LedgerBuilder(folder.Root, null, null).Build(folder.File("ledger.db"));
        using var ledger = KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"));
        Assert.Contains("not the MACs", ReportHtml.Write(WithdrawalReport.Read(ledger, null, null, ReportBy.Day)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_says_adds_up()
    {
        await SimulatedYear.WriteAsync(folder.Root, 500);
        using var ledger = Build();
        var report = WithdrawalReport.Read(ledger, null, null, ReportBy.Wallet);
        Assert.Equal(report.Payments, report.Rows.Sum((ReportRow row) => row.Count));
        Assert.Equal(report.Transactions, report.Delays.Sum((ReportDelay delay) => delay.Count));
        Assert.Equal(500, report.Transactions + report.Refusals.Sum((ReportRefusal refusal) => refusal.Requests));
        Assert.Empty((IEnumerable<ReportOpen>)report.MayBeOut);
    }

    [Fact]
    public async Task A_span_without_withdrawals_is_a_page_too()
    {
        await SimulatedYear.WriteAsync(folder.Root, 30);
        using var ledger = Build();
        var report = WithdrawalReport.Read(ledger, new(2030, 1, 1), new(2030, 1, 31), ReportBy.Day);
        Assert.Equal(0, report.Payments);
        Assert.Contains("<td colspan=\"5\">none</td>", ReportHtml.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_and_the_last_day_count()
    {
        await SimulatedYear.WriteAsync(folder.Root, 730);
        using var ledger = Build();
        var all = WithdrawalReport.Read(ledger, null, null, ReportBy.Day);
        var day = DateOnly.ParseExact(all.Rows[40].Key, "yyyy-MM-dd");
        var one = WithdrawalReport.Read(ledger, day, day, ReportBy.Day);
        Assert.Equal(all.Rows.Where(row => row.Key == all.Rows[40].Key), one.Rows);
        Assert.Equal(one.Payments, one.Transactions);
        Assert.Equal(one.Transactions, one.Delays.Sum(delay => delay.Count));
    }

    [Fact] // for people: KMS_YEAR_TO=FOLDER writes a year of 50,000 withdrawals there, as state folder and as page
    public async Task A_year_for_the_docs()
    {
        if (Environment.GetEnvironmentVariable("KMS_YEAR_TO") is not { } to)
        {
            return;
        }

        await SimulatedYear.WriteAsync(to, 50_000);
        var watch = Stopwatch.StartNew();
        using var key = SimulatedYear.Key();
        var source = new LedgerBuilder(to, key, null).Build(Path.Combine(to, "ledger.db"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{source.AuditLines} lines in {watch.ElapsedMilliseconds} ms");
        using var ledger = KmsCloud.Ledger.Ledger.Open(Path.Combine(to, "ledger.db"));
        await File.WriteAllTextAsync(Path.Combine(to, "year.html"), ReportHtml.Write(WithdrawalReport.Read(ledger, null, null, ReportBy.Chain)), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{watch.ElapsedMilliseconds} ms with the page");
    }

    private KmsCloud.Ledger.Ledger Build()
    {
        using var key = SimulatedYear.Key();
        new LedgerBuilder(folder.Root, key, null).Build(folder.File("ledger.db"));
        return KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"));
    }

    [GeneratedRegex("<([a-z0-9]+)")]
    private static partial Regex Tags();
}
