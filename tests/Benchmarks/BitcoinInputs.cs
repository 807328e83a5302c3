using System.Diagnostics;
using System.Globalization;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>
/// What an input costs, from the pending transaction's text to the signed bytes. It must not depend on how many there are;
/// legacy inputs hash the whole transaction once each, so theirs may grow, but slowly against the signature itself.
/// </summary>
public static class BitcoinInputs
{
    private const int Repetitions = 5;

    /// <summary>Measures payments of 10, 100 and 1,000 inputs and prints the best of five runs of each.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine("inputs  kind            decode ms    sign ms  sign µs/input    bytes");
        foreach (var (name, chain, kind) in ((string, string, InputKind)[])[
            ("P2WPKH (BTC)", "BTC", InputKind.Witness), ("P2PKH (BTC)", "BTC", InputKind.KeyHash), ("Schnorr (BCH)", "BCH", InputKind.KeyHash)])
        {
            foreach (var inputs in (int[])[10, 100, 1000])
            {
                var (decode, sign, size) = Measure(chain, kind, inputs);
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{inputs,6}  {name,-14} {decode.TotalMilliseconds,10:0.00} {sign.TotalMilliseconds,10:0.00} {sign.TotalMicroseconds / inputs,14:0.0} {size,8}"));
            }
        }
    }

    private static (TimeSpan Decode, TimeSpan Sign, int Size) Measure(string chain, InputKind kind, int inputs)
    {
        var random = new SeededRandom(1);
        var coin = OwnedCoin.New(kind, random);
        var payment = new PaymentCase(chain);
        for (var at = 0; at < inputs; at++)
        {
            payment.Spend(coin, Convert.ToHexStringLower(random.Bytes(32)), (uint)at, 100_000);
        }

        payment.Pay(coin.Script, inputs * 99_000L);
        using var run = SigningRun.Sign(payment.Vector());
        var (decode, sign) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            var clock = Stopwatch.StartNew();
            var transaction = run.Chain.Decode(run.Pending, run.Keys, run.Context);
            var decoded = clock.Elapsed;
            transaction.Sign(run.PrivateKeys);
            (decode, sign) = (Min(decode, decoded), Min(sign, clock.Elapsed - decoded));
        }

        return (decode, sign, run.Signed.Data.Length / 2);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
