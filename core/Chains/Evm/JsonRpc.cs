using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Evm;

/// <summary>JSON-RPC 2.0, one request at a time.</summary>
internal static class JsonRpc
{
    private const int ExecutionReverted = 3;

    /// <summary>The body of a request.</summary>
    public static string Request(string method, Action<Utf8JsonWriter>? parameters) => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WriteNumber("id", 1);
        json.WriteString("method", method);
        json.WriteStartArray("params");
        parameters?.Invoke(json);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>The result of an answer.</summary>
    /// <exception cref="KmsException">
    /// The node says the call reverts (refused), reports another error (the gateway's fault, so it may be tried again),
    /// or answers with something else.
    /// </exception>
    public static JsonElement Result(JsonElement answer, string what)
    {
        if (answer.ValueKind is not JsonValueKind.Object)
        {
            throw KmsException.Refused($"the gateway's answer for {what} is not a JSON-RPC response");
        }

        if (answer.TryGetProperty("error", out var error) && error.ValueKind is not JsonValueKind.Null)
        {
            throw IsRevert(error)
                ? KmsException.Refused($"the node cannot give {what}: the transaction would fail (execution reverted)")
                : new KmsException(Failure.Gateway, $"the node cannot give {what}: it answers with an error");
        }

        return answer.TryGetProperty("result", out var result) && result.ValueKind is not JsonValueKind.Null
            ? result
            : throw KmsException.Refused($"the gateway's answer for {what} has no result");
    }

    private static bool IsRevert(JsonElement error) => error.ValueKind is JsonValueKind.Object
        && ((error.TryGetProperty("code", out var code) && code.ValueKind is JsonValueKind.Number && code.TryGetInt32(out var number) && number == ExecutionReverted)
            || (error.TryGetProperty("message", out var message) && message.ValueKind is JsonValueKind.String
                && message.GetString()!.Contains("revert", StringComparison.OrdinalIgnoreCase)));
}
