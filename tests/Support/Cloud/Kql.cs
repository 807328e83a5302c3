using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>
/// The few operators of the Kusto query language that our alert rules use, over rows of JSON: where, extend, mv-expand; has, ==,
/// in, &gt;; tostring, tobool, todouble, parse_json. Anything else fails the test.
/// </summary>
internal static partial class Kql
{
    /// <summary>How many rows a query finds.</summary>
    public static int Count(string query, IReadOnlyDictionary<string, List<JsonObject>> tables)
    {
        var stages = query.Split(" | ");
        IEnumerable<JsonObject> rows = tables[stages[0]];
        foreach (var stage in stages[1..])
        {
            var (verb, rest) = (stage[..stage.IndexOf(' ', StringComparison.Ordinal)], stage[(stage.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            rows = verb switch
            {
                "where" => rows.Where(row => rest.Split(" and ").All(condition => Holds(row, condition))),
                "extend" => rows.Select(row => With(row, rest.Split(" = ")[0], Value(row, rest.Split(" = ")[1]))),
                "mv-expand" => rows.SelectMany(row => (Value(row, rest.Split(" = ")[1]) as JsonArray ?? []).Select(item => With(row, rest.Split(" = ")[0], item))),
                _ => throw new NotSupportedException(verb),
            };
        }

        return rows.Count();
    }

    private static bool Holds(JsonObject row, string condition)
    {
        var match = Comparison().Match(condition);
        Assert.True(match.Success, $"'{condition}' is beyond this evaluator");
        var (left, right) = (Value(row, match.Groups["left"].Value), match.Groups["right"].Value);
        return match.Groups["op"].Value switch
        {
            "has" => Regex.IsMatch(Text(left), $@"(?<![A-Za-z0-9]){Regex.Escape(right.Trim('\''))}(?![A-Za-z0-9])", RegexOptions.IgnoreCase),
            "in" => right.Trim('(', ')').Split(", ").Any(item => item.Trim('\'') == Text(left)),
            "==" => Text(left) == right.Trim('\''),
            _ => left is not null && left.GetValue<double>() > double.Parse(right, CultureInfo.InvariantCulture),
        };
    }

    private static JsonNode? Value(JsonObject row, string expression)
    {
        var call = Call().Match(expression);
        if (!call.Success)
        {
            return expression.Split('.').Aggregate<string, JsonNode?>(row, (node, name) => node is JsonObject json ? json[name] : null);
        }

        var inner = Value(row, call.Groups["argument"].Value);
        return call.Groups["function"].Value switch
        {
            "parse_json" => Text(inner) is ['{', ..] text ? Member(JsonNode.Parse(text), call.Groups["member"].Value) : null,
            "tostring" or "tobool" => Text(inner),
            "todouble" => double.TryParse(Text(inner), CultureInfo.InvariantCulture, out var number) ? number : null,
            var other => throw new NotSupportedException(other),
        };
    }

    private static JsonNode? Member(JsonNode? node, string name) => name.Length == 0 ? node : node?[name];

    private static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => node.ToJsonString(),
    };

    private static JsonObject With(JsonObject row, string name, JsonNode? value)
    {
        var copy = row.DeepClone().AsObject();
        copy[name] = value?.DeepClone();
        return copy;
    }

    [GeneratedRegex(@"^(?<left>[\w.()]+) (?<op>has|in|==|>) (?<right>'[^']*'|\([^)]*\)|true|false|[0-9]+)$")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"^(?<function>\w+)\((?<argument>[\w.]+)\)(\.(?<member>\w+))?$")]
    private static partial Regex Call();
}
