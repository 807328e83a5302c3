using KmsCloud.Codecs;

namespace KmsCloud.Policy;

/// <summary>Most of one asset; a missing bound is none.</summary>
/// <param name="PerTransaction">In one transaction.</param>
/// <param name="PerHour">In any 60 minutes.</param>
/// <param name="PerDay">In any 24 hours.</param>
public sealed record AssetLimit(ExactSum? PerTransaction, ExactSum? PerHour, ExactSum? PerDay);

/// <summary>When a rule allows anything, in UTC.</summary>
/// <param name="Days">Days of the week on which the span begins.</param>
/// <param name="From">First minute.</param>
/// <param name="To">First minute behind it; earlier than <paramref name="From"/> it is on the next day.</param>
public sealed record AllowedHours(IReadOnlySet<DayOfWeek> Days, TimeOnly From, TimeOnly To)
{
    /// <summary>Whether an instant is inside.</summary>
    public bool Contain(DateTimeOffset instant)
    {
        var (day, time) = (instant.UtcDateTime.DayOfWeek, TimeOnly.FromDateTime(instant.UtcDateTime));
        var yesterday = (DayOfWeek)(((int)day + 6) % 7);
        return From < To
            ? Days.Contains(day) && time >= From && time < To
            : (Days.Contains(day) && time >= From) || (Days.Contains(yesterday) && time < To);
    }
}

/// <summary>What one rule of the policy allows. What it does not name it does not allow.</summary>
public sealed record PolicyRule
{
    /// <summary>The word for "all of them" in lists.</summary>
    public const string Any = "any";

    /// <summary>Unique name; counters are kept under it.</summary>
    public required string Name { get; init; }

    /// <summary>Chain codes it is for.</summary>
    public required IReadOnlySet<string> Chains { get; init; }

    /// <summary>Signature ids it is for; null for all.</summary>
    public IReadOnlySet<string>? Wallets { get; init; }

    /// <summary>Who may be paid; null for anybody.</summary>
    public PolicyRecipients? Recipients { get; init; }

    /// <summary>Assets that may be paid, with their limits.</summary>
    public required IReadOnlyDictionary<string, AssetLimit> Assets { get; init; }

    /// <summary>Methods that may be called, by contract; under <see cref="Any"/> those of any contract or of none.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Methods { get; init; } = new Dictionary<string, IReadOnlySet<string>>();

    /// <summary>Kinds of transactions allowed; null for every kind that pays somebody or calls a method.</summary>
    public IReadOnlySet<string>? Kinds { get; init; }

    /// <summary>Highest fee by fee asset, of one transaction and in sum; null for no bound here.</summary>
    public IReadOnlyDictionary<string, AssetLimit>? HighestFee { get; init; }

    /// <summary>When; null for always.</summary>
    public AllowedHours? Hours { get; init; }

    /// <summary>Whether a transaction that cannot be decoded wholly may be signed.</summary>
    public bool BlindSigning { get; init; }

    /// <summary>Whether the amounts of a Bitcoin family transaction's inputs, and so its fee, must be proved.</summary>
    public bool RequireVerifiedFee { get; init; } = true;

    /// <summary>Whether what no node can take is refused: it expired, or breaks a rule of the network.</summary>
    public bool RequireValid { get; init; } = true;

    /// <summary>An address or asset as it is compared: hex addresses without regard to case, everything else to the letter.</summary>
    public static string Fold(string text) =>
        text.Length > 2 && text[0] == '0' && text[1] is ('x' or 'X') && text.Skip(2).All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : text;
}
