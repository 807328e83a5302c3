using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Readers;

/// <summary>Random payments of every kind that is signed: both readings agree. <c>KMS_READER_PAYMENTS=10000</c> for as many of each.</summary>
public static class RandomReadingTests
{
    private static readonly SecondReader Reader = new();

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Agrees_with_random_payments(string chain)
    {
        var random = new SeededRandom(ChainFuzz.Seed + 29);
        for (var round = 0; round < Rounds(100); round++)
        {
            using var run = SigningRun.Sign(RandomPayment.Of(chain, random, most: 20).Vector());
            var differences = Reader.Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false);
            Assert.True(differences.Count == 0, $"round {round}: {string.Join("; ", differences)}\n{run.Signed.Data}");
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public static void Agrees_with_random_EVM_transactions(byte type)
    {
        using var signer = new SingleKeySigner("ETH", "0x" + Hex.Lower(Keccak256.Hash([type])), options: RandomTransaction.AnyFee);
        var random = new SeededRandom(ChainFuzz.Seed + type);
        for (var round = 0; round < Rounds(300); round++)
        {
            var asked = RandomTransaction.Next(random, "ETH", type);
            var transaction = signer.Decode(asked.Json);
            Assert.Empty(transaction.Missing);
            var pending = new PendingTransaction { Id = "pending", Chain = "ETH", SerializedTransaction = asked.Json };
            var differences = Reader.Compare(pending, transaction.Summary, transaction.Sign(signer.Keys), isDraft: false);
            Assert.True(differences.Count == 0, $"{asked.Json}: {string.Join("; ", differences)}");
        }
    }

    private static int Rounds(int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable("KMS_READER_PAYMENTS"), CultureInfo.InvariantCulture, out var chosen) ? chosen : otherwise;
}
