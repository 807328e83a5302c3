using System.Diagnostics;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>Hostile pending transactions: they are refused, or what is signed is what the summary says. Nothing else gets out.</summary>
public static class BitcoinFuzzTests
{
    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Survives_hostile_transactions(string chain) => ChainFuzz.Run(chain, Holds);

    [Fact]
    public static void Survives_hostile_bytes_of_bitcoin_cash() => Fuzz("BCH", _ => true, (pending, random) =>
    {
        var text = pending.SerializedTransaction;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var bytes = random.Chance(4) ? Convert.FromHexString(text.AsSpan(0, colon)) : Mutation.Bytes(Convert.FromHexString(text.AsSpan(0, colon)), random);
        var amounts = random.Chance(2) ? text[colon..] : Mutation.Text(text[colon..], random);
        return pending with { SerializedTransaction = Hex.Lower(bytes) + amounts };
    });

    [Theory, InlineData("BTC"), InlineData("BCH")]
    public static void Survives_hostile_withdrawals(string chain) => Fuzz(chain, pending => pending.WithdrawalId is not null, (pending, random) =>
    {
        var list = Mutation.Text(pending.WithdrawalResponses!.Value.GetRawText(), random);
        return pending with
        {
            WithdrawalResponses = StrictJson.TryParse(list, out var json) ? json : null,
            SerializedTransaction = random.Chance(3) ? Mutation.Text(pending.SerializedTransaction, random) : pending.SerializedTransaction,
        };
    });

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void Survives_hostile_keys(string chain)
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var round = 0; round < 3000; round++)
        {
            var length = random.Below(90);
            var text = random.Chance(2) ? random.Bytes(length) : [.. Enumerable.Range(0, length).Select(_ => (byte)random.Pick(Base58.Bitcoin.ToCharArray()))];
            Assert.Throws<KmsException>(() => ChainCatalog.Get(chain).Wallets.ParseKey(text, Network.Mainnet).Dispose());
        }
    }

    private static void Fuzz(string chain, Func<PendingTransaction, bool> choose, Func<PendingTransaction, SeededRandom, PendingTransaction> mutate)
    {
        var runs = Vectors.Read(chain).GetProperty("signing").EnumerateArray().Select(vector => SigningRun.Sign(vector)).ToList();
        var chosen = runs.Where(run => choose(run.Pending)).ToList();
        var random = new SeededRandom(ChainFuzz.Seed);
        var clock = Stopwatch.StartNew();
        for (var count = 0; clock.Elapsed < ChainFuzz.Time / 3; count++)
        {
            var run = random.Pick(chosen);
            var pending = mutate(run.Pending, random);
            try
            {
                var transaction = run.Chain.Decode(pending, run.Keys, run.Context);
                Holds(transaction, transaction.Sign(run.PrivateKeys));
            }
            catch (KmsException error) when (error.Failure is Failure.Refused)
            {
                Assert.True(error.Message.Length < 400);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{chain} seed {ChainFuzz.Seed} case {count}: {pending.SerializedTransaction} {pending.WithdrawalResponses}", error);
            }
        }

        runs.ForEach(run => run.Dispose());
    }

    /// <summary>The signed bytes pay what the summary shows, and the summary can be shown.</summary>
    private static void Holds(UnsignedTransaction transaction, SignedTransaction signed)
    {
        var parsed = ParsedTransaction.Read(signed.Data);
        var summary = transaction.Summary;
        Assert.Equal(signed.TransactionId, parsed.Id);
        Assert.All(parsed.Inputs, input => Assert.NotEmpty(input.Pushes));
        Assert.True(summary.Fee!.Value.Units >= 0);
        var coins = summary.Transfers.Where(transfer => transfer.Amount.Asset == summary.Chain).ToList();
        Assert.Equal(parsed.Outputs.Sum(output => (decimal)output.Satoshis), coins.Sum(transfer => (decimal)transfer.Amount.Units));
        Assert.True(JsonSerializer.Serialize(summary.Memo).Length < 10_000);
    }
}
