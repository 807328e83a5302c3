using KmsCloud.Chains;
using KmsCloud.Codecs;

namespace KmsCloud.Policy;

/// <summary>What the policy says of a transaction.</summary>
/// <param name="Rule">The rule that allows it, or null.</param>
/// <param name="Reasons">Why not, rule by rule.</param>
/// <param name="MayPass">Not now, but a rule would allow it at another time: it stays pending.</param>
public sealed record PolicyVerdict(PolicyRule? Rule, IReadOnlyList<string> Reasons, bool MayPass)
{
    /// <summary>Whether it may be signed.</summary>
    public bool Allowed => Rule is not null;
}

/// <summary>What was already signed under a rule within an hour and a day.</summary>
/// <param name="Hour">In the last 60 minutes.</param>
/// <param name="Day">In the last 24 hours.</param>
public readonly record struct Used(ExactSum Hour, ExactSum Day);

/// <summary>Summary in, verdict out. The first rule that allows a transaction decides; none is no.</summary>
public static class PolicyCheck
{
    /// <summary>The verdict.</summary>
    /// <param name="rules">The policy.</param>
    /// <param name="summary">The decoded transaction.</param>
    /// <param name="wallets">Signature ids that would sign.</param>
    /// <param name="used">What was signed before under a rule, on a chain, of an asset.</param>
    /// <param name="now">The time.</param>
    /// <param name="filled">Whether everything is filled in: the fee must be known.</param>
    public static PolicyVerdict Verdict(
        IReadOnlyList<PolicyRule> rules, TransactionSummary summary, IReadOnlyList<string> wallets, Func<PolicyRule, string, Used> used, DateTimeOffset now, bool filled)
    {
        var reasons = new List<string>();
        var mayPass = false;
        foreach (var rule in rules.Where(rule => rule.Chains.Contains(summary.Chain) && (rule.Wallets is null || wallets.All(rule.Wallets.Contains))))
        {
            var forGood = Fixed(rule, summary, filled).Concat(Invalid(rule, summary, now)).ToList();
            var forNow = Passing(rule, summary, used, now).ToList();
            if (forGood.Count + forNow.Count == 0)
            {
                return new(rule, [], false);
            }

            mayPass |= forGood.Count == 0;
            reasons.AddRange(forGood.Concat(forNow).Select(reason => $"rule '{rule.Name}': {reason}"));
        }

        return new(null, reasons.Count > 0 ? reasons : [$"no rule of the policy is for this wallet on {summary.Chain}"], mayPass);
    }

    /// <summary>What a transaction pays to others, by asset as rules name it.</summary>
    public static IReadOnlyDictionary<string, ExactSum> Paid(TransactionSummary summary) => summary.Transfers.Where(transfer => !transfer.IsChange)
        .GroupBy(transfer => PolicyRule.Fold(transfer.Amount.Asset))
        .ToDictionary(asset => asset.Key, asset => asset.Aggregate(default(ExactSum), (sum, transfer) => sum + ExactSum.Read(transfer.Amount.Counted)));

    /// <summary>The same under one rule: the fee counts in the limits of the asset it is paid in, where the rule has one.</summary>
    public static IReadOnlyDictionary<string, ExactSum> Paid(TransactionSummary summary, PolicyRule rule)
    {
        var paid = new Dictionary<string, ExactSum>(Paid(summary));
        foreach (var (asset, fee) in Fees(summary).Where(fee => rule.Assets.ContainsKey(fee.Asset)))
        {
            paid[asset] = paid.GetValueOrDefault(asset) + fee;
        }

        return paid;
    }

    /// <summary>What counts in a rule's windows: what it pays, and under names of their own the fees that the rule bounds in sum.</summary>
    public static IReadOnlyDictionary<string, ExactSum> Charges(TransactionSummary summary, PolicyRule rule)
    {
        var charges = new Dictionary<string, ExactSum>(Paid(summary, rule));
        foreach (var (asset, fee) in Fees(summary).Where(fee => rule.HighestFee?.ContainsKey(fee.Asset) is true))
        {
            charges[FeesOf(asset)] = charges.GetValueOrDefault(FeesOf(asset)) + fee;
        }

        return charges;
    }

    /// <summary>Limits that are used to so many percent and more, in words.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="charges">What the transaction adds.</param>
    /// <param name="used">What was signed before under the rule, of an asset.</param>
    /// <param name="percent">What is nearly.</param>
    internal static IEnumerable<string> Near(
        PolicyRule rule, IReadOnlyDictionary<string, ExactSum> charges, Func<string, Used> used, int percent)
    {
        foreach (var (asset, amount) in charges)
        {
            if (LimitOf(rule, asset) is not { } limit)
            {
                continue;
            }

            var before = used(asset);
            foreach (var (bound, sum, window) in new[] { (limit.PerHour, before.Hour + amount, "hour"), (limit.PerDay, before.Day + amount, "day") })
            {
                if (bound is { } most && !(most with { Mantissa = most.Mantissa * percent }).Exceeds(sum, 100))
                {
                    yield return $"{sum} of the {most} {asset} that rule '{rule.Name}' allows per {window} are used with it";
                }
            }
        }
    }

    private static string FeesOf(string asset) => $"(fees) {asset}"; // no asset is called so

