using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;

namespace KmsCloud.Anomalies;

/// <summary>
/// The rules at work: looks at a transaction with what was signed before in mind. The same log gives the same findings, whoever reads it. Safe for
/// several threads.
/// </summary>
/// <param name="rules">The rules.</param>
public sealed class AnomalyWatch(AnomalyRules rules)
{
    private const int MostRecipients = 1_000_000; // 100 MB; more are first seen each time
    private const int MostWindows = 100_000;
    private readonly HashSet<UInt128> recipients = [];
    private readonly Dictionary<UInt128, UInt128> ends = [];
    private readonly Dictionary<(string Wallet, string Asset), RecentAmounts> amounts = [];
    private readonly Dictionary<string, Queue<DateTimeOffset>> bursts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<DateTimeOffset>> refusals = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>What the rules find in a transaction that is about to be signed. Nothing is remembered of it.</summary>
    /// <param name="facts">What it does.</param>
    /// <param name="beside">How many others of its wallet are on their way and not yet learned.</param>
    public IReadOnlyList<Finding> Look(PaymentFacts facts, int beside = 0)
    {
        lock (gate)
        {
            var findings = new List<Finding>();
            foreach (var payment in facts.Payments.DistinctBy(payment => (payment.To, payment.Asset)))
            {
                LookAtRecipient(facts, payment, findings);
            }

            foreach (var (asset, sum) in Sums(facts))
            {
                LookAtAmount(facts, asset, sum, findings);
            }

            LookAtTime(facts, beside, findings);
            return findings;
        }
    }

    /// <summary>Remembers a transaction that is signed.</summary>
    public void Learn(PaymentFacts facts)
    {
        lock (gate)
        {
            foreach (var payment in facts.Payments)
            {
                LearnRecipient(facts.Chain, payment.To);
            }

            foreach (var (asset, sum) in Sums(facts))
            {
                LearnAmount(facts, asset, sum);
            }

            if (rules.Burst is { } burst && facts.Payments.Count > 0)
            {
                Take(bursts, facts.Wallet, facts.Time, burst, burst.Count);
            }
        }
    }

    /// <summary>Counts a refusal: by policy, approver, second reader or chain.</summary>
    /// <returns>A finding when it was one too many; they are counted anew then.</returns>
    public Finding? Refused(string chain, DateTimeOffset time)
    {
        lock (gate)
        {
            if (rules.Refusals is not { } rate)
            {
                return null;
            }

            var times = Take(refusals, chain, time, rate, rate.Count);
            if (times.Count < rate.Count)
            {
                return null;
            }

            times.Clear();
            return new(AnomalyRules.RefusalsName, Say($"{rate.Count} refusals on {chain} within {rate.Minutes} minutes"));
        }
    }

    private void LookAtRecipient(PaymentFacts facts, PaidTo payment, List<Finding> findings)
    {
        if (recipients.Contains(Print(facts.Chain, payment.To)))
        {
            return;
        }

        if (rules.FirstSeen)
        {
            findings.Add(new(AnomalyRules.FirstSeenName, $"{payment.To} was never paid before"));
        }

        if (rules.Alike is { } alike && AddressEnds.Of(payment.To, alike) is { } both
            && ends.TryGetValue(Print(facts.Chain, both), out var known) && known != Print(facts.Chain, Plain(payment.To)))
        {
            findings.Add(new(AnomalyRules.AlikeName, $"{payment.To} is not, and begins and ends like, an address that was paid before ({both})"));
        }
    }

    private void LookAtAmount(PaymentFacts facts, string asset, ExactSum sum, List<Finding> findings)
    {
        if (rules.Usual is { } usual && Median(facts, asset, usual) is { } median && sum.Exceeds(median, usual.Times))
        {
            findings.Add(new(AnomalyRules.UsualName, Say($"{sum} {asset} is more than {usual.Times} times the usual {median} of this wallet")));
        }

        if (rules.FeePercent is { } percent && facts.FeeAsset == asset && Times(facts.Fee, 100).Exceeds(sum, percent))
        {
            findings.Add(new(AnomalyRules.FeeName, Say($"the fee of {facts.Fee} {asset} is more than {percent} % of the {sum} that are paid")));
        }
    }

    private void LookAtTime(PaymentFacts facts, int beside, List<Finding> findings)
    {
        if (facts.Payments.Count == 0)
        {
            return;
        }

        if (rules.Hours?.Contain(facts.Time) is false)
        {
            findings.Add(new(AnomalyRules.HoursName, Say($"{facts.Time.UtcDateTime:ddd HH:mm} UTC is outside the usual hours")));
        }

        if (rules.Burst is { } burst && Recent(facts, burst) + beside + 1 > burst.Count)
        {
            findings.Add(new(AnomalyRules.BurstName, Say($"more than {burst.Count} payments of this wallet within {burst.Minutes} minutes")));
        }
    }

    private int Recent(PaymentFacts facts, EventRate burst) => bursts.TryGetValue(facts.Wallet, out var times)
        ? times.Count(time => facts.Time - time < TimeSpan.FromMinutes(burst.Minutes))
        : 0;

    private void LearnRecipient(string chain, string to)
    {
        if (recipients.Count >= MostRecipients)
        {
            return;
        }

        recipients.Add(Print(chain, to));
        if (rules.Alike is { } alike && AddressEnds.Of(to, alike) is { } both)
        {
            ends.TryAdd(Print(chain, both), Print(chain, Plain(to))); // whoever came first is the one that is imitated
        }
    }

    private void LearnAmount(PaymentFacts facts, string asset, ExactSum sum)
    {
        if (rules.Usual is null)
        {
            return;
        }

        if (!amounts.TryGetValue((facts.Wallet, asset), out var before))
        {
            if (amounts.Count >= MostWindows)
            {
                return;
            }

            amounts[(facts.Wallet, asset)] = before = new();
        }

        before.Add(facts.Time, sum);
    }

    private ExactSum? Median(PaymentFacts facts, string asset, AboveUsual usual)
    {
        if (!amounts.TryGetValue((facts.Wallet, asset), out var before))
        {
            return null;
        }

        before.KeepAfter(facts.Time - TimeSpan.FromDays(usual.Days));
        return before.Count >= usual.Least ? before.Middle : null;
    }

    /// <summary>Adds an event to those of a key within the time of a rate, at most so many.</summary>
    private static Queue<DateTimeOffset> Take(
        Dictionary<string, Queue<DateTimeOffset>> windows, string key, DateTimeOffset time, EventRate rate, int most)
    {
        if (!windows.TryGetValue(key, out var times))
        {
            if (windows.Count >= MostWindows)
            {
                windows.Clear();
            }

            windows[key] = times = [];
        }

        times.Enqueue(time);
        while (times.Count > most || time - times.Peek() >= TimeSpan.FromMinutes(rate.Minutes))
        {
            times.Dequeue();
        }

        return times;
    }

    private static IEnumerable<(string Asset, ExactSum Sum)> Sums(PaymentFacts facts) => facts.Payments
        .GroupBy(payment => payment.Asset, StringComparer.Ordinal)
        .Select(asset => (asset.Key, asset.Aggregate(default(ExactSum), (sum, payment) => sum + payment.Amount)));

    private static ExactSum Times(ExactSum number, int times) => number with { Mantissa = number.Mantissa * times };

    private static string Plain(string to) => to.Split('?')[0];

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static UInt128 Print(string chain, string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{chain}\n{text}"), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
