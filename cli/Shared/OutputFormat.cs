using System.CommandLine;

namespace KmsCloud.Cli;

/// <summary><c>--output json|table</c>, for results that are as readable as a table.</summary>
internal static class OutputFormat
{
    internal static readonly Option<string?> Option = Create(
        "Form of the result [default: table on a terminal, json otherwise]");

    /// <summary>For commands whose JSON tatum-kms's users read on a terminal too.</summary>
    internal static readonly Option<string?> JsonFirst = Create("Form of the result [default: json]");

    /// <summary>Whether the result is to be a table.</summary>
    internal static bool IsTable(ParseResult arguments) =>
        (arguments.GetValue(Option) ?? (Console.IsOutputRedirected ? "json" : "table")) == "table";

    private static Option<string?> Create(string description)
    {
        var option = new Option<string?>("--output") { Description = description, HelpName = "json|table" };
        option.AcceptOnlyFromAmong("json", "table");
        return option;
    }
}
