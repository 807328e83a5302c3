using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Policy;

/// <summary>
/// Reads a policy file (docs/policy.md, docs/policy.schema.json) strictly: what is not understood makes the whole file
/// invalid.
/// </summary>
public static class PolicyFile
{
    private const int LargestFile = 16 * 1024 * 1024;
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="KmsException"><see cref="Failure.Usage"/>: it cannot be read or is no policy.</exception>
    public static IReadOnlyList<PolicyRule> Load(string path) => Load(path, File.OpenRead);

    /// <summary>
    /// Reads a file that is opened in another way, such as only where nobody else could have written it.
    /// </summary>
    /// <exception cref="KmsException">
    /// <see cref="Failure.Usage"/>: it cannot be read, is no policy, or is not opened.
    /// </exception>
    public static IReadOnlyList<PolicyRule> Load(string path, Func<string, FileStream> open)
    {
        try
        {
            using var file = open(path);
            if (file.Length > LargestFile)
            {
                throw KmsException.Refused("it is larger than 16 MiB");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return Read(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.Usage, $"the policy '{path}' cannot be read", "check its name and its mode", error);
        }
        catch (KmsException error) when (error.Failure is not Failure.Usage)
        {
            throw new KmsException(
                Failure.Usage,
                $"the policy '{path}' is not valid: {error.Message}",
                "see: kms policy schema",
                error);
        }
    }

    /// <summary>Reads the bytes of a file.</summary>
    public static IReadOnlyList<PolicyRule> Read(ReadOnlyMemory<byte> utf8)
    {
        var parsed = StrictJson.Parse(utf8, "the policy");
        RefuseNull(parsed, "the policy");
        var json = new StrictObject(parsed, "the policy");
        json.OptionalString("$schema");
        json.Integer("version", 1, 1);
        var verifiedFee = json.OptionalBool("requireVerifiedFee") ?? true;
        var valid = json.OptionalBool("requireValid") ?? true;
        var rules = json.Array("rules").Select((rule, i) => Rule(new(rule, $"rule {i + 1}"), verifiedFee, valid)).ToList();
        json.Done();
        if (rules.GroupBy(rule => rule.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw KmsException.Refused($"two rules are called '{twice.Key}'");
        }

        return rules;
    }

    /// <summary>
    /// A null is mostly a template whose variable was not set: taken as "no limit" it would allow anything.
    /// </summary>
    private static void RefuseNull(JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null:
                throw KmsException.Refused($"{path} is null; leave the member out where no bound is meant");
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    RefuseNull(member.Value, $"{path}: {member.Name}");
                }

                break;
            case JsonValueKind.Array:
                foreach (var (at, item) in element.EnumerateArray().Index())
                {
                    RefuseNull(item, $"{path}: element {at + 1}");
                }

                break;
        }
    }

    private static PolicyRule Rule(StrictObject json, bool verifiedFee, bool valid)
    {
        var rule = new PolicyRule
        {
            Name = Name(json),
            Chains = Chains(json),
            Wallets = Texts(json, "wallets"),
            Recipients = Recipients(json),
            Assets = Members(json.Object("assets"), json.Bad("assets", "names one thing twice"), Limit),
            Methods = Methods(json),
            Kinds = Texts(json, "kinds"),
            HighestFee = HighestFee(json),
            Hours = json.OptionalObject("hours") is { } hours ? Hours(hours) : null,
            BlindSigning = json.OptionalBool("blindSigning") ?? false,
            RequireVerifiedFee = json.OptionalBool("requireVerifiedFee") ?? verifiedFee,
            RequireValid = json.OptionalBool("requireValid") ?? valid,
        };
        json.Done();
        return rule;
    }

    private static string Name(StrictObject json)
    {
        if (json.String("name") is not { Length: > 0 and <= 100 } name)
        {
            throw json.Bad("name", "is not a name of 1 to 100 characters");
        }

        return name;
    }

    private static HashSet<string> Chains(StrictObject json) =>
        Set(json.Array("chains"), json, "chains").Select(chain => ChainCatalog.Get(chain).Info.Code).ToHashSet();

    private static Dictionary<string, IReadOnlySet<string>> Methods(StrictObject json)
    {
        if (json.OptionalObject("methods") is not { } methods)
        {
            return [];
        }

        var twice = json.Bad("methods", "names one thing twice");
        return Members(methods, twice, (list, at) => (IReadOnlySet<string>)Folded(list, at, "methods"));
    }

