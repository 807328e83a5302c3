using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Chains.Stellar;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Stellar;

/// <summary>What the recorded XLM vectors say beyond signed bytes.</summary>
public static class StellarVectorTests
{
    public static TheoryData<string> Names() => [.. Vectors.Names("XLM", "signing")];

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_payload_and_shows_what_the_envelope_says(string name)
    {
        var vector = Vectors.Case("XLM", "signing", name);
        using var run = SigningRun.Sign(vector);
        var transaction = (StellarTransaction)run.Transaction;
        Assert.Equal(vector.Text("signingPayload"), Convert.ToHexStringLower(transaction.Payload));
        Assert.Equal(vector.Text("digest"), Convert.ToHexStringLower(SHA256.HashData(transaction.Payload)));
        Assert.Equal(vector.GetProperty("envelopeType").GetUInt32(), transaction.Envelope.Type);
        Assert.Equal(vector.GetProperty("signatureCount").GetInt32(), transaction.Envelope.Signatures.Count + 1);

        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        Assert.Equal(decoded.Text("source"), summary.From[0]);
        Assert.Equal(decoded.Text("seq"), summary.Sequence);
        Assert.Equal(decoded.GetProperty("feeStroops").GetInt64(), summary.Fee!.Value.Units);
        Assert.Equal(Memo(decoded.GetProperty("memo")), summary.Memo);
        var operations = decoded.GetProperty("ops").EnumerateArray().ToList();
        Assert.Equal(operations.Select(operation => operation.Text("type")), transaction.Envelope.Operations.Select(operation => operation.Name));
        var paid = operations.Where(operation => operation.Text("stroops") is not null).ToList();
        Assert.Equal(
            paid.Select(operation => (operation.Text("destination")!, operation.Text("asset") ?? "XLM", operation.Text("stroops")!)),
            summary.Transfers.Select(transfer => (transfer.To, transfer.Amount.Asset, transfer.Amount.Units.ToString(CultureInfo.InvariantCulture))));
        if (operations[0].Text("limitStroops") is { } limit)
        {
            Assert.Contains(operations[0].Text("asset")!, summary.Details["operation 1"], StringComparison.Ordinal);
            Assert.Contains(limit.TrimEnd('0'), summary.Details["operation 1"], StringComparison.Ordinal);
        }
    }

    private static string? Memo(JsonElement memo) => memo.ValueKind is JsonValueKind.Null ? null
        : memo.Text("type") is "text" ? memo.Text("value") : $"{memo.Text("type")} {memo.Text("value")}";
}
