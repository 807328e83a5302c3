using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Ledger;

/// <summary>
/// A withdrawal report as one HTML file: no script, nothing from elsewhere, charts as SVG, fit to be printed. The same
/// report gives the same bytes.
/// </summary>
public static class ReportHtml
{
    private const int Width = 720;
    private const int Height = 120;
    private const int MostCharts = 8;
    private const int MostBars = 370;
    private const int LongestText = 300;

    private const string Style = """
        :root { color-scheme: light; }
        body { font: 14px/1.45 system-ui, sans-serif; color: #1a1f26; background: #fff; margin: 2rem auto; max-width: 54rem; padding: 0 1rem; }
        h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        .proof { border-left: 4px solid #1b7f4d; padding: .4rem .8rem; background: #f0f7f3; } .weak { border-color: #b26a00; background: #fdf5e8; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #dde2e8; vertical-align: top; }
        th { font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        td.t { overflow-wrap: anywhere; } figure { margin: 0 0 1rem; } figcaption { font-size: .85rem; color: #4a5563; }
        svg { display: block; width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: #4a5563; } svg rect { fill: #2f6db3; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: 1rem 0; }
        .figures div { border: 1px solid #dde2e8; border-radius: 4px; padding: .5rem .8rem; } .figures b { display: block; font-size: 1.3rem; }
        @media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr, figure { break-inside: avoid; } section.page { break-before: page; } thead { display: table-header-group; } }
        """;

