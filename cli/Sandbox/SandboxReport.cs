using System.Globalization;
using System.Text.RegularExpressions;

namespace KmsCloud.Cli.Sandbox;

/// <summary>The results in a line a chain, or all of them as a table, for people, and as JSON for programs.</summary>
internal static partial class SandboxReport
{
    private const int Width = 79;

    /// <summary>A line a chain: what its first transaction paid to whom, and how many more were signed.</summary>
    internal static void PrintLines(IReadOnlyList<SandboxResult> results, IReadOnlyList<SandboxRefusal> refusals)
    {
        foreach (var chain in results.GroupBy(result => result.Chain))
        {
            var wrong = chain.FirstOrDefault(result => !result.Verified);
            var more = chain.Count() == 1 ? "" : $", and {chain.Count() - 1} more";
            Line(chain.Key, wrong is null ? $"paid {Short(chain.First().Pays.Split(", ")[0])}{more}" : $"NOT VERIFIED: {wrong.Transaction}: {wrong.Problem}", wrong is null);
        }

        foreach (var refusal in refusals)
        {
            Line(
                refusal.Chain,
                $"{(refusal.Held ? "refused" : "NOT REFUSED")}, {refusal.Case}: {refusal.Reason}",
                refusal.Held);
        }
    }

    private static void Line(string chain, string text, bool isGood)
    {
        const int indent = 6;
        foreach (var line in $"{chain,-5} {WordWrap.Text(text, Width - indent, indent)}".Split('\n'))
        {
            Terminal.PrintLine(line, isGood ? null : "red");
        }
    }

    /// <summary>
    /// Long words (addresses) with their middle left out, decimals without zeros at the end; JSON and --all have them
    /// whole.
    /// </summary>
    private static string Short(string text) =>
        ZerosAtEnd().Replace(LongWord().Replace(text, word => $"{word.Value[..10]}…{word.Value[^6..]}"), "$1");

    [GeneratedRegex("[A-Za-z0-9:_]{25,}")]
    private static partial Regex LongWord();

    [GeneratedRegex("(\\.[0-9]*[1-9])0+(?= )")]
    private static partial Regex ZerosAtEnd();

    internal static void PrintTable(IReadOnlyList<SandboxResult> results)
    {
        var table = new ResultTable("chain", "transaction", "pays", "transaction id", "verified", "ms");
        foreach (var result in results)
        {
            table.AddCells(
                result.Chain, result.Transaction, result.Pays, result.TransactionId, Verdict(result),
                result.Milliseconds.ToString(CultureInfo.InvariantCulture));
            table.Colour(4, result.Verified ? "green" : "red");
        }

        Terminal.PrintTable(table);
    }

    internal static void PrintJson(IReadOnlyList<SandboxResult> results, IReadOnlyList<SandboxRefusal> refusals) => Terminal.PrintJson(json =>
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
        json.WriteStartArray("refusals");
        foreach (var refusal in refusals)
        {
            json.WriteStartObject();
            json.WriteString("chain", refusal.Chain);
            json.WriteString("case", refusal.Case);
            json.WriteString("reason", refusal.Reason);
            json.WriteBoolean("held", refusal.Held);
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
        { Problem: { } problem } => $"no: {problem}",
        { Mined: { } mined } => $"yes, {mined}",
        _ => "yes",
    };
}
