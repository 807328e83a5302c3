using KmsCloud.Codecs;

namespace KmsCloud.Policy;

/// <summary>
/// What was paid under one rule, on one chain, of one asset, in the last hour and day. Charges are kept for two days,
/// so that a clock that jumped ahead and is set back finds them again.
/// </summary>
internal sealed class PolicyWindow
{
    /// <summary>How long a charge is kept: the longest window, and a day for a clock that is set back.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromDays(2);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    // a clock that is set back by less is not looked at anew
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, Charge> byKey = new(StringComparer.Ordinal);
    private readonly Queue<Charge> kept = new();
    private readonly Queue<Charge> hour = new();
    private readonly Queue<Charge> day = new();
    private ExactSum hourSum;
    private ExactSum daySum;
    private DateTimeOffset latest;

    /// <summary>What is used, without what is charged for <paramref name="key"/> itself.</summary>
    internal Used At(DateTimeOffset now, string key)
    {
        MoveTo(now);
        return byKey.TryGetValue(key, out var own)
            ? new(own.InHour ? hourSum - own.Amount : hourSum, own.InDay ? daySum - own.Amount : daySum)
            : new(hourSum, daySum);
    }

    /// <summary>Charges; a charge of the same key before is replaced.</summary>
    internal void Add(string key, DateTimeOffset time, ExactSum amount)
    {
        Remove(key);
        var charge = new Charge(key, time, amount);
        byKey[key] = charge;
        kept.Enqueue(charge);
        Count(charge);
    }

    /// <summary>Takes a charge back.</summary>
    internal void Remove(string key)
    {
        if (byKey.Remove(key, out var charge))
        {
            charge.Gone = true;
            hourSum = charge.InHour ? hourSum - charge.Amount : hourSum;
            daySum = charge.InDay ? daySum - charge.Amount : daySum;
        }
    }

    private void Count(Charge charge)
    {
        (charge.InHour, charge.InDay) = (true, true);
        hour.Enqueue(charge);
        day.Enqueue(charge);
        (hourSum, daySum) = (hourSum + charge.Amount, daySum + charge.Amount);
    }

    private void MoveTo(DateTimeOffset now)
    {
        if (now + Jitter < latest)
        {
            CountAnew();
            latest = now;
        }

        latest = now > latest ? now : latest;
        Expire();
    }

    /// <summary>What had run out by a clock that was wrong counts again.</summary>
    private void CountAnew()
    {
        hour.Clear();
        day.Clear();
        (hourSum, daySum) = (default, default);
        foreach (var charge in kept.Where(charge => !charge.Gone).OrderBy(charge => charge.Time).ToList())
        {
            Count(charge);
        }
    }

    private void Expire()
    {
        while (hour.TryPeek(out var oldest) && (oldest.Gone || oldest.Time <= latest - Hour))
        {
            hour.Dequeue();
            hourSum = oldest.Gone ? hourSum : hourSum - oldest.Amount;
            oldest.InHour = false;
        }

        while (day.TryPeek(out var oldest) && (oldest.Gone || oldest.Time <= latest - Day))
        {
            day.Dequeue();
            daySum = oldest.Gone ? daySum : daySum - oldest.Amount;
            oldest.InDay = false;
        }

        while (kept.TryPeek(out var oldest) && (oldest.Gone || oldest.Time <= latest - Kept))
        {
            kept.Dequeue();
            if (!oldest.Gone)
            {
                byKey.Remove(oldest.Key);
            }
        }
    }

    private sealed class Charge(string key, DateTimeOffset time, ExactSum amount)
    {
        internal string Key => key;

        internal DateTimeOffset Time => time;

        internal ExactSum Amount => amount;

        internal bool InHour { get; set; }

        internal bool InDay { get; set; }

        internal bool Gone { get; set; }
    }
}
