using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KmsCloud.Anomalies;
using KmsCloud.Audit;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using Spectre.Console;

namespace KmsCloud.Cli.Commands;

/// <summary>kms audit verify and report.</summary>
internal static class AuditCommands
{
    private const int MostProblems = 100;
    private static readonly Option<bool> ChainOnly = new("--chain-only", "--chainOnly")
    {
        Description = "Check the hash chain without the MACs: needs no wallet file and no password",
    };
    private static readonly Option<string[]> ApproversFiles = new("--approvers")
    {
        Description = "Prove again that people said yes to what was signed; once for each file that was in force",
        HelpName = "FILE",
    };
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
    private static readonly Option<string?> Format = new("--output", "--format")
    {
        Description = "Form of the report [default: table on a terminal, json otherwise]",
        HelpName = "csv|json|table",
    };

    private static readonly Option<string?> Anomalies = new("--anomalies")
    {
        Description = "File of rules for what is unusual [default: the usual ones, docs/anomalies.md]",
        HelpName = "FILE",
    };

    internal static Command Create()
    {
        Format.AcceptOnlyFromAmong("table", "csv", "json");
        var verify = new Command(
            "verify",
            "Find every edit, gap, reordering and cut of the audit log; exit 4 when there is "
            + "one")
        {
            ChainOnly, ApproversFiles, StateFolder.Option,
        };
        verify.SetAction(arguments => Verify(new Session(arguments)));
        var report = new Command(
            "report",
            "Withdrawals by day, chain, asset, wallet and recipient; refusals; "
            + "anomalies")
        {
            From, To, Format, Anomalies, ChainOnly, StateFolder.Option,
        };
        report.SetAction(arguments => Report(new Session(arguments)));
        return new("audit", "Check and read the audit log") { verify, report };
    }

    private static int Verify(Session session)
    {
        var folder = StateFolder.Of(session);
        using var log = FileAppendLog.OpenForReading(StateFolder.Audit(folder));
        using var head = AuditHead.OpenForReading(folder);
        using var key = Key(session);
        var evidence = session.Arguments.GetValue(ApproversFiles) is { Length: > 0 } files
            ? new EvidenceAudit(files.Select(file => ApproversFile.Load(file, File.OpenRead)))
            : null;
        var (check, problems) = Check(folder, log, head, key, evidence);
        problems.AddRange(evidence?.Problems ?? []);
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("lines", check.Lines);
            json.WriteString("checked", key is null ? "hash chain" : "hash chain and MAC");
            json.WriteString("last", Codecs.Hex.Lower(check.Last));
            if (evidence is not null)
            {
                json.WriteNumber("approvalsProved", evidence.Proved);
                json.WriteNumber("signedBeforeApprovers", evidence.Without);
            }

            json.WriteStartArray("problems");
            foreach (var problem in problems.Take(MostProblems))
            {
                json.WriteStringValue(problem);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
        return problems.Count == 0 ? 0 : (int)Failure.WalletFile;
    }

    private static (AuditCheck Check, List<string> Problems) Check(
        string folder,
        FileAppendLog log,
        AuditHead head,
        SecretBytes? key,
        EvidenceAudit? evidence = null)
    {
        var check = new AuditCheck(key);
        var whole = 0L;
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (position, line) in log.ReadLines())
        {
            whole = position + line.Length + 1;
            check.Next(line.Span, head);
            if (Codecs.StrictJson.TryParse(System.Text.Encoding.UTF8.GetString(line.Span), out var parsed)
                && parsed is { ValueKind: JsonValueKind.Object } json)
            {
                evidence?.Next(json);
                if (json.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String)
                {
                    ids.Add(id.GetString()!);
                }
            }
        }

        check.End(head);
        List<string> problems = [.. check.Problems];
        if (whole < log.Length)
        {
            problems.Add("the audit log ends in an unfinished line: a write was torn, or its end was cut");
        }

        if (File.Exists(StateFolder.Journal(folder)))
        {
            using var journalLog = FileAppendLog.OpenForReading(StateFolder.Journal(folder));
            foreach (var entry in JournalLog.ReadAll(journalLog).Values.Where(entry => !ids.Contains(entry.Id)))
            {
                problems.Add($"'{entry.Id}' was signed according to the journal and is not in the audit log");
            }
        }

        return (check, problems);
    }

