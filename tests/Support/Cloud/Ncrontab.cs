using System.Globalization;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>The six-field schedules of timer triggers: second minute hour day month day-of-week, UTC; numbers, ranges, steps and lists.</summary>
internal sealed class Ncrontab
{
    private static readonly (int Least, int Most)[] Ranges = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
    private readonly HashSet<int>[] fields;

    private Ncrontab(HashSet<int>[] fields) => this.fields = fields;

    public static Ncrontab Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(parts.Length == 6, $"'{text}' is not a schedule of six fields");
        return new([.. parts.Select((part, field) => part.Split(',').SelectMany(item => Values(item, Ranges[field])).ToHashSet())]);
    }

    /// <summary>The first instant after another that fits.</summary>
    public DateTimeOffset Next(DateTimeOffset after)
    {
        var next = DateTimeOffset.FromUnixTimeSeconds(after.ToUnixTimeSeconds() + 1);
        while (!(fields[0].Contains(next.Second) && fields[1].Contains(next.Minute) && fields[2].Contains(next.Hour)
            && fields[3].Contains(next.Day) && fields[4].Contains(next.Month) && fields[5].Contains((int)next.DayOfWeek)))
        {
            next = next.AddSeconds(1);
        }

        return next;
    }

    private static IEnumerable<int> Values(string item, (int Least, int Most) range)
    {
        var (span, step) = item.Split('/') is [var left, var right] ? (left, Number(right)) : (item, 1);
        var (from, to) = span == "*" ? range : span.Split('-') is [var first, var last] ? (Number(first), Number(last)) : (Number(span), item.Contains('/') ? range.Most : Number(span));
        Assert.True(from >= range.Least && to <= range.Most && from <= to && step > 0, $"'{item}' is out of range");
        for (var value = from; value <= to; value += step)
        {
            yield return value;
        }
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
