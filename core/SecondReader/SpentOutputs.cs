using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using NBitcoin;

namespace KmsCloud.Readers;

/// <summary>An output that the request says is spent.</summary>
internal sealed record Spent(OutPoint Place, TxOut Output);

/// <summary>Reads what is spent from the text of the request, with another parser than ours.</summary>
internal static class SpentOutputs
{
    /// <summary>The form of the bitcore libraries: BTC, LTC, DOGE.</summary>
    internal static List<Spent> OfObject(PendingTransaction pending)
    {
        using var json = JsonDocument.Parse(pending.SerializedTransaction);
        return [.. json.RootElement.GetProperty("inputs").EnumerateArray().Select(Read)];
    }

    private static Spent Read(JsonElement input)
    {
        var output = input.GetProperty("output");
        return new(
            new(uint256.Parse(input.GetProperty("prevTxId").GetString()!), input.GetProperty("outputIndex").GetUInt32()),
            new(Money.Satoshis(Units(output.GetProperty("satoshis"))), Script.FromHex(output.GetProperty("script").GetString()!)));
    }

    private static long Units(JsonElement satoshis) => satoshis.ValueKind is JsonValueKind.String
        ? long.Parse(satoshis.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture)
        : satoshis.GetInt64();
}
