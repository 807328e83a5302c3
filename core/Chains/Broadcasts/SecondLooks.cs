using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains;

/// <summary>Forms of question that nodes of several chains share.</summary>
internal static class SecondLooks
{
    /// <summary>JSON-RPC with the id as first parameter: an object is the transaction, null its absence.</summary>
    /// <param name="method">The method.</param>
    /// <param name="version">The member <c>jsonrpc</c>.</param>
    /// <param name="absent">Error code that says the node does not have it; null when null says so.</param>
    internal static SecondLook Rpc(string method, string version = "2.0", long? absent = null) => new(
        id => NodeCall.Post("", Request(method, version, id), "the transaction"),
        (answer, _) => Read(answer, absent));

    /// <summary>JSON-RPC that hands over signed bytes.</summary>
    /// <param name="method">The method.</param>
    /// <param name="version">The member <c>jsonrpc</c>.</param>
    internal static Func<string, NodeCall> Send(string method, string version = "2.0") =>
        data => NodeCall.Post("", Request(method, version, data), "the broadcast");

    /// <summary>A page of its own: 2xx is the transaction, 404 its absence.</summary>
    internal static SecondLook Page(string route) => new(
        id => NodeCall.Get(route + Uri.EscapeDataString(id), "the transaction"),
        (answer, id) => answer is { Status: 404, Json.ValueKind: JsonValueKind.Object } ? Presence.Absent // and not some proxy's page
            : answer is { IsSuccess: true, Json.ValueKind: JsonValueKind.Object } && answer.Body.Contains(Plain(id), StringComparison.OrdinalIgnoreCase) ? Presence.Found
            : Presence.Unknown);

    /// <summary>JSON-RPC whose result is a number above a bound.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">JSON array.</param>
    /// <param name="bound">The bound.</param>
    internal static SecondProof Above(string method, string parameters, BigInteger bound) =>
        Result(method, parameters, number => number > bound ? SecondProof.Given : null);

    /// <summary>JSON-RPC whose result is a number.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">JSON array.</param>
    /// <param name="then">What the number leads to.</param>
    internal static SecondProof Result(string method, string parameters, Func<BigInteger, SecondProof?> then) =>
        Question(
            method,
            parameters,
            answer => Member(answer,
            "result") is { } result && Number(result) is { } number ? then(number) : null);

    /// <summary>JSON-RPC.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">JSON array.</param>
    /// <param name="then">What the answer leads to.</param>
    internal static SecondProof Question(string method, string parameters, Func<NodeAnswer, SecondProof?> then) =>
        new(NodeCall.Post("", $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""", "an answer"), then);

    /// <summary>
    /// A member of an answer's object, below others; null where the answer is no success or has none.
    /// </summary>
    internal static JsonElement? Member(NodeAnswer answer, params ReadOnlySpan<string> path)
    {
        var json = answer.IsSuccess ? answer.Json : null;
        foreach (var name in path)
        {
            json = json is { ValueKind: JsonValueKind.Object } inner && inner.TryGetProperty(name, out var member)
                ? member
                : null;
        }

        return json;
    }

    private static BigInteger? Number(JsonElement result) => result.ValueKind switch
    {
        JsonValueKind.Number => StrictObject.ExactInteger(result),
        JsonValueKind.String when result.GetString() is ['0', 'x', .. { Length: > 0 and <= 64 } digits] && digits.All(char.IsAsciiHexDigit) =>
            BigInteger.Parse("0" + digits, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    private static Presence Read(NodeAnswer answer, long? absent)
    {
        if (answer.Json is not { ValueKind: JsonValueKind.Object } json)
        {
            return Presence.Unknown;
        }

        if (json.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object)
        {
            return absent is not null && error.TryGetProperty("code", out var code) && code.TryGetInt64(out var number) && number == absent ? Presence.Absent : Presence.Unknown;
        }

        return !answer.IsSuccess || !json.TryGetProperty("result", out var result) ? Presence.Unknown : result.ValueKind switch
        {
            JsonValueKind.Object => Presence.Found,
            JsonValueKind.Null when absent is null => Presence.Absent,
            _ => Presence.Unknown,
        };
    }

    private static string Request(string method, string version, string id) => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("jsonrpc", version);
        json.WriteString("id", "kms");
        json.WriteString("method", method);
        json.WriteStartArray("params");
        json.WriteStringValue(id);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Plain(string id) => id.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? id[2..] : id;
}
