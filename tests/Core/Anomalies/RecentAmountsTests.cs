using KmsCloud.Anomalies;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Anomalies;

public static class RecentAmountsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public static void The_middle_is_the_one_of_the_last_two_hundred_sorted(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var (recent, all) = (new RecentAmounts(), new List<int>());
        for (var at = 0; at < 2000; at++)
        {
            var next = random.Below(seed * 50);
            recent.Add(DateTimeOffset.UnixEpoch.AddMinutes(at), ExactSum.Read($"{next}"));
            all.Add(next);
            var last = all.TakeLast(200).Order().ToList();
            Assert.Equal($"{last[last.Count / 2]}", recent.Middle.ToString());
            Assert.Equal(last.Count, recent.Count);
        }

        recent.KeepAfter(DateTimeOffset.UnixEpoch.AddMinutes(1989));
        Assert.Equal(10, recent.Count);
        Assert.Equal($"{all.TakeLast(10).Order().ElementAt(5)}", recent.Middle.ToString());
    }
}
