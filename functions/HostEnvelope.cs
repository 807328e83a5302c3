using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Functions;

/// <summary>
/// What the Functions host and a custom handler tell each other: a request <c>{Data, Metadata}</c>, an answer
/// <c>{Outputs, Logs, ReturnValue}</c> that must be a JSON object with content type application/json, or the host waits for ever.
/// </summary>
internal static class HostEnvelope
{
    internal const int LargestRequest = 1024 * 1024;

    /// <summary>The value of a binding in a request, or null when the body is not an envelope with it.</summary>
    internal static JsonElement? Binding(string body, string name) =>
        StrictJson.TryParse(body, out var parsed) && parsed is { ValueKind: JsonValueKind.Object } envelope
        && envelope.TryGetProperty("Data", out var data) && data.ValueKind is JsonValueKind.Object && data.TryGetProperty(name, out var value)
            ? value
            : null;

    /// <summary>A timer binding: whether the tick is one, and late.</summary>
    internal static bool IsTimer(JsonElement? timer, out bool pastDue)
    {
        pastDue = timer is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("IsPastDue", out var late) && late.ValueKind is JsonValueKind.True;
        return timer is { ValueKind: JsonValueKind.Object } tick && tick.TryGetProperty("Schedule", out _);
    }

    /// <summary>A queue message: the host puts its text into a JSON string, once or twice.</summary>
    internal static JsonElement? Message(JsonElement? binding)
    {
        for (var depth = 0; depth < 3 && binding is { ValueKind: JsonValueKind.String } text; depth++)
        {
            binding = StrictJson.TryParse(text.GetString()!, out var inner) ? inner : null;
        }

        return binding is { ValueKind: JsonValueKind.Object } ? binding : null;
    }

    /// <summary>The answer.</summary>
    internal static byte[] Answer(IEnumerable<string> logs, Action<Utf8JsonWriter>? outputs, Action<Utf8JsonWriter> returned) =>
        CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("Outputs");
            outputs?.Invoke(json);
            json.WriteEndObject();
            json.WriteStartArray("Logs");
            foreach (var line in logs)
            {
                json.WriteStringValue(line);
            }

            json.WriteEndArray();
            json.WriteStartObject("ReturnValue");
            returned(json);
            json.WriteEndObject();
            json.WriteEndObject();
        });
}
