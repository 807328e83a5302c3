using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Chains.Algorand;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Algorand;

/// <summary>What the recorded ALGO vectors say beyond signed bytes.</summary>
public static class AlgorandVectorTests
{
    public static TheoryData<string> Names() => [.. Vectors.Names("ALGO", "signing")];

    [Fact]
    public static void Words_give_the_recorded_secrets()
    {
        foreach (var vector in Vectors.Read("ALGO").GetProperty("keypairs").EnumerateArray())
        {
            using var entry = ChainCatalog.Get("ALGO").Wallets.FromMnemonic(SecretBytes.FromString(vector.Text("mnemonic")!), Network.Testnet);
            Assert.Equal(vector.Text("secret"), entry.Secret!.Reveal());
            Assert.Equal(vector.Text("address"), entry.Address);
            Assert.Null(entry.Mnemonic);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_message_and_shows_what_it_says(string name)
    {
        var vector = Vectors.Case("ALGO", "signing", name);
        using var run = SigningRun.Sign(vector);
        Assert.Equal(vector.Text("signingMessage"), Convert.ToHexStringLower(((AlgorandTransaction)run.Transaction).Message));
        Assert.Contains(vector.Text("signature")!, run.Signed.Data, StringComparison.Ordinal);

        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        Assert.Equal(decoded.Text("from"), Assert.Single(summary.From));
        Assert.Equal(decoded.GetProperty("fee").GetInt64(), summary.Fee!.Value.Units);
        Assert.Equal(decoded.Text("note"), summary.Memo);
        Assert.Equal(decoded.TryGetProperty("optIn", out _), summary.Kind == "asset opt-in");
        if (decoded.Text("to") is { } to && summary.Kind != "asset opt-in")
        {
            var transfer = Assert.Single(summary.Transfers);
            var isAsset = decoded.TryGetProperty("asset", out var asset);
            Assert.Equal(to, transfer.To);
            Assert.Equal(decoded.GetProperty(isAsset ? "amount" : "microAlgos").GetInt64(), transfer.Amount.Units);
            Assert.Equal(isAsset ? $"asset {asset}" : "ALGO", transfer.Amount.Asset);
        }

        foreach (var (member, detail) in ((string, string)[])[("total", "total"), ("unitName", "unit name"), ("assetName", "asset name"), ("url", "url"), ("manager", "manager")])
        {
            if (decoded.TryGetProperty(member, out var value))
            {
                Assert.Equal(value.ToString(), summary.Details[detail].ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}
