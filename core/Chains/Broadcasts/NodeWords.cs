using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains;

/// <summary>
/// The node's own words inside a gateway's answer: out of JSON members, JSON inside text, hex (TRON's), and behind the
/// gateway's phrases.
/// </summary>
public static class NodeWords
{
    /// <summary>Most characters that are shown of what a node says.</summary>
    public const int Longest = 300;

    private const int Deepest = 4;
    private const int ShortestHex = 12;
    private const int LongestHex = 2048;

    private static readonly string[] Members = ["message", "error", "reason", "data", "cause", "details", "result_codes", "transaction", "operations", "code", "extras", "body"];

    private static readonly string[] Phrases =
    [
        "unable to broadcast transaction due to", "broadcast failed due to", "unable to broadcast transaction", "unable to broadcast", "unexpected error occurred. reason:", "transaction generation failed:",
    ];

    /// <summary>The words of an answer, one line without control characters; empty when it says nothing.</summary>
    public static string Of(NodeAnswer answer)
    {
        var words = new List<string>();
        if (answer.Json is { } json)
        {
            Collect(json, words, 0);
        }
        else
        {
            Add(answer.Body, words, Deepest);
        }

        return Printable.Line(string.Join("; ", words.Distinct(StringComparer.OrdinalIgnoreCase)), Longest).Trim();
    }

    /// <summary>
    /// A text as one line of at most <see cref="Longest"/> characters that no terminal acts upon, without what was
    /// sent.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="sent">The signed transaction, which is cut out where it is echoed.</param>
    public static string Shown(string text, string sent) =>
        Printable.Line(sent.Length > 16 ? text.Replace(sent, "…", StringComparison.OrdinalIgnoreCase) : text, Longest).Trim();

    /// <summary>
    /// Whether a word occurs, ending where letters and digits end; a star at its end stands for the rest of the word.
    /// </summary>
    public static bool Has(string text, string word)
    {
        var isOpen = word[^1] == '*';
        var plain = isOpen ? word[..^1] : word;
        for (var at = text.IndexOf(plain, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(plain, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + plain.Length;
            var begins = at == 0 || !char.IsLetterOrDigit(text[at - 1]) || !char.IsLetterOrDigit(plain[0]);
            var ends = isOpen || end == text.Length || !char.IsLetterOrDigit(text[end])
                || !char.IsLetterOrDigit(plain[^1]);
            if (begins && ends)
            {
                return true;
            }
        }

        return false;
    }

    private static void Collect(JsonElement json, List<string> words, int depth)
    {
        if (depth == Deepest)
        {
            return;
        }

        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                Add(json.GetString()!, words, depth);
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray().Take(8))
                {
                    Collect(item, words, depth + 1);
                }

                break;
            case JsonValueKind.Object:
                foreach (var name in Members)
                {
                    if (json.TryGetProperty(name, out var member))
                    {
                        Collect(member, words, depth + 1);
                    }
                }

                break;
        }
    }

    private static void Add(string text, List<string> words, int depth)
    {
        var plain = WithoutPhrases(text.Trim());
        if (depth < Deepest && plain is ['{' or '[', ..] && StrictJson.TryParse(plain, out var inner))
        {
            Collect(inner!.Value, words, depth + 1);
        }
        else if (plain.Length > 0)
        {
            words.Add(FromHex(plain) ?? plain);
        }
    }

    private static string WithoutPhrases(string text)
    {
        foreach (var phrase in Phrases)
        {
            if (text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase))
            {
                return WithoutPhrases(text[phrase.Length..].Trim(' ', ':'));
            }
        }

        return text;
    }

    private static string? FromHex(string text)
    {
        var digits = text.TrimEnd('.');
        if (digits.Length is < ShortestHex or > LongestHex || digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        var bytes = Convert.FromHexString(digits);
        return bytes.All(value => value is >= 0x20 and < 0x7f) ? Encoding.ASCII.GetString(bytes) : null;
    }
}
