using System.Globalization;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace KmsCloud.Cli.Sandbox;

/// <summary>The results as a table for people and as JSON for programs.</summary>
internal static partial class SandboxReport
{

    internal static void PrintTable(IReadOnlyList<SandboxResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var title in new[] { "chain", "transaction", "pays", "transaction id", "verified", "ms" })
        {
            table.AddColumn(new TableColumn(title) { Alignment = title == "ms" ? Justify.Right : Justify.Left, NoWrap = title is "chain" or "ms" });
        }

        var before = "";
        foreach (var result in results)
        {
            if (before.Length > 0 && before != result.Chain)
            {
                table.AddEmptyRow();
            }

            table.AddRow(
                before == result.Chain ? "" : $"[bold]{Markup.Escape(result.Chain)}[/]",
                Markup.Escape(result.Transaction),
                Markup.Escape(Short(result.Pays)),
                Markup.Escape(Short(result.TransactionId)),
                Verdict(result),
                result.Milliseconds.ToString(CultureInfo.InvariantCulture));
            before = result.Chain;
        }

        Terminal.PrintTable(table);
    }

    internal static void PrintJson(IReadOnlyList<SandboxResult> results) => Terminal.PrintJson(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("transactions", results.Count);
        json.WriteNumber("verified", results.Count(result => result.Verified));
        json.WriteNumber("chains", results.Select(result => result.Chain).Distinct().Count());
        json.WriteStartArray("results");
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("chain", result.Chain);
            json.WriteString("transaction", result.Transaction);
            json.WriteString("pays", result.Pays);
            json.WriteString("txId", result.TransactionId);
            json.WriteStartArray("signers");
            foreach (var signer in result.Signers)
            {
                json.WriteStringValue(signer);
            }

            json.WriteEndArray();
            json.WriteBoolean("verified", result.Verified);
            Optional("mined", result.Mined);
            Optional("problem", result.Problem);
            json.WriteNumber("milliseconds", result.Milliseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void Optional(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    });

    private static string Verdict(SandboxResult result) => result switch
    {
        { Problem: { } problem } => $"[red]no: {Markup.Escape(problem)}[/]",
        { Mined: { } mined } => $"[green]yes, {Markup.Escape(mined)}[/]",
        _ => "[green]yes[/]",
    };

    /// <summary>Long words (addresses, ids) with their middle left out; JSON has them whole.</summary>
    private static string Short(string text) => LongWord().Replace(text, word => $"{word.Value[..10]}…{word.Value[^8..]}");

    [GeneratedRegex("[A-Za-z0-9:_]{25,}")]
    private static partial Regex LongWord();
}
