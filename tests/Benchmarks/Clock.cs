using System.Diagnostics;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>Times something small: warmed up, then the best of several rounds, which is what the code costs when nothing disturbs it.</summary>
internal static class Clock
{
    private const int Rounds = 7;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(120);

    /// <summary>Time of one call.</summary>
    public static TimeSpan Of(Action action)
    {
        var warm = Stopwatch.StartNew();
        var calls = 0;
        while (warm.Elapsed < Round * 2)
        {
            action();
            calls++;
        }

        calls = Math.Max(1, calls / 2);
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < calls; i++)
            {
                action();
            }

            var each = clock.Elapsed / calls;
            best = each < best ? each : best;
        }

        return best;
    }

    /// <summary>Time of one call of something long: the best of three.</summary>
    public static TimeSpan OfOne(Action action) => Enumerable.Range(0, 3).Select(_ =>
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed;
    }).Min();
}
