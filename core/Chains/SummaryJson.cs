using System.Text.Json;

namespace KmsCloud.Chains;

/// <summary>A transaction summary as JSON for audit lines and results, and as one line of text for logs.</summary>
public static class SummaryJson
{
    /// <summary>Writes chain, network and the wallets that would sign into an open object.</summary>
    public static void WriteSigners(Utf8JsonWriter json, TransactionSummary summary, IReadOnlyList<string> wallets)
    {
        json.WriteString("chain", summary.Chain);
        json.WriteString("network", summary.Network.ToString().ToLowerInvariant());
        WriteList(json, "wallets", wallets);
    }

    /// <summary>Writes the summary's members into an open object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="summary">The summary.</param>
    /// <param name="most">Most entries of each list; how many more there are is written, too.</param>
    public static void Write(Utf8JsonWriter json, TransactionSummary summary, int most = int.MaxValue)
    {
        json.WriteString("kind", summary.Kind);
        WriteList(json, "from", summary.From, most);
        json.WriteStartArray("transfers");
        foreach (var transfer in summary.Transfers.Take(most))
        {
            json.WriteStartObject();
            json.WriteString("to", transfer.To);
            json.WriteString("amount", transfer.Amount.Number);
            json.WriteString("asset", transfer.Amount.Asset);
            WriteDecimals(json, "decimals", transfer.Amount);
            if (transfer.Amount.Decimals is null)
            {
                json.WriteBoolean("rawUnits", true);
            }
            else if (transfer.Amount.CountsUnits)
            {
                json.WriteString("units", transfer.Amount.Counted);
            }

            if (transfer.From is not null)
            {
                json.WriteString("from", transfer.From);
            }

            if (transfer.IsChange)
            {
                json.WriteBoolean("change", true);
            }

            if (transfer.ChangeIndex is { } index)
            {
                json.WriteNumber("changeIndex", index);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (summary.Transfers.Count > most)
        {
            json.WriteNumber("moreTransfers", summary.Transfers.Count - most);
        }

        if (summary.Uncounted.Count > 0)
        {
            WriteList(json, "uncounted", [.. summary.Uncounted.Select(payee => payee.To)], most);
        }

        if (summary.Fee is { } fee)
        {
            json.WriteString("fee", fee.Number);
            json.WriteString("feeAsset", fee.Asset);
            WriteDecimals(json, "feeDecimals", fee);
        }

        if (summary.FeeOnTop is { } onTop)
        {
            json.WriteString("feeOnTop", onTop.Number);
        }

        WriteText(json, "sequence", summary.Sequence);
        WriteText(json, "memo", summary.Memo);
        WriteText(json, "contract", summary.Contract);
        WriteText(json, "method", summary.Method);
        if (!summary.Understood)
        {
            json.WriteBoolean("understood", false);
        }

        if (summary.Warnings.Count > 0)
        {
            WriteList(json, "warnings", summary.Warnings, most);
        }
    }

    /// <summary>"transfer: 1.5 BTC to bc1…, fee 0.0001 BTC".</summary>
    public static string Line(TransactionSummary summary)
    {
        var payments = summary.Transfers.Where(transfer => !transfer.IsChange).ToList();
        var shown = string.Join(", ", payments.Take(3).Select(transfer => $"{transfer.Amount} to {transfer.To}"));
        return summary.Kind
            + (shown.Length > 0 ? ": " + shown : "")
            + (payments.Count > 3 ? $" and {payments.Count - 3} more" : "")
            + (summary.Fee is { } fee ? $", fee {fee}" : "");
    }

    private static void WriteDecimals(Utf8JsonWriter json, string name, Amount amount)
    {
        if (amount.Decimals is { } decimals)
        {
            json.WriteNumber(name, decimals);
        }
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> values, int most = int.MaxValue)
    {
        json.WriteStartArray(name);
        foreach (var value in values.Take(most))
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
