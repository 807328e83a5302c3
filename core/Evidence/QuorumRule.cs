using KmsCloud.Codecs;
using KmsCloud.Policy;

namespace KmsCloud.Evidence;

/// <summary>How many people must say yes to what. Null is "any".</summary>
/// <param name="Name">The name, unique in the file.</param>
/// <param name="Approvals">How many people.</param>
/// <param name="Groups">Of which groups.</param>
public sealed record QuorumRule(string Name, int Approvals, IReadOnlySet<string> Groups)
{
    /// <summary>Chain codes it is for.</summary>
    public IReadOnlySet<string>? Chains { get; init; }

    /// <summary>Signature ids it is for.</summary>
    public IReadOnlySet<string>? Wallets { get; init; }

    /// <summary>Kinds of transactions it is for.</summary>
    public IReadOnlySet<string>? Kinds { get; init; }

    /// <summary>Assets it is for, each with the most that a transaction pays of it; null for no bound.</summary>
    public IReadOnlyDictionary<string, ExactSum?>? Assets { get; init; }

    /// <summary>Who is paid.</summary>
    public PolicyRecipients? Recipients { get; init; }

    /// <summary>People who ask for these payments: their own yes does not count.</summary>
    public IReadOnlySet<string> Requesters { get; init; } = new HashSet<string>();

    /// <summary>Anomaly rules that must have looked and found nothing.</summary>
    public IReadOnlySet<string> Unless { get; init; } = new HashSet<string>();

    /// <summary>Whether it is for everything, decoded or not.</summary>
    internal bool IsForAnything => Chains is null && IsForAnythingOfItsChains;

    /// <summary>Whether it does not look at what a transaction does.</summary>
    internal bool IsForAnythingOfItsChains => Kinds is null && Assets is null && Recipients is null;

    /// <summary>Whether a person's yes counts under it.</summary>
    public bool Counts(Person person) => person.Groups.Overlaps(Groups) && !Requesters.Contains(person.Name);
}
