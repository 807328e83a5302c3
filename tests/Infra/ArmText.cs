using System.Globalization;
using System.Text;

namespace KmsCloud.Tests.Infra;

/// <summary>Texts of a template that hold expressions of Azure Resource Manager: format, join, createArray and concat are carried out, and what only Azure knows is a name in angle quotes.</summary>
internal static class ArmText
{
    /// <summary>The text; one that is no expression is itself.</summary>
    public static string Of(string text)
    {
        if (text is not ['[', .., ']'] || text.StartsWith("[[", StringComparison.Ordinal))
        {
            return text;
        }

        var at = 0;
        return Joined(Value(text[1..^1], ref at));
    }

    private static string Joined(object value) => value as string ?? string.Join(",", (List<object>)value);

    private static object Value(string text, ref int at)
    {
        Skip(text, ref at);
        if (text[at] == '\'')
        {
            return Literal(text, ref at);
        }

        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-'))
        {
            at++;
        }

        var name = text[start..at];
        var value = at < text.Length && text[at] == '(' ? Call(name, Arguments(text, ref at)) : name;
        while (at < text.Length && text[at] is '.' or '[')
        {
            at++; // a member of what only Azure knows
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is ']' or '\''))
            {
                at++;
            }

            value = $"‹{name}›";
        }

        return value;
    }

    private static object Call(string name, List<object> arguments) => name switch
    {
        "format" => string.Format(CultureInfo.InvariantCulture, Joined(arguments[0]), [.. arguments[1..].Select(Joined)]),
        "createArray" => arguments,
        "join" => string.Join(Joined(arguments[1]), ((List<object>)arguments[0]).Select(Joined)),
        "concat" => string.Concat(arguments.Select(Joined)),
        _ => $"‹{name}›",
    };

    private static List<object> Arguments(string text, ref int at)
    {
        var found = new List<object>();
        at++;
        Skip(text, ref at);
        while (text[at] != ')')
        {
            found.Add(Value(text, ref at));
            Skip(text, ref at);
        }

        at++;
        return found;
    }

    private static void Skip(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or ',')
        {
            at++;
        }
    }

    private static string Literal(string text, ref int at)
    {
        var found = new StringBuilder();
        for (at++; text[at] != '\'' || (at + 1 < text.Length && text[at + 1] == '\''); at++)
        {
            at += text[at] == '\'' ? 1 : 0; // doubled
            found.Append(text[at]);
        }

        at++;
        return found.ToString();
    }
}
