using System.Globalization;
using KmsCloud.Errors;
using KmsCloud.Signing;
using Spectre.Console;

namespace KmsCloud.Cli.Sandbox;

/// <summary>What became of one scenario, as the table shows it.</summary>
/// <param name="Chain">Chain code.</param>
/// <param name="Transaction">The scenario's name.</param>
/// <param name="Pays">What it pays to whom, read from the broadcast bytes.</param>
/// <param name="TransactionId">The id computed from the broadcast bytes.</param>
/// <param name="Verified">Whether it was broadcast, read independently, and is byte for byte what another implementation signed.</param>
/// <param name="Problem">What is wrong, when it is not.</param>
/// <param name="Milliseconds">From poll to audit.</param>
internal sealed record SandboxResult(string Chain, string Transaction, string Pays, string TransactionId, bool Verified, string? Problem, long Milliseconds)
{
    private const int LongWord = 24;

    internal static SandboxResult Of(SandboxScenario scenario, SandboxGateway gateway, TransactionReport? report, long milliseconds)
    {
        var failed = new SandboxResult(scenario.Chain, scenario.Name, "", "", false, report?.Reason ?? "not listed", milliseconds);
        if (report?.Verdict is not Verdict.Accepted || !gateway.Broadcasts.TryGetValue(scenario.Id, out var broadcast))
        {
            return failed;
        }

        try
        {
            var txData = broadcast.Body.GetProperty("txData").GetString()!;
            var reading = IndependentReader.Read(scenario, txData);
            var same = txData == scenario.Signed;
            return failed with { Pays = reading.Pays, TransactionId = reading.TransactionId, Verified = same, Problem = same ? null : "differs from the recording" };
        }
        catch (KmsException error)
        {
            return failed with { Problem = error.Message };
        }
    }

    internal static void PrintTable(IReadOnlyList<SandboxResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var title in new[] { "chain", "transaction", "pays", "transaction id", "verified", "ms" })
        {
            table.AddColumn(new TableColumn(title));
        }

        foreach (var result in results)
        {
            table.AddRow(
                Markup.Escape(result.Chain),
                Markup.Escape(result.Transaction),
                Markup.Escape(Short(result.Pays)),
                Markup.Escape(Short(result.TransactionId)),
                result.Verified ? "[green]yes[/]" : $"[red]no: {Markup.Escape(result.Problem ?? "")}[/]",
                result.Milliseconds.ToString(CultureInfo.InvariantCulture));
        }

        Terminal.PrintTable(table);
    }

    /// <summary>Long words (addresses, ids) with their middle left out; JSON has them whole.</summary>
    private static string Short(string text) => string.Join(' ', text.Split(' ').Select(word => word.Length > LongWord ? $"{word[..10]}…{word[^8..]}" : word));

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
            json.WriteBoolean("verified", result.Verified);
            if (result.Problem is not null)
            {
                json.WriteString("problem", result.Problem);
            }

            json.WriteNumber("milliseconds", result.Milliseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
