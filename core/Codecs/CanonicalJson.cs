using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>
/// One spelling of a JSON value, so that two programs hash the same bytes: RFC 8785 (no white space, members in the
/// order of their UTF-16 names, only the escapes it demands). A number that RFC 8785 would spell in another way is
/// refused, never changed.
/// </summary>
public static class CanonicalJson
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. "\"\\", .. Enumerable.Range(0, ' ').Select(code => (char)code)]);

    /// <summary>The canonical UTF-8 bytes of a value that <see cref="StrictJson"/> read.</summary>
    /// <exception cref="KmsException">A number is not in its RFC 8785 spelling.</exception>
    public static byte[] Bytes(JsonElement value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var between = '{';
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    text.Append(between);
                    WriteText(text, member.Name);
                    text.Append(':');
                    Write(text, member.Value);
                    between = ',';
                }

                text.Append(between == '{' ? "{}" : "}");
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var (i, item) in value.EnumerateArray().Index())
                {
                    text.Append(i == 0 ? "" : ",");
                    Write(text, item);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteText(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string Number(string raw)
    {
        if (!EcmaNumber.IsOwnSpelling(raw))
        {
            throw KmsException.Refused(
                $"the number {Printable.Line(raw, 40)} is not as RFC 8785 spells it, so readers would not agree on it", "send it as text, or as JavaScript's JSON.stringify writes it");
        }

        return raw;
    }

    /// <summary>Refuses a value whose canonical form is not plain RFC 8785.</summary>
    /// <exception cref="KmsException">A number is not in its RFC 8785 spelling.</exception>
    public static void RequireOwnNumbers(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    RequireOwnNumbers(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    RequireOwnNumbers(item);
                }

                break;
            case JsonValueKind.Number:
                Number(value.GetRawText());
                break;
        }
    }

    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        var rest = value.AsSpan();
        for (int at; (at = rest.IndexOfAny(Escaped)) >= 0; rest = rest[(at + 1)..])
        {
            text.Append(rest[..at]);
            text.Append(rest[at] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                var control => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)control:x4}"),
            });
        }

        text.Append(rest);
        text.Append('"');
    }
}
