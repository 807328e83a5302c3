using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>
/// One JSON object read to the last member: every member is asked for by name and type, and <see cref="Done"/> refuses
/// the object if any was not. A member that is null counts as absent.
/// </summary>
public sealed class StrictObject
{
    private const int LongestName = 64;

    private readonly JsonProperty[] members; // a handful: looking through them beats hashing their names
    private readonly bool[] taken;
    private readonly string what;

    /// <summary>Starts reading.</summary>
    /// <param name="element">The object.</param>
    /// <param name="what">What it is, for messages: "the transaction", "input 3".</param>
    /// <exception cref="KmsException">It is not an object.</exception>
    public StrictObject(JsonElement element, string what)
    {
        this.what = what;
        if (element.ValueKind is not JsonValueKind.Object)
        {
            throw KmsException.Refused($"{what} is not a JSON object");
        }

        (members, taken) = (new JsonProperty[element.GetPropertyCount()], new bool[element.GetPropertyCount()]);
        var count = 0;
        foreach (var member in element.EnumerateObject())
        {
            members[count++] = member;
        }
    }

    /// <summary>Names of the members not taken yet, for objects used as tables.</summary>
    public IReadOnlyList<string> Names => [.. members.Where((_, at) => !taken[at]).Select(member => member.Name)];

    /// <summary>Whether a member is there, null included, and was not taken yet.</summary>
    public bool Has(string name) => Find(name) >= 0;

    /// <summary>The member as it is, or null when it is absent or null.</summary>
    public JsonElement? Optional(string name)
    {
        var at = Find(name);
        if (at < 0)
        {
            return null;
        }

        taken[at] = true;
        return members[at].Value.ValueKind is JsonValueKind.Null ? null : members[at].Value;
    }

    /// <summary>The member as it is.</summary>
    public JsonElement Required(string name) => Optional(name) ?? throw Bad(name, "is missing");

    /// <summary>A string member, or null.</summary>
    public string? OptionalString(string name) => Optional(name) is { } value ? AsString(value, name) : null;

    /// <summary>A string member.</summary>
    public string String(string name) => AsString(Required(name), name);

    /// <summary>A boolean member, or null.</summary>
    public bool? OptionalBool(string name) => Optional(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Bad(name, "is not true or false"),
    };

    /// <summary>An array member, or null.</summary>
    public IReadOnlyList<JsonElement>? OptionalArray(string name) => Optional(name) is not { } value
        ? null
        : value.ValueKind is JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Bad(name, "is not an array");

    /// <summary>An array member.</summary>
    public IReadOnlyList<JsonElement> Array(string name) => OptionalArray(name) ?? throw Bad(name, "is missing");

    /// <summary>An object member, or null.</summary>
    public StrictObject? OptionalObject(string name) =>
        Optional(name) is { } value ? new(value, $"{what}.{name}") : null;

    /// <summary>An object member.</summary>
    public StrictObject Object(string name) => OptionalObject(name) ?? throw Bad(name, "is missing");

    /// <summary>A JSON integer (no fraction, no exponent) within bounds, or null.</summary>
    public long? OptionalInteger(string name, long least, long most) =>
        Optional(name) is { } value ? AsInteger(value, name, least, most) : null;

    /// <summary>A JSON integer within bounds.</summary>
    public long Integer(string name, long least, long most) => AsInteger(Required(name), name, least, most);

    /// <summary>Refuses the object when a member was not asked for.</summary>
    public void Done()
    {
        for (var at = 0; at < members.Length; at++)
        {
            if (!taken[at] && members[at].Value.ValueKind is not JsonValueKind.Null)
            {
                throw Bad(members[at].Name, "is not a member that is known here");
            }
        }
    }

    /// <summary>An exception that names the member and shows nothing of its value.</summary>
    public KmsException Bad(string name, string why) => KmsException.Refused($"{what}: '{Shown(name)}' {why}");

    /// <summary>Exact integer text of a JSON number, or null when it has a fraction or an exponent.</summary>
    public static BigInteger? ExactInteger(JsonElement number)
    {
        if (number.TryGetInt64(out var small))
        {
            return small;
        }

        var text = number.GetRawText();
        return text.Any(character => !char.IsAsciiDigit(character) && character != '-') || text.Length > 100
            ? null
            : BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private int Find(string name)
    {
        Span<byte> utf8 = stackalloc byte[LongestName]; // compared as the document holds it, which costs half as much
        var isShort = Encoding.UTF8.TryGetBytes(name, utf8, out var length);
        for (var at = 0; at < members.Length; at++)
        {
            if (!taken[at] && (isShort ? members[at].NameEquals(utf8[..length]) : members[at].NameEquals(name)))
            {
                return at;
            }
        }

        return -1;
    }

    private static string Shown(string name) => name.Length > 40 ? name[..40] + "…" : name;

    private string AsString(JsonElement value, string name) => value.ValueKind is JsonValueKind.String
        ? value.GetString()!
        : throw Bad(name, "is not text");

    private long AsInteger(JsonElement value, string name, long least, long most) =>
        value.ValueKind is JsonValueKind.Number && ExactInteger(value) is { } exact && exact >= least && exact <= most
            ? (long)exact
            : throw Bad(name, $"is not a whole number from {least} to {most}");
}
