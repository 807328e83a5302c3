using System.CommandLine;
using KmsCloud.Audit;
using KmsCloud.Errors;
using KmsCloud.Ledger;
using KmsCloud.Secrets;
using KmsCloud.State;

namespace KmsCloud.Cli.Commands;

/// <summary>kms ledger build, query and export.</summary>
internal static class LedgerCommands
{
    private const string Name = "ledger.db";
    private static readonly Option<string?> File = new("--file")
    {
        Description = "The ledger [default: ledger.db in the state folder]",
        HelpName = "FILE",
    };
    private static readonly Option<string?> To = new("--to")
    {
        Description = "File to write to, which must not be there [default: stdout]",
        HelpName = "FILE",
    };
    private static readonly Option<bool> ChainOnly = new("--chain-only", "--chainOnly")
    {
        Description = "Check hash chains without MACs: needs no wallet file and no password",
    };
    private static readonly Option<string> Table = new("--table")
    {
        Description = "Which table",
        HelpName = "TABLE",
        DefaultValueFactory = _ => "withdrawals",
    };
    private static readonly Option<string> Format = new("--output", "--format")
    {
        Description = "Form",
        HelpName = "csv|jsonl|parquet",
        DefaultValueFactory = _ => "csv",
    };
    private static readonly Option<string?> Shown = new("--output", "--format")
    {
        Description = "Form of the rows [default: table on a terminal, jsonl otherwise]",
        HelpName = "csv|jsonl|table",
    };
    private static readonly Argument<string> Sql = new("sql")
    {
        Description = "A query, or - to read it from stdin; the tables are in docs/ledger.md",
        HelpName = "SQL",
    };

    internal static Command Create()
    {
        Format.AcceptOnlyFromAmong([.. LedgerExport.Formats]);
        Shown.AcceptOnlyFromAmong("csv", "jsonl", "table");
        Table.AcceptOnlyFromAmong([.. Ledger.Ledger.Tables]);
        var build = new Command("build", "Make the ledger from audit log and journal, each line checked first")
        {
            File, ChainOnly, StateFolder.Option,
        };
        build.SetAction(arguments => Build(new Session(arguments)));
        var query = new Command("query", "Ask the ledger in SQL; it is opened read-only")
        {
            Sql, Shown, File, StateFolder.Option,
        };
        query.SetAction(arguments => Query(new Session(arguments)));
        var export = new Command("export", "Write a table of the ledger for other programs")
        {
            Table, Format, To, File, StateFolder.Option,
        };
        export.SetAction(arguments => Export(new Session(arguments)));
        return new("ledger", "A database of withdrawals, decisions and approvals") { build, query, export };
    }

    /// <summary>Builds the ledger of a session's state folder and opens it.</summary>
    internal static Ledger.Ledger Rebuild(Session session, string path, bool chainOnly, out LedgerSource source)
    {
        using var keys = new Keys(session, chainOnly);
        var folder = StateFolder.Of(session);
        var isQuiet = session.Arguments.GetValue(GlobalOptions.Quiet);
        source = new LedgerBuilder(folder, keys.Audit, keys.State)
        {
            ExpectedId = StateFolder.ExpectedId(session),
            Progress = lines =>
            {
                if (!isQuiet && lines % 100_000 == 0)
                {
                    Terminal.Say($"{lines} lines of the audit log read");
                }
            },
        }.Build(path);
        return Ledger.Ledger.Open(path);
    }

    /// <summary>Where the ledger is.</summary>
    internal static string PathOf(Session session) =>
        session.Arguments.GetValue(File) ?? Path.Combine(StateFolder.Of(session), Name);

    private static int Build(Session session)
    {
        var path = PathOf(session);
        using var ledger = Rebuild(session, path, session.Arguments.GetValue(ChainOnly), out var source);
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("file", path);
            json.WriteNumber("auditLines", source.AuditLines);
            json.WriteString("last", source.Last);
            json.WriteNumber("journalLines", source.JournalLines);
            json.WriteString("checked", source.Checked);
            json.WriteEndObject();
        });
        return 0;
    }

    private static int Query(Session session)
    {
        using var ledger = Ledger.Ledger.Open(PathOf(session));
        SayWhenOld(session, ledger);
        var given = session.Arguments.GetRequiredValue(Sql);
        var sql = given == "-" ? Console.In.ReadToEnd() : given;
        var form = session.Arguments.GetValue(Shown) ?? (Console.IsOutputRedirected ? "jsonl" : "table");
        if (form == "table")
        {
            PrintTable(ledger, sql);
            return 0;
        }

        using var stdout = new BufferedStream(Console.OpenStandardOutput());
        if (form == "csv")
        {
            LedgerExport.WriteCsv(ledger, sql, stdout);
        }
        else
        {
            LedgerExport.WriteLines(ledger, sql, stdout);
        }

        return 0;
    }

    private static void PrintTable(Ledger.Ledger ledger, string sql)
    {
        ResultTable? table = null;
        ledger.Query(
            sql,
            columns =>
            {
                Print(table);
                table = new([.. columns]);
            },
            row => table!.AddCells([.. row.Select(LedgerExport.Text)]));
        Print(table);
    }

    private static void Print(ResultTable? table)
    {
        if (table is not null)
        {
            Terminal.PrintTable(table);
        }
    }

    private static int Export(Session session)
    {
        var arguments = session.Arguments;
        using var ledger = Ledger.Ledger.Open(PathOf(session));
        SayWhenOld(session, ledger);
        var (table, format) = (arguments.GetRequiredValue(Table), arguments.GetRequiredValue(Format));
        if (arguments.GetValue(To) is { } path)
        {
            NewFile.Write(path, To.Name, file =>
            {
                using var buffered = new BufferedStream(file);
                LedgerExport.Write(ledger, table, format, buffered);
            });
            return 0;
        }

        if (format == "parquet" && !Console.IsOutputRedirected)
        {
            throw new KmsException(
                Failure.Usage,
                "a Parquet file is nothing to show on a terminal",
                "give a file with --to");
        }

        using var stdout = new BufferedStream(Console.OpenStandardOutput());
        LedgerExport.Write(ledger, table, format, stdout);
        return 0;
    }

    /// <summary>Rows of yesterday are fine for a question, and the person should know.</summary>
    private static void SayWhenOld(Session session, Ledger.Ledger ledger)
    {
        using var head = AuditHead.OpenForReading(StateFolder.Of(session));
        if (head.Read(null) is { } end && ledger.About("audit_last") != Codecs.Hex.Lower(end.Last))
        {
            Terminal.Warn($"the ledger ends at line {ledger.About("audit_lines")} of the audit log, which has {end.Number}; make it anew with: kms ledger build");
        }
    }

    /// <summary>The keys that check the logs; none where only hash chains are checked.</summary>
    private sealed class Keys : IDisposable
    {
        internal Keys(Session session, bool chainOnly)
        {
            if (chainOnly)
            {
                return;
            }

            using var store = session.OpenStore();
            Audit = store.PurposeKey(AuditLog.KeyPurpose);
            State = store.PurposeKey(StateHead.KeyPurpose);
        }

        internal SecretBytes? Audit { get; }

        internal SecretBytes? State { get; }

        public void Dispose()
        {
            Audit?.Dispose();
            State?.Dispose();
        }
    }
}
