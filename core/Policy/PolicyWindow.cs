using KmsCloud.Codecs;

namespace KmsCloud.Policy;

/// <summary>What was paid under one rule, on one chain, of one asset, in the last hour and day.</summary>
internal sealed class PolicyWindow
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly Dictionary<string, Charge> byKey = new(StringComparer.Ordinal);
    private readonly Queue<Charge> hour = new();
    private readonly Queue<Charge> day = new();
    private ExactSum hourSum;
    private ExactSum daySum;

    /// <summary>What is used, without what is charged for <paramref name="key"/> itself.</summary>
    internal Used At(DateTimeOffset now, string key)
    {
        Expire(now);
        return byKey.TryGetValue(key, out var own)
            ? new(own.InHour ? hourSum - own.Amount : hourSum, daySum - own.Amount)
            : new(hourSum, daySum);
    }

    /// <summary>Charges; a charge of the same key before is replaced.</summary>
    internal void Add(string key, DateTimeOffset time, ExactSum amount)
    {
        Remove(key);
        var charge = new Charge(key, time, amount);
        byKey[key] = charge;
        hour.Enqueue(charge);
        day.Enqueue(charge);
        (hourSum, daySum) = (hourSum + amount, daySum + amount);
    }

    /// <summary>Takes a charge back.</summary>
    internal void Remove(string key)
    {
        if (byKey.Remove(key, out var charge))
        {
            charge.Gone = true;
            hourSum = charge.InHour ? hourSum - charge.Amount : hourSum;
            daySum -= charge.Amount;
        }
    }

    private void Expire(DateTimeOffset now)
    {
        while (hour.TryPeek(out var oldest) && (oldest.Gone || oldest.Time <= now - Hour))
        {
            hour.Dequeue();
            hourSum = oldest.Gone ? hourSum : hourSum - oldest.Amount;
            oldest.InHour = false;
        }

        while (day.TryPeek(out var oldest) && (oldest.Gone || oldest.Time <= now - Day))
        {
            day.Dequeue();
            if (!oldest.Gone)
            {
                daySum -= oldest.Amount;
                byKey.Remove(oldest.Key);
            }
        }
    }

    private sealed class Charge(string key, DateTimeOffset time, ExactSum amount)
    {
        internal string Key => key;

        internal DateTimeOffset Time => time;

        internal ExactSum Amount => amount;

        internal bool InHour { get; set; } = true;

        internal bool Gone { get; set; }
    }
}
