using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Policy;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>What a network takes beyond the fee that a transaction names counts in the limits (red team H1).</summary>
public static class FeeOnTopTests
{
    [Theory]
    [InlineData("TRON", "trx-transfer", "TRX")]
    [InlineData("TRON", "trc20-transfer", "TRX")]
    [InlineData("BNB", null, "BNB")]
    public static void It_counts_in_the_limit_of_its_asset(string chain, string? name, string asset)
    {
        var vector = name is null || !Vectors.Names(chain, "signing").Contains(name) ? Vectors.Case(chain, "signing", Vectors.Names(chain, "signing").First()) : Vectors.Case(chain, "signing", name);
        var summary = SigningRun.Sign(vector).Transaction.Summary;
        var rule = PolicyFile.Read(Encoding.UTF8.GetBytes($$$$"""{"version":1,"rules":[{"name":"r","chains":["{{{{chain}}}}"],"recipients":"any","assets":{"{{{{asset}}}}":{}}}]}"""))[0];
        var plain = PolicyCheck.Paid(summary).GetValueOrDefault(asset) + ExactSum.Read(summary.Fee?.Number ?? "0");
        var counted = PolicyCheck.Paid(summary, rule)[asset];
        var onTop = counted - plain;
        Assert.Equal(ExactSum.Read(summary.FeeOnTop!.Value.Number).ToString(), onTop.ToString());
        Assert.True(chain == "BNB" ? onTop.ToString() == "0.000075" : onTop.Exceeds(ExactSum.Read("0.2"), 1), $"{onTop}");
    }
}
