using System.Globalization;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Telemetry;

/// <summary>
/// Log lines: <c>TIME - text</c> as tatum-kms writes them, or JSON. Values of one line never break it.
/// </summary>
public sealed class LineLogger(LogLevel least, bool json, TimeProvider clock, LineWriter lines) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var time = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var text = LineWriter.OneLine(formatter(state, exception));
        lines.Write(json ? JsonLine(time, logLevel, eventId, text, state) : Encoding.UTF8.GetBytes($"{time} - {(logLevel >= LogLevel.Warning ? logLevel + ": " : "")}{text}"));
    }

    private static byte[] JsonLine<TState>(string time, LogLevel level, EventId eventId, string text, TState state) => CompactJson.Utf8(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("time", time);
        writer.WriteString("level", level.ToString().ToLowerInvariant());
        writer.WriteString("event", eventId.Name);
        writer.WriteString("message", text);
        foreach (var (name, value) in state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
        {
            if (name != "{OriginalFormat}")
            {
                writer.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(name));
                Write(writer, value);
            }
        }

        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case int or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
