using KmsCloud.Policy;

namespace KmsCloud.Anomalies;

/// <summary>An amount far above what a wallet usually pays of an asset.</summary>
/// <param name="Times">More than so many times the median.</param>
/// <param name="Days">Of the payments of so many days.</param>
/// <param name="Least">Where there were at least so many.</param>
public sealed record AboveUsual(int Times, int Days, int Least);

/// <summary>So many events within so many minutes.</summary>
/// <param name="Count">How many are too many.</param>
/// <param name="Minutes">Within which time.</param>
public sealed record EventRate(int Count, int Minutes);

/// <summary>How many characters of two addresses must be alike for one to pass for the other at a glance.</summary>
/// <param name="First">At the beginning, behind what all addresses of the chain begin with.</param>
/// <param name="Last">At the end.</param>
public sealed record AlikeEnds(int First, int Last);

/// <summary>Which payments somebody should look at (docs/anomalies.md). A rule that is null is off.</summary>
public sealed record AnomalyRules
{
    /// <summary>Rule names, as in files, metrics and alerts.</summary>
    public const string UsualName = "above-usual", FirstSeenName = "first-seen", BurstName = "burst", HoursName = "outside-hours",
        FeeName = "fee-share", RefusalsName = "refusals", LimitName = "near-limit", AlikeName = "lookalike";

    /// <summary>The decision of an audit line that says what a rule found.</summary>
    public const string Decision = "anomaly";

    /// <summary>What holds where no file says otherwise: all but the hours, which differ from house to house.</summary>
    public static AnomalyRules Default { get; } = new()
    {
        Usual = new(10, 30, 5),
        FirstSeen = true,
        Burst = new(20, 10),
        FeePercent = 20,
        Refusals = new(5, 60),
        LimitPercent = 90,
        Alike = new(4, 4),
    };

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [UsualName, FirstSeenName, BurstName, HoursName, FeeName, RefusalsName, LimitName, AlikeName];

    /// <summary>Whether a rule is on.</summary>
    public bool IsOn(string name) => name switch
    {
        UsualName => Usual is not null,
        FirstSeenName => FirstSeen,
        BurstName => Burst is not null,
        HoursName => Hours is not null,
        FeeName => FeePercent is not null,
        RefusalsName => Refusals is not null,
        LimitName => LimitPercent is not null,
        AlikeName => Alike is not null,
        _ => false,
    };

    /// <summary>Amounts far above a wallet's usual.</summary>
    public AboveUsual? Usual { get; init; }

    /// <summary>Recipients that these books never paid on the chain.</summary>
    public bool FirstSeen { get; init; }

    /// <summary>Many payments of one wallet in a short time.</summary>
    public EventRate? Burst { get; init; }

    /// <summary>When payments are usual; what is signed at another time is a finding.</summary>
    public AllowedHours? Hours { get; init; }

    /// <summary>A fee above so many percent of what is paid in the same asset.</summary>
    public int? FeePercent { get; init; }

    /// <summary>Many refusals on one chain in a short time.</summary>
    public EventRate? Refusals { get; init; }

    /// <summary>A limit of the policy used to so many percent.</summary>
    public int? LimitPercent { get; init; }

    /// <summary>A recipient never paid before that looks like one that was.</summary>
    public AlikeEnds? Alike { get; init; }
}