    private static Dictionary<string, AssetLimit>? HighestFee(StrictObject json)
    {
        if (json.OptionalObject("highestFee") is not { } fees)
        {
            return null;
        }

        var twice = json.Bad("highestFee", "names one thing twice");
        return Members(fees, twice, FeeLimit);

        static AssetLimit FeeLimit(JsonElement fee, StrictObject at) => fee.ValueKind is JsonValueKind.Object
            ? Limit(fee, at)
            : new(Number(fee, at, "highestFee"), null, null);
    }

    private static PolicyRecipients? Recipients(StrictObject json)
    {
        var value = json.Required("recipients");
        if (value.ValueKind is not JsonValueKind.String)
        {
            return new(Ascii(Folded(value, json, "recipients"), json));
        }

        if (value.GetString() != PolicyRule.Any)
        {
            throw json.Bad("recipients", "is neither a list nor \"any\"");
        }

        return null;
    }

    /// <summary>Every chain's addresses are ASCII: another letter in one only looks like the right one.</summary>
    private static HashSet<string> Ascii(HashSet<string> recipients, StrictObject json)
    {
        if (recipients.FirstOrDefault(text => !IsAscii(text)) is { } odd)
        {
            var shown = NodeWords.Shown(odd, "");
            throw json.Bad("recipients", $"holds '{shown}', in which a character is none of an address");
        }

        return recipients;
    }

    private static bool IsAscii(string text) =>
        text.Length > 0 && text.All(character => character is > ' ' and < '\u007f');

    private static AssetLimit Limit(JsonElement element, StrictObject at)
    {
        var json = new StrictObject(element, "a limit");
        var limit = new AssetLimit(Bound("perTransaction"), Bound("perHour"), Bound("perDay"));
        json.Done();
        return limit;

        ExactSum? Bound(string name) => json.Optional(name) is { } value ? Number(value, json, name) : null;
    }

    private static ExactSum Number(JsonElement value, StrictObject at, string name)
    {
        if (value.ValueKind is not JsonValueKind.String || ExactSum.TryRead(value.GetString()!) is not { } number)
        {
            throw at.Bad(name, "is not a decimal number in quotes, such as \"0.5\"");
        }

        return number;
    }

    private static AllowedHours Hours(StrictObject json)
    {
        var days = Texts(json, "days") ?? DayNames.ToHashSet();
        var hours = new AllowedHours(days.Select(Day).ToHashSet(), Time("from"), Time("to"));
        json.Done();
        if (hours.From == hours.To)
        {
            throw json.Bad("to", "is the same as 'from'; leave hours out for the whole day");
        }

        return hours;

        DayOfWeek Day(string name)
        {
            var day = Array.IndexOf(DayNames, name);
            if (day < 0)
            {
                throw json.Bad("days", "holds something other than mon tue wed thu fri sat sun");
            }

            return (DayOfWeek)day;
        }

        TimeOnly Time(string name)
        {
            var text = json.String(name);
            if (!TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            {
                throw json.Bad(name, "is not a time like 08:00");
            }

            return time;
        }
    }

    private static HashSet<string>? Texts(StrictObject json, string name) =>
        json.OptionalArray(name) is { } list ? Set(list, json, name) : null;

    private static HashSet<string> Folded(JsonElement list, StrictObject json, string name)
    {
        if (list.ValueKind is not JsonValueKind.Array)
        {
            throw json.Bad(name, "is not a list");
        }

        return Set([.. list.EnumerateArray()], json, name).Select(PolicyRule.Fold).ToHashSet(StringComparer.Ordinal);
    }

    private static HashSet<string> Set(IReadOnlyList<JsonElement> list, StrictObject json, string name)
    {
        if (list.Any(item => item.ValueKind is not JsonValueKind.String))
        {
            throw json.Bad(name, "holds something other than text");
        }

        return list.Select(item => item.GetString()!).ToHashSet(StringComparer.Ordinal);
    }

    private static Dictionary<string, T> Members<T>(
        StrictObject json, KmsException bad, Func<JsonElement, StrictObject, T> read)
    {
        var members = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var name in json.Names)
        {
            if (!members.TryAdd(PolicyRule.Fold(name), read(json.Required(name), json)))
            {
                throw bad;
            }
        }

        return members;
    }
}
