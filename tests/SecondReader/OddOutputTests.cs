using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Readers;

/// <summary>Good payments to outputs that have an address and were not among the random ones.</summary>
public static class OddOutputTests
{
    public static TheoryData<string, string> Outputs()
    {
        var all = new TheoryData<string, string>();
        foreach (var chain in new[] { "BTC", "LTC", "DOGE", "BCH" })
        {
            all.Add(chain, "51024e73"); // pay to anchor
            all.Add(chain, "5220" + new string('a', 64)); // version 2
            all.Add(chain, "5928" + new string('b', 80)); // version 9, 40 bytes
            all.Add(chain, "6002abcd"); // version 16
            all.Add(chain, "5120" + new string('f', 64)); // taproot, no point
            all.Add(chain, "4104" + new string('1', 128) + "ac"); // an uncompressed key that is none
            all.Add(chain, "aa20" + new string('c', 64) + "87"); // P2SH32
            all.Add(chain, "a914" + new string('0', 40) + "87");
            all.Add(chain, "6a");
            all.Add(chain, "6a4c50" + new string('d', 160));
            all.Add(chain, "");
            all.Add(chain, "51");
            all.Add(chain, "76a914" + new string('0', 40) + "88ac");
            all.Add(chain, "0015" + new string('0', 42)); // version 0 of another size
            all.Add(chain, "5121" + "02" + new string('7', 64) + "51ae"); // bare 1 of 1
        }

        return all;
    }

    [Theory, MemberData(nameof(Outputs))]
    public static void Both_readers_agree(string chain, string script)
    {
        var random = new SeededRandom(7);
        var payment = new PaymentCase(chain);
        payment.Spend(OwnedCoin.New(InputKind.KeyHash, random), new string('3', 64), 1, 20_000_000, 0xffffffff);
        payment.Pay(Convert.FromHexString(script), script.StartsWith("6a", StringComparison.Ordinal) ? 0 : 10_000_000);
        payment.Pay([0x76, 0xa9, 20, .. random.Bytes(20), 0x88, 0xac], script.StartsWith("6a", StringComparison.Ordinal) ? 19_900_000 : 9_900_000);
        using var run = SigningRun.Sign(payment.Vector());
        var differences = new SecondReader().Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false);
        Assert.True(differences.Count == 0, $"understood {run.Transaction.Summary.Understood}, to {run.Transaction.Summary.Transfers[0].To}: {string.Join("; ", differences)}");
    }

    [Theory, InlineData("DOGE", 500_000_000_000_000_000), InlineData("LTC", 8_000_000_000_000_000), InlineData("BTC", 2_000_000_000_000_000)]
    public static void Large_amounts(string chain, long satoshis)
    {
        var random = new SeededRandom(7);
        var payment = new PaymentCase(chain);
        payment.Spend(OwnedCoin.New(InputKind.KeyHash, random), new string('3', 64), 1, satoshis, 0xffffffff);
        payment.Pay([0x76, 0xa9, 20, .. random.Bytes(20), 0x88, 0xac], satoshis - 100_000);
        using var run = SigningRun.Sign(payment.Vector());
        var differences = new SecondReader().Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false);
        Assert.True(differences.Count == 0, string.Join("; ", differences));
    }
}