    private static IEnumerable<(string Asset, ExactSum Fee)> Fees(TransactionSummary summary) =>
        new[] { summary.Fee, summary.FeeOnTop }.OfType<Amount>().Select(fee => (PolicyRule.Fold(fee.Asset), ExactSum.Read(fee.Number)));

    private static IEnumerable<string> Invalid(PolicyRule rule, TransactionSummary summary, DateTimeOffset now)
    {
        if (!rule.RequireValid)
        {
            yield break;
        }

        if (summary.WhenExpired(now) is { } expired)
        {
            yield return $"{expired}, and no block can take it (requireValid): ask for it anew";
        }

        foreach (var broken in summary.BrokenRules)
        {
            yield return $"{broken} (requireValid)";
        }
    }

    private static IEnumerable<string> Fixed(PolicyRule rule, TransactionSummary summary, bool filled)
    {
        var payments = summary.Transfers.Where(transfer => !transfer.IsChange).ToList();
        if (!summary.Understood && !rule.BlindSigning)
        {
            yield return "part of it cannot be decoded, and the rule does not allow blind signing";
        }

        if (rule.Kinds is not null ? !rule.Kinds.Contains(summary.Kind) : payments.Count == 0 && summary.Method is null)
        {
            yield return $"the kind '{summary.Kind}' is not among its kinds";
        }

        foreach (var payee in summary.Payees.Where(payee => rule.Recipients?.Allow(payee) is false))
        {
            yield return $"{(payee.Tag is { } tag ? $"{payee.To}?{tag}" : payee.To)} is not among its recipients";
        }

        if ((summary.Method ?? summary.Contract) is { } method && !MayCall(rule, summary))
        {
            yield return $"{method} {(summary.Contract is null ? "" : $"of {summary.Contract} ")}is not among its methods";
        }

        if (payments.Any(payment => ExactSum.TryRead(payment.Amount.Counted) is null))
        {
            yield return "it pays an amount that cannot be counted";
        }

        foreach (var (asset, paid) in Paid(summary, rule))
        {
            if (!rule.Assets.TryGetValue(asset, out var limit))
            {
                yield return $"{asset} is not among its assets";
            }
            else if (new[] { limit.PerTransaction, limit.PerHour, limit.PerDay }.Any(most => most is { } bound && paid.Exceeds(bound, 1)))
            {
                yield return $"{paid} {asset} is more than it allows at once";
            }
        }

        if (rule.RequireVerifiedFee && filled && !summary.FeeVerified)
        {
            yield return "the amounts of its inputs are not proved, so that a larger fee may be hidden (requireVerifiedFee): the previous transactions prove them";
        }

        var cost = Cost(summary);
        if (rule.HighestFee is not null && (cost is not null || filled) && !MayCost(rule.HighestFee, cost))
        {
            yield return cost is null ? "the fee is not known" : $"the fee {cost} is more than it allows";
        }
    }

    /// <summary>All that one transaction can cost: the fee it names, and what the network may take beyond it.</summary>
    private static Amount? Cost(TransactionSummary summary) => summary switch
    {
        { Fee: { } fee, FeeOnTop: { } more } when fee.Asset == more.Asset => fee with { Units = fee.Units + more.Units },
        _ => summary.Fee ?? summary.FeeOnTop,
    };

    /// <summary>What one fee alone breaks, breaks it at any time: it waits for nothing.</summary>
    private static bool MayCost(IReadOnlyDictionary<string, AssetLimit> highest, Amount? cost) =>
        cost is { } known && highest.TryGetValue(PolicyRule.Fold(known.Asset), out var limit)
        && !new[] { limit.PerTransaction, limit.PerHour, limit.PerDay }
            .Any(most => most is { } bound && ExactSum.Read(known.Number).Exceeds(bound, 1));

    private static bool MayCall(PolicyRule rule, TransactionSummary summary) =>
        new[] { PolicyRule.Fold(summary.Contract ?? PolicyRule.Any), PolicyRule.Any }
            .Any(contract => rule.Methods.TryGetValue(contract, out var methods)
                && (methods.Contains(PolicyRule.Any) || (summary.Method is not null && methods.Contains(PolicyRule.Fold(summary.Method)))));

    private static IEnumerable<string> Passing(PolicyRule rule, TransactionSummary summary, Func<PolicyRule, string, Used> used, DateTimeOffset now)
    {
        if (rule.Hours?.Contain(now) is false)
        {
            yield return "it is outside its hours";
        }

        foreach (var (asset, paid) in Charges(summary, rule))
        {
            if (LimitOf(rule, asset) is { } limit && (limit.PerHour ?? limit.PerDay) is not null)
            {
                var before = used(rule, asset);
                if (limit.PerHour is { } hour && (before.Hour + paid).Exceeds(hour, 1))
                {
                    yield return $"{paid} {asset} would make more than its {hour} per hour ({before.Hour} are used)";
                }

                if (limit.PerDay is { } day && (before.Day + paid).Exceeds(day, 1))
                {
                    yield return $"{paid} {asset} would make more than its {day} per day ({before.Day} are used)";
                }
            }
        }
    }

    private static AssetLimit? LimitOf(PolicyRule rule, string charged) => rule.Assets.GetValueOrDefault(charged)
        ?? rule.HighestFee?.FirstOrDefault(fee => FeesOf(fee.Key) == charged).Value;
}
