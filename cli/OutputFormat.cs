using System.CommandLine;
using KmsCloud.Errors;
using Spectre.Console;

namespace KmsCloud.Cli;

/// <summary><c>--output json|table</c>, for results that are as readable as a table.</summary>
internal static class OutputFormat
{
    internal static readonly Option<string?> Option = Create("Form of the result [default: table on a terminal, json otherwise]");

    /// <summary>For commands whose JSON tatum-kms's users read on a terminal too.</summary>
    internal static readonly Option<string?> JsonFirst = Create("Form of the result [default: json]");

    /// <summary>Whether the result is to be a table.</summary>
    internal static bool IsTable(ParseResult arguments) => (arguments.GetValue(Option) ?? (Console.IsOutputRedirected ? "json" : "table")) == "table";

    /// <summary>A table without rows.</summary>
    internal static Table Table(params string[] columns) => new Table().Border(TableBorder.Rounded).AddColumns(columns);

    /// <summary>A row of plain text: nothing in it is markup, nor moves the cursor of a terminal.</summary>
    internal static void AddCells(this Table table, params string?[] cells) =>
        table.AddRow([.. cells.Select(cell => new Text(Printable.Line(cell ?? "", Printable.LongestLogLine)))]);

    private static Option<string?> Create(string description)
    {
        var option = new Option<string?>("--output") { Description = description, HelpName = "json|table" };
        option.AcceptOnlyFromAmong("json", "table");
        return option;
    }
}