    /// <summary>Writes the report.</summary>
    public static string Write(WithdrawalReport report)
    {
        var page = new StringBuilder();
        page.Append($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Withdrawals {Text(Span(report))}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <h1>Withdrawals</h1>
            <p>{Text(Span(report))}</p>

            """);
        WriteProof(page, report);
        WriteFigures(page, report);
        WriteCharts(page, report);
        WriteTable(page, "Sums", ["chain", "asset", "#payments", "#amount"], report.Totals.Select(row => new[] { row.Chain, row.Asset, Number(row.Count), row.Amount.ToString() }), false);
        WriteTable(page, "Most paid recipients", ["recipient", "chain", "asset", "#payments", "#amount"], report.Recipients.Select(Cells), false);
        WriteDelays(page, report);
        WriteTable(
            page,
            $"Signed, and may be out: {Number(report.OpenTransactions)}",
            ["pending id", "chain", "state", "signed", "transaction id"],
            report.MayBeOut.Select(row => new[] { row.Id, row.Chain, row.State, row.Signed, row.TransactionId }),
            false);
        WriteTable(page, "Not paid, by reason", ["decision", "reason", "#requests"], report.Refusals.Select(row => new[] { row.Decision, row.Reason, Number(row.Requests) }), false);
        WriteTable(page, "Fees, the most they can have been", ["asset", "#amount"], report.Fees.Select(fee => new[] { fee.Asset, fee.Amount.ToString() }), false);
        WriteTable(page, $"By {Name(report.By)}", [Name(report.By), "chain", "asset", "#payments", "#amount"], report.Rows.Select(Cells), true);
        page.Append("</body>\n</html>\n");
        return page.ToString();
    }

    /// <summary>The name of what rows are made by.</summary>
    public static string Name(ReportBy by) => by.ToString().ToLowerInvariant();

    private static string Span(WithdrawalReport report)
    {
        var (first, last) = (report.From, report.To);
        var from = WithdrawalReport.Day(first) ?? (report.Days is [var earliest, ..] ? earliest.Key : "the first");
        var to = WithdrawalReport.Day(last) ?? (report.Days is [.., var latest] ? latest.Key : "the last");
        return $"{from} to {to}, days of UTC, both included";
    }

    private static void WriteProof(StringBuilder page, WithdrawalReport report)
    {
        var whole = report.Checked == "hash chain and MAC";
        var what = whole
            ? "Every line of the audit log was verified: its hash chain and its MAC under the wallet file's key."
            : "Only the hash chain of the audit log was verified, not the MACs: whoever can write the log could have made another one.";
        page.Append($"""
            <p class="proof{(whole ? "" : " weak")}">{what} {Text(Number(report.AuditLines))} {Counted.Noun(report.AuditLines, "line")}, the last one is {Text(report.AuditLast)}.</p>

            """);
    }

    private static void WriteFigures(StringBuilder page, WithdrawalReport report)
    {
        var chains = report.Totals.Select(row => row.Chain).Distinct().Count();
        var refused = report.Refusals.Sum(row => row.Requests);
        page.Append($"""
            <div class="figures">
            <div><b>{Number(report.Payments)}</b>{Counted.Noun(report.Payments, "payment")}</div>
            <div><b>{Number(report.Transactions)}</b>{Counted.Noun(report.Transactions, "transaction")}</div>
            <div><b>{Number(chains)}</b>{Counted.Noun(chains, "chain")}</div>
            <div><b>{Number(report.OpenTransactions)}</b>may be out</div>
            <div><b>{Number(refused)}</b>{Counted.Noun(refused, "request")} not paid</div>
            </div>

            """);
    }

    private static void WriteCharts(StringBuilder page, WithdrawalReport report)
    {
        page.Append("<h2>Amounts by day</h2>\n");
        var days = report.Days.ToLookup(row => (row.Chain, row.Asset));
        foreach (var total in report.Totals.Take(MostCharts))
        {
            WriteChart(page, $"{total.Asset} on {total.Chain}: {total.Amount} in {Number(total.Count)} {Counted.Noun(total.Count, "payment")}", [.. days[(total.Chain, total.Asset)].Select(row => (row.Key, row.Amount))], report);
        }

        if (report.Totals.Count > MostCharts)
        {
            page.Append($"<p>Without a chart: {Counted.Of(report.Totals.Count - MostCharts, "asset")}; the sums are below.</p>\n");
        }
    }

    private static void WriteChart(StringBuilder page, string title, IReadOnlyList<(string Day, ExactSum Amount)> sums, WithdrawalReport report)
    {
        var first = report.From ?? Parse(report.Days[0].Key);
        var last = report.To ?? Parse(report.Days[^1].Key);
        if (last.DayNumber - first.DayNumber >= MostBars)
        {
            first = DateOnly.FromDayNumber(last.DayNumber - MostBars + 1); // what does not fit is in the tables
        }

        var bars = Math.Max(1, last.DayNumber - first.DayNumber + 1);
        var step = (double)Width / bars;
        var most = sums.Max(sum => Double(sum.Amount));
        page.Append($"""
            <figure><figcaption>{Text(title)}</figcaption>
            <svg viewBox="0 0 {Width} {Height + 16}" role="img" aria-label="{Text(title)}">

            """);
        foreach (var (day, amount) in sums)
        {
            var at = Parse(day).DayNumber - first.DayNumber;
            var height = most > 0 ? Double(amount) / most * Height : 0;
            if (at < 0 || at >= bars)
            {
                continue;
            }

            page.Append(CultureInfo.InvariantCulture, $"<rect x=\"{at * step:0.##}\" y=\"{Height - height:0.##}\" width=\"{Math.Max(1, step - 1):0.##}\" height=\"{height:0.##}\"><title>{Text(day)}: {Text(amount.ToString())}</title></rect>\n");
        }

        page.Append($"""
            <text x="0" y="{Height + 13}">{WithdrawalReport.Day(first)}</text><text x="{Width}" y="{Height + 13}" text-anchor="end">{WithdrawalReport.Day(last)}</text>
            </svg></figure>

            """);
    }

    private static void WriteDelays(StringBuilder page, WithdrawalReport report)
    {
        page.Append("<h2>Time from request to broadcast</h2>\n<figure><figcaption>From the first line of the audit log about a request to its first broadcast.</figcaption>\n");
        var most = Math.Max(1, report.Delays.Max(delay => delay.Count));
        page.Append($"<svg viewBox=\"0 0 {Width} {report.Delays.Count * 20}\" role=\"img\" aria-label=\"Time from request to broadcast\">\n");
        foreach (var (number, delay) in report.Delays.Index())
        {
            var width = (double)delay.Count / most * (Width - 200);
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{(number * 20) + 14}\">{Text(delay.Name)}</text><rect x=\"100\" y=\"{(number * 20) + 3}\" width=\"{width:0.##}\" height=\"14\"></rect><text x=\"{106 + width:0.##}\" y=\"{(number * 20) + 14}\">{Number(delay.Count)}</text>\n");
        }

        page.Append("</svg></figure>\n");
    }

    /// <summary>A table; a column whose name begins with # holds numbers.</summary>
    private static void WriteTable(StringBuilder page, string title, string[] columns, IEnumerable<string[]> rows, bool ownPage)
    {
        page.Append($"<section{(ownPage ? " class=\"page\"" : "")}>\n<h2>{Text(title)}</h2>\n<table>\n<thead><tr>");
        foreach (var column in columns)
        {
            page.Append($"<th{Class(column, "")}>{Text(column.TrimStart('#'))}</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        var any = false;
        foreach (var row in rows)
        {
            any = true;
            page.Append("<tr>");
            foreach (var (column, cell) in columns.Zip(row))
            {
                page.Append($"<td{Class(column, " class=\"t\"")}>{Text(cell)}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append(any ? "" : $"<tr><td colspan=\"{columns.Length}\">none</td></tr>\n").Append("</tbody>\n</table>\n</section>\n");
    }

    private static string Class(string column, string other) => column.StartsWith('#') ? " class=\"n\"" : other;

    private static string[] Cells(ReportRow row) =>
        [row.Key, row.Chain, row.Asset, Number(row.Count), row.Amount.ToString()];

    /// <summary>The one way of a text into the page: no markup, no invisible letters, not endless.</summary>
    private static string Text(string text) => HtmlEncoder.Default.Encode(Printable.Line(text, LongestText));

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static DateOnly Parse(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static double Double(ExactSum amount) => (double)amount.Mantissa * Math.Pow(10, amount.Exponent);
}
