using System.Globalization;
using KmsCloud.Chains.MultiversX;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.MultiversX;

/// <summary>What the recorded EGLD vectors say beyond the signed text.</summary>
public static class MultiversXVectorTests
{
    public static TheoryData<string> Names() => [.. Vectors.Names("EGLD", "signing")];

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_text_and_shows_what_it_says(string name)
    {
        var vector = Vectors.Case("EGLD", "signing", name);
        using var run = SigningRun.Sign(vector);
        Assert.Equal(vector.Text("signingMessage"), ((MultiversXTransaction)run.Transaction).SigningText);
        Assert.Equal(vector.Text("txId"), run.Signed.TransactionId);
        Assert.EndsWith($"\"signature\":\"{vector.Text("signature")}\"}}", run.Signed.Data, StringComparison.Ordinal);

        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        Assert.Equal(decoded.Text("from"), Assert.Single(summary.From));
        Assert.Equal(decoded.Text("to"), summary.Transfers[0].To);
        Assert.Equal(decoded.Text("amount") ?? decoded.Text("value"), summary.Transfers[0].Amount.Units.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(decoded.Text("token") ?? "EGLD", summary.Transfers[0].Amount.Asset);
        Assert.Equal(decoded.Text("data"), summary.Memo);
        Assert.Equal($"{run.Signed.Sequence}", summary.Sequence);
        Assert.Equal($"EGLD:{decoded.Text("from")}", run.Signed.SequenceAccount);
        Assert.True(summary.Understood);
    }

    [Fact]
    public static void Asks_what_the_original_asked()
    {
        foreach (var vector in Vectors.Read("EGLD").GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            var recorded = vector.GetProperty("gateway").EnumerateArray().Select(call => call.TryGetProperty("request", out var request) ? request.GetRawText() : null);
            Assert.Equal(recorded, run.Replay.Calls.Select(call => call.Body is null ? null : System.Text.Json.JsonDocument.Parse(call.Body).RootElement.GetRawText()), SameJson);
        }
    }

    [Fact]
    public static void A_key_wallet_signs_whatever_the_index()
    {
        // recorded with mustRefuse false: the index names no other key of a wallet that has just one
        var vector = Vectors.Case("EGLD", "errors", "index-without-mnemonic");
        using var run = SigningRun.Sign(vector);
        Assert.Equal("erd1c3aa4k68p04fdd2yxeqdwjm5sh4a6989y3fjalmlgrxmx652jqts87pc4n", Assert.Single(run.Transaction.Summary.From));
    }

    private static bool SameJson(string? one, string? other) => one is null
        ? other is null
        : other is not null && System.Text.Json.JsonElement.DeepEquals(
            System.Text.Json.JsonDocument.Parse(one).RootElement, System.Text.Json.JsonDocument.Parse(other).RootElement);
}
