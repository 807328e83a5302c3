using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>What a cycle looks at.</summary>
/// <param name="Context">Network and bounds.</param>
public sealed record CycleOptions(SigningContext Context)
{
    private const ulong DefaultJump = 1000;

    /// <summary>Chains to poll.</summary>
    public IReadOnlyList<string> Chains { get; init; } = [.. ChainCatalog.All.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Signature ids to poll for, or empty for all.</summary>
    public IReadOnlySet<string> OnlyWallets { get; init; } = new HashSet<string>();

    /// <summary>Pending ids to process, or empty for all.</summary>
    public IReadOnlySet<string> OnlyTransactions { get; init; } = new HashSet<string>();

    /// <summary>Takes pending ids of other forms than the gateway's own (<see cref="PendingId"/>).</summary>
    public bool AnyIds { get; init; }

    /// <summary>
    /// Most numbers of an account that may be skipped between what was signed here and what the gateway counts.
    /// </summary>
    public ulong LargestJump { get; init; } = DefaultJump;

    /// <summary>
    /// Most transactions that an account may be said to have made when it signs here for the first time.
    /// </summary>
    public ulong LargestFirstCount { get; init; } = 100_000_000;

    /// <summary>
    /// How long an answer of the approver stands for the same question where nothing would be signed: zero asks in
    /// every cycle.
    /// </summary>
    public TimeSpan AskAgainAfter { get; init; }

    /// <summary>Longest time one transaction may take before it is left for the next cycle.</summary>
    public TimeSpan TransactionLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Transactions of one chain that are under way at once.</summary>
    public int SideBySide { get; init; } = 256; // so that many records share one flush of journal and audit

    /// <summary>Reads <c>KMS_LARGEST_SEQUENCE_JUMP</c>; null is the default.</summary>
    /// <exception cref="KmsException">It is no whole number.</exception>
    public static ulong ReadJump(string? setting)
    {
        if (setting is null)
        {
            return DefaultJump;
        }

        return ulong.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var jump)
            ? jump
            : throw new KmsException(Failure.Usage, "KMS_LARGEST_SEQUENCE_JUMP is not a whole number", "it is 1000 when not set");
    }
}
