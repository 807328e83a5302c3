using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Ledger;

namespace KmsCloud.Cli.Commands;

/// <summary>kms report withdrawals.</summary>
internal static class WithdrawalReportCommand
{
    private static readonly Option<string?> From = new("--from")
    {
        Description = "First day, such as 2026-11-01 (UTC) [default: the first]",
        HelpName = "DAY",
    };
    private static readonly Option<string?> To = new("--to")
    {
        Description = "Last day, included [default: the last]",
        HelpName = "DAY",
    };
    private static readonly Option<string> By = new("--by")
    {
        Description = "What the rows are made by",
        HelpName = "day|chain|wallet|recipient",
        DefaultValueFactory = _ => "day",
    };
    private static readonly Option<string> Format = new("--output", "--format")
    {
        Description = "Form",
        HelpName = "html|csv|json",
        DefaultValueFactory = _ => "json",
    };
    private static readonly Option<string?> File = new("--file")
    {
        Description = "File to write to, which must not be there [default: stdout]",
        HelpName = "FILE",
    };
    private static readonly Option<bool> ChainOnly = new("--chain-only", "--chainOnly")
    {
        Description = "Check hash chains without MACs: needs no wallet file and no password; the report says so",
    };
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = PeopleEncoder.Instance };

    internal static Command Create()
    {
        By.AcceptOnlyFromAmong([.. Enum.GetValues<ReportBy>().Select(ReportHtml.Name)]);
        Format.AcceptOnlyFromAmong("html", "csv", "json");
        var command = new Command("withdrawals", "What was paid, to whom, how fast, and what was not; every line checked first") { From, To, By, Format, File, ChainOnly, StateFolder.Option };
        command.SetAction(arguments => Run(new Session(arguments)));
        return command;
    }

    private static int Run(Session session)
    {
        var arguments = session.Arguments;
        var (from, to) = (Day(arguments.GetValue(From), "--from"), Day(arguments.GetValue(To), "--to"));
        if (from > to)
        {
            throw new KmsException(Failure.Usage, "--from is after --to");
        }

        var form = arguments.GetRequiredValue(Format);
        if (form == "html" && arguments.GetValue(File) is null && !Console.IsOutputRedirected)
        {
            throw new KmsException(Failure.Usage, "a page in HTML is nothing to read on a terminal", "write it to a file with --file report.html");
        }

        var report = Read(session, from, to, Enum.Parse<ReportBy>(arguments.GetRequiredValue(By), ignoreCase: true));
        void Write(Stream output) => output.Write(form switch
        {
            "html" => Encoding.UTF8.GetBytes(ReportHtml.Write(report)),
            "csv" => Encoding.UTF8.GetBytes(Csv(report)),
            _ => Json(report),
        });
        if (arguments.GetValue(File) is { } path)
        {
            NewFile.Write(path, File.Name, Write);
            return 0;
        }

        using var stdout = Console.OpenStandardOutput();
        Write(stdout);
        return 0;
    }

    /// <summary>A report is made from logs that were checked for it, so that what it says of them is so.</summary>
    private static WithdrawalReport Read(Session session, DateOnly? from, DateOnly? to, ReportBy by)
    {
        var folder = Directory.CreateTempSubdirectory("kms-report-");
        try
        {
            using var ledger = LedgerCommands.Rebuild(session, Path.Combine(folder.FullName, "ledger.db"), session.Arguments.GetValue(ChainOnly), out _);
            return WithdrawalReport.Read(ledger, from, to, by);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Csv(WithdrawalReport report)
    {
        var text = new StringBuilder($"{ReportHtml.Name(report.By)},chain,asset,payments,amount\n");
        foreach (var row in report.Rows)
        {
            string[] cells = [row.Key, row.Chain, row.Asset, row.Count.ToString(CultureInfo.InvariantCulture), row.Amount.ToString()];
            text.AppendJoin(',', cells.Select(CsvCell.Of)).Append('\n');
        }

        return text.ToString();
    }

    private static byte[] Json(WithdrawalReport report)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Indented))
        {
            WriteJson(json, report);
        }

        return [.. output.ToArray(), (byte)'\n'];
    }

    private static void WriteJson(Utf8JsonWriter json, WithdrawalReport report)
    {
        json.WriteStartObject();
        json.WriteString("from", WithdrawalReport.Day(report.From));
        json.WriteString("to", WithdrawalReport.Day(report.To));
        json.WriteString("checked", report.Checked);
        json.WriteNumber("auditLines", report.AuditLines);
        json.WriteString("auditLast", report.AuditLast);
        json.WriteNumber("transactions", report.Transactions);
        json.WriteNumber("payments", report.Payments);
        WriteRows(json, "totals", report.Totals, null);
        WriteRows(json, "rows", report.Rows, ReportHtml.Name(report.By));
        WriteRows(json, "recipients", report.Recipients, "recipient");
        json.WriteStartArray("delays");
        foreach (var delay in report.Delays)
        {
            json.WriteStartObject();
            json.WriteString("time", delay.Name);
            json.WriteNumber("transactions", delay.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("mayBeOut", report.OpenTransactions);
        json.WriteStartArray("open");
        foreach (var open in report.MayBeOut)
        {
            json.WriteStartObject();
            json.WriteString("id", open.Id);
            json.WriteString("chain", open.Chain);
            json.WriteString("state", open.State);
            json.WriteString("signed", open.Signed);
            json.WriteString("txId", open.TransactionId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("refusals");
        foreach (var refusal in report.Refusals)
        {
            json.WriteStartObject();
            json.WriteString("decision", refusal.Decision);
            json.WriteString("reason", refusal.Reason);
            json.WriteNumber("requests", refusal.Requests);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("fees");
        foreach (var (asset, amount) in report.Fees)
        {
            json.WriteStartObject();
            json.WriteString("asset", asset);
            json.WriteString("most", amount.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter json, string name, IEnumerable<ReportRow> rows, string? key)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            if (key is not null)
            {
                json.WriteString(key, row.Key);
            }

            json.WriteString("chain", row.Chain);
            json.WriteString("asset", row.Asset);
            json.WriteNumber("payments", row.Count);
            json.WriteString("amount", row.Amount.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static DateOnly? Day(string? text, string option)
    {
        if (text is null)
        {
            return null;
        }

        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new KmsException(Failure.Usage, $"{option} is not a day", "write it like 2026-11-01");
    }
}
