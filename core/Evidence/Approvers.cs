using System.Diagnostics.CodeAnalysis;

namespace KmsCloud.Evidence;

/// <summary>An approvers file that was read: who may say yes with which keys, and how many must.</summary>
public sealed class Approvers
{
    private readonly Dictionary<string, (Person Person, Passkey Key)> keys;

    internal Approvers(
        string digest, IReadOnlyList<Person> people, IReadOnlyList<QuorumRule> rules, IReadOnlySet<string> origins)
    {
        Digest = digest;
        People = people;
        Rules = rules;
        Origins = origins;
        keys = people.SelectMany(person => person.Keys.Select(key => (Person: person, Key: key)))
            .ToDictionary(item => item.Key.Credential, StringComparer.Ordinal);
    }

    /// <summary>SHA-256 over the file, lower-case hex.</summary>
    public string Digest { get; }

    /// <summary>The people.</summary>
    public IReadOnlyList<Person> People { get; }

    /// <summary>The rules in their order: the first one that a transaction falls under decides.</summary>
    public IReadOnlyList<QuorumRule> Rules { get; }

    /// <summary>Web origins under which a key may be asked.</summary>
    public IReadOnlySet<string> Origins { get; }

    /// <summary>Whether keys are taken that their owner's account copies to other devices.</summary>
    public bool AllowsSynced { get; init; }

    /// <summary>Models of security keys that are taken.</summary>
    public required IReadOnlySet<Guid> Models { get; init; }

    /// <summary>Whose a key is.</summary>
    public bool TryFind(string credential, [NotNullWhen(true)] out Person? person, [NotNullWhen(true)] out Passkey? key)
    {
        (person, key) = keys.TryGetValue(credential, out var found) ? found : default;
        return key is not null;
    }
}
