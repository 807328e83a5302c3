using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Chains.Xrp;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Xrp;

/// <summary>What the recorded XRP vectors say beyond signed bytes: keys, messages, digests, and the summary against the decoded blob.</summary>
public static class XrpVectorTests
{
    public static TheoryData<string> Names() => [.. Vectors.Names("XRP", "signing")];

    [Fact]
    public static void Derives_private_and_public_keys_as_recorded()
    {
        foreach (var vector in Vectors.Read("XRP").GetProperty("keypairs").EnumerateArray())
        {
            using var key = new XrpSeed().Parse(System.Text.Encoding.ASCII.GetBytes(vector.Text("secret")!), Network.Testnet);
            using var text = new XrpSeed().Format(key, Network.Testnet);
            var prefix = vector.Text("algorithm") is "ed25519" ? "ED" : "00";
            Assert.Equal(vector.Text("privateKeyHex"), prefix + Convert.ToHexString(key.Export.Span));
            Assert.Equal(vector.Text("publicKey"), Convert.ToHexString(key.PublicKey.Bytes));
            Assert.Equal(vector.Text("secret"), text.Reveal());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_message_and_shows_what_the_blob_says(string name)
    {
        var vector = Vectors.Case("XRP", "signing", name);
        using var run = SigningRun.Sign(vector);
        var message = ((XrpTransaction)run.Transaction).Message;
        Assert.Equal(vector.Text("signingMessage"), Convert.ToHexString(message), ignoreCase: true);
        if (vector.Text("digest") is { } digest)
        {
            Assert.Equal(digest, Convert.ToHexStringLower(XrpSeed.HalfSha512(message)));
        }

        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        Assert.Equal(decoded.Text("Account"), Assert.Single(summary.From));
        Assert.Equal($"{decoded.GetProperty("Fee")}", $"{summary.Fee!.Value.Units}");
        Assert.Equal($"{decoded.GetProperty("Sequence")}", summary.Sequence);
        if (decoded.TryGetProperty("Destination", out var destination))
        {
            Assert.Equal(destination.GetString(), summary.Transfers[0].To);
            Assert.Equal(Shown(decoded.GetProperty("Amount")), summary.Transfers[0].Amount.ToString());
        }

        if (decoded.TryGetProperty("DestinationTag", out var tag))
        {
            Assert.StartsWith($"tag {tag}", summary.Memo, StringComparison.Ordinal);
        }

        foreach (var detail in decoded.EnumerateObject().Where(member => summary.Details.ContainsKey(member.Name)))
        {
            Assert.Equal(detail.Name is "Amount" or "SendMax" or "LimitAmount" ? Shown(detail.Value) : $"{detail.Value}", summary.Details[detail.Name]);
        }
    }

    private static string Shown(JsonElement amount) => amount.ValueKind is JsonValueKind.String
        ? new Amount(long.Parse(amount.GetString()!, System.Globalization.CultureInfo.InvariantCulture), 6, "XRP").ToString()
        : $"{amount.Text("value")} {amount.Text("currency")}.{amount.Text("issuer")}";
}