    private static int Report(Session session)
    {
        var arguments = session.Arguments;
        var (from, to) = (
            Day(arguments.GetValue(From), "--from") ?? DateTimeOffset.MinValue,
            Day(arguments.GetValue(To), "--to")?.AddDays(1) ?? DateTimeOffset.MaxValue);
        var folder = StateFolder.Of(session);
        using var log = FileAppendLog.OpenForReading(StateFolder.Audit(folder));
        using var head = AuditHead.OpenForReading(folder);
        using var key = Key(session);
        if (Check(folder, log, head, key).Problems is [var problem, ..])
        {
            throw new KmsException(
                Failure.WalletFile, problem, "a report of a changed log proves nothing; see: kms audit verify");
        }

        var rules = arguments.GetValue(Anomalies) is { } file ? AnomalyFile.Load(file, OwnFile.Open) : null;
        var report = new AuditReport(log.ReadLines().Select(line => AuditRecord.Read(line.Line)), from, to, rules);
        switch (arguments.GetValue(Format) ?? (Console.IsOutputRedirected ? "json" : "table"))
        {
            case "json":
                Terminal.PrintJson(json => WriteJson(json, report));
                break;
            case "csv":
                WriteCsv(report);
                break;
            default:
                WriteTable(report);
                break;
        }

        return 0;
    }

    private static SecretBytes? Key(Session session)
    {
        if (session.Arguments.GetValue(ChainOnly))
        {
            return null;
        }

        using var store = session.OpenStore();
        return store.PurposeKey(AuditLog.KeyPurpose);
    }

    private static DateTimeOffset? Day(string? text, string option)
    {
        if (text is null)
        {
            return null;
        }

        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            throw new KmsException(Failure.Usage, $"{option} is not a day", "write it like 2026-11-01");
        }

        return new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
    }

    private static void WriteJson(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject();
        WriteRows(
            json,
            "withdrawals",
            ["day", "chain", "asset", "wallet", "recipient", "count", "amount"],
            report.Withdrawals.Select(Cells));
        WriteRows(
            json,
            "refusals",
            ["time", "decision", "id", "chain", "wallet", "reason"],
            report.Refusals.Select(Cells));
        WriteRows(json, "anomalies", ["time", "kind", "id", "wallet", "text"], report.Anomalies.Select(Cells));
        json.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter json, string name, string[] columns, IEnumerable<string[]> rows)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            foreach (var (column, cell) in columns.Zip(row))
            {
                json.WriteString(column, cell);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>One table for all three kinds of rows, told apart by the first column.</summary>
    private static void WriteCsv(AuditReport report)
    {
        Console.Out.WriteLine("record,time,chain,asset,wallet,recipient,count,amount,id,decision,text");
        foreach (var row in report.Withdrawals)
        {
            Csv(
                "withdrawal",
                Day(row.Day),
                row.Chain,
                row.Asset,
                row.Wallet,
                row.Recipient,
                row.Count.ToString(CultureInfo.InvariantCulture),
                row.Amount.ToString(),
                "",
                "",
                "");
        }

        foreach (var row in report.Refusals)
        {
            Csv(
                "refusal",
                Times.Text(row.Time),
                row.Chain,
                "",
                row.Wallet,
                "",
                "",
                "",
                row.Id,
                row.Decision,
                row.Reason);
        }

        foreach (var row in report.Anomalies)
        {
            Csv("anomaly", Times.Text(row.Time), "", "", row.Wallet, "", "", "", row.Id, row.Kind, row.Text);
        }
    }

    private static void Csv(params string[] cells) => Console.Out.WriteLine(string.Join(',', cells.Select(CsvCell.Of)));

    private static void WriteTable(AuditReport report)
    {
        Table(
            "Withdrawals",
            ["day", "chain", "asset", "wallet", "recipient", "count", "amount"],
            report.Withdrawals.Select(Cells));
        Table("Refusals", ["time", "decision", "id", "chain", "wallet", "reason"], report.Refusals.Select(Cells));
        Table("Anomalies", ["time", "kind", "id", "wallet", "text"], report.Anomalies.Select(Cells));
    }

    private static void Table(string title, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new ResultTable(columns) { Title = title };
        foreach (var row in rows)
        {
            table.AddCells(row);
        }

        Terminal.PrintTable(table);
    }

    private static string[] Cells(WithdrawalSum row) =>
        [
            Day(row.Day), row.Chain, row.Asset, row.Wallet, row.Recipient,
            row.Count.ToString(CultureInfo.InvariantCulture), row.Amount.ToString(),
        ];

    private static string[] Cells(AuditRecord row) =>
        [Times.Text(row.Time), row.Decision, row.Id, row.Chain, row.Wallet, row.Reason];

    private static string[] Cells(Anomaly row) => [Times.Text(row.Time), row.Kind, row.Id, row.Wallet, row.Text];

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
