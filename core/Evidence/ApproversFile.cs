using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Anomalies;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Policy;

namespace KmsCloud.Evidence;

/// <summary>
/// Reads an approvers file (docs/four-eye.md) strictly: what is not understood makes the whole file invalid.
/// </summary>
public static class ApproversFile
{
    private const int LargestFile = 4 * 1024 * 1024;
    private const int MostPeople = 500;
    private const int MostKeys = 10; // of one person
    private const int MostRules = 500;
    private const int MostWords = 10_000; // of one list
    private const int LongestWord = 200;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="open">Opens it, such as only where nobody else could have written it.</param>
    /// <exception cref="KmsException"><see cref="Failure.Usage"/>: it cannot be read, is not opened, or is no such
    /// file.</exception>
    public static Approvers Load(string path, Func<string, FileStream> open)
    {
        try
        {
            using var file = open(path);
            if (file.Length > LargestFile)
            {
                throw KmsException.Refused("it is larger than 4 MiB");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return Read(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.Usage, $"the approvers file '{path}' cannot be read", "check its name and its mode", error);
        }
        catch (KmsException error) when (error.Failure is not Failure.Usage)
        {
            throw new KmsException(
                Failure.Usage,
                $"the approvers file '{path}' is not valid: {error.Message}",
                "docs/four-eye.md has the form",
                error);
        }
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="KmsException">They are none.</exception>
    public static Approvers Read(ReadOnlyMemory<byte> utf8)
    {
        var json = new StrictObject(StrictJson.Parse(utf8, "the file"), "the file");
        json.OptionalString("$schema");
        json.Integer("version", 1, 1);
        var given = json.OptionalArray("models");
        IReadOnlySet<Guid> models = given is null ? SecurityKeyModels.Default : Models(given);
        var origins = Words(json.Array("origins"), json, "origins", Origin);
        var allowsSynced = json.OptionalBool("synced") ?? false;
        var people = Each(json.Array("people"), MostPeople, "person", Person);
        var rules = Each(json.Array("rules"), MostRules, "rule", Rule);
        json.Done();
        RequireApart(people);
        RequireModels(people, models);
        foreach (var rule in rules)
        {
            RequirePossible(rule, people);
        }

        RequireOnce(rules.Select(rule => rule.Name), "two rules are called");
        return new(Hex.Lower(SHA256.HashData(utf8.Span)), people, rules, origins)
        {
            AllowsSynced = allowsSynced,
            Models = models,
        };
    }

    private static List<T> Each<T>(IReadOnlyList<JsonElement> items, int most, string what, Func<StrictObject, T> read)
    {
        if (items.Count is 0 || items.Count > most)
        {
            throw KmsException.Refused(string.Create(
                CultureInfo.InvariantCulture, $"a list of 1 to {most} has {items.Count} entries: each is a {what}"));
        }

        var list = new List<T>();
        foreach (var (at, item) in items.Index())
        {
            var json = new StrictObject(item, string.Create(CultureInfo.InvariantCulture, $"{what} {at + 1}"));
            list.Add(read(json));
            json.Done();
        }

        return list;
    }

    private static Person Person(StrictObject json) => new(
        Word(json.String("name"), json, "name"),
        Words(json.Array("groups"), json, "groups", Word),
        Each(json.Array("keys"), MostKeys, "key", Key));

    private static Passkey Key(StrictObject json) => new(
        Base64UrlText.Read(json, "credential", Passkey.ShortestCredential, Passkey.LongestCredential),
        Base64UrlText.Read(json, "publicKey", Passkey.PublicKeySize, Passkey.PublicKeySize))
    {
        Model = Model(json.String("aaguid")),
        RelyingParty = Host(json),
        Added = Time(json),
    };

    private static string Host(StrictObject json)
    {
        var host = json.String("rpId");
        return Uri.CheckHostName(host) is UriHostNameType.Dns && !host.Any(char.IsAsciiLetterUpper)
            ? host
            : throw json.Bad("rpId", "is not a host name in lower case, without scheme and port");
    }

    private static DateTimeOffset Time(StrictObject json) =>
        DateTimeOffset.TryParseExact(
            json.String("added"),
            "yyyy-MM-dd'T'HH:mm:ss'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var added)
            ? added
            : throw json.Bad("added", "is not a time like 2026-11-28T08:00:00Z");

    private static HashSet<Guid> Models(IReadOnlyList<JsonElement> list) =>
        [.. list.Select(item => item.ValueKind is JsonValueKind.String ? Model(item.GetString()!) : throw BadModel())];

    private static Guid Model(string text) =>
        Guid.TryParseExact(text, "D", out var model) && model.ToString() == text ? model : throw BadModel();

    private static KmsException BadModel() => KmsException.Refused("an AAGUID is not a UUID in lower case");

    private static QuorumRule Rule(StrictObject json) => new(
        Word(json.String("name"), json, "name"),
        (int)json.Integer("approvals", 1, ApprovalEvidence.MostDecisions),
        Words(json.Array("groups"), json, "groups", Word))
    {
        Chains = AnyOrWords(json, "chains")?.Select(chain => ChainCatalog.Get(chain).Info.Code)
            .ToHashSet(StringComparer.Ordinal),
        Wallets = json.OptionalArray("wallets") is { } wallets ? Words(wallets, json, "wallets", Word) : null,
        Kinds = AnyOrWords(json, "kinds"),
        Recipients = AnyOrWords(json, "recipients") is { } recipients ? new PolicyRecipients(recipients) : null,
        Assets = Assets(json),
        Unless = json.OptionalArray("unless") is { } unless
            ? Words(unless, json, "unless", AnomalyRule)
            : new HashSet<string>(),
        Requesters = json.OptionalArray("requesters") is { } requesters
            ? Words(requesters, json, "requesters", Word)
            : new HashSet<string>(),
    };

    private static string AnomalyRule(string name, StrictObject json, string member)
    {
        if (!AnomalyRules.Names.Contains(name))
        {
            throw json.Bad(member, $"holds something other than {string.Join(' ', AnomalyRules.Names)}");
        }

        return name;
    }

    private static Dictionary<string, ExactSum?>? Assets(StrictObject json)
    {
        var value = json.Required("assets");
        if (IsAny(value))
        {
            return null;
        }

        var table = new StrictObject(value, "assets");
        var assets = new Dictionary<string, ExactSum?>(StringComparer.Ordinal);
        foreach (var name in table.Names)
        {
            var bound = table.String(name);
            var most = bound == PolicyRule.Any
                ? (ExactSum?)null
                : ExactSum.TryRead(bound)
                    ?? throw table.Bad(name, "is neither \"any\" nor a decimal number in quotes, such as \"0.5\"");
            if (!assets.TryAdd(PolicyRule.Fold(name), most))
            {
                throw json.Bad("assets", "names one thing twice");
            }
        }

        return assets;
    }

    private static HashSet<string>? AnyOrWords(StrictObject json, string name)
    {
        var value = json.Required(name);
        if (IsAny(value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.Array
            ? Words([.. value.EnumerateArray()], json, name, Word)
            : throw json.Bad(name, "is neither a list nor \"any\"");
    }

    private static bool IsAny(JsonElement value) =>
        value.ValueKind is JsonValueKind.String && value.GetString() == PolicyRule.Any;

    private static HashSet<string> Words(
        IReadOnlyList<JsonElement> list,
        StrictObject json,
        string name,
        Func<string, StrictObject, string, string> check)
    {
        if (list.Count is 0 or > MostWords || list.Any(item => item.ValueKind is not JsonValueKind.String))
        {
            throw json.Bad(name, $"is not a list of 1 to {MostWords} texts");
        }

        return list.Select(item => check(item.GetString()!, json, name)).ToHashSet(StringComparer.Ordinal);
    }

    private static string Word(string text, StrictObject json, string name) =>
        text.Length is > 0 and <= LongestWord && text.Trim() == text && Printable.IsLine(text)
            ? text
            : throw json.Bad(name, $"holds something other than printable text of 1 to {LongestWord} characters");

    /// <summary>An origin as browsers write it: no path, no standard port, https unless it is this machine.</summary>
    private static string Origin(string text, StrictObject json, string name)
    {
        var isOrigin = Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.GetLeftPart(UriPartial.Authority) == text
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.Host == "localhost"));
        return isOrigin
            ? text
            : throw json.Bad(
                name, "holds something other than https://host, https://host:port or http://localhost:port");
    }

    /// <summary>A key that two people have, or one that is written twice, would let one person count as two.</summary>
    private static void RequireApart(List<Person> people)
    {
        var keys = people.SelectMany(person => person.Keys).ToList();
        RequireOnce(people.Select(person => person.Name), "two people are called");
        RequireOnce(keys.Select(key => key.Credential), "two keys have the credential", StringComparer.Ordinal);
        var points = keys.Select(key => Base64UrlText.Of(key.PublicKey));
        RequireOnce(points, "two keys have the public key", StringComparer.Ordinal);
    }

    /// <summary>Names that differ by case alone are one name to whoever reads them.</summary>
    private static void RequireOnce(IEnumerable<string> names, string what, StringComparer? comparer = null)
    {
        var seen = new HashSet<string>(comparer ?? StringComparer.OrdinalIgnoreCase);
        if (names.FirstOrDefault(name => !seen.Add(name)) is { } twice)
        {
            throw KmsException.Refused($"{what} '{twice}'");
        }
    }

    private static void RequireModels(List<Person> people, IReadOnlySet<Guid> models)
    {
        foreach (var (person, key) in people.SelectMany(person => person.Keys.Select(key => (person, key))))
        {
            if (!models.Contains(key.Model))
            {
                throw KmsException.Refused(
                    $"a key of '{person.Name}' is of the model {key.Model}, which is not among 'models'");
            }
        }
    }

    /// <summary>What nobody can fulfil is a mistake of whoever wrote the file.</summary>
    private static void RequirePossible(QuorumRule rule, List<Person> people)
    {
        var able = people.Count(rule.Counts);
        if (able < rule.Approvals)
        {
            throw KmsException.Refused(string.Create(
                CultureInfo.InvariantCulture,
                $"rule '{rule.Name}' needs {rule.Approvals} people, and {able} may count for it"));
        }

        if (rule.Requesters.FirstOrDefault(name => !people.Exists(person => person.Name == name)) is { } stranger)
        {
            throw KmsException.Refused($"rule '{rule.Name}': the requester '{stranger}' is none of the people");
        }

        var groups = people.SelectMany(person => person.Groups).ToHashSet(StringComparer.Ordinal);
        if (rule.Groups.FirstOrDefault(group => !groups.Contains(group)) is { } empty)
        {
            throw KmsException.Refused($"rule '{rule.Name}': nobody is in the group '{empty}'");
        }
    }
}
