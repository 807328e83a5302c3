using System.Globalization;
using System.Text.Json;
using KmsCloud.Codecs;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Cli;

/// <summary>Log lines on stderr: <c>TIME - text</c> as tatum-kms writes them, or JSON. Values of one line never break it.</summary>
internal sealed class StderrLogger(LogLevel least, bool json, TimeProvider clock) : ILogger
{
    private static readonly Lock Gate = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var time = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var text = string.Concat(formatter(state, exception).Select(character => char.IsControl(character) ? ' ' : character));
        var line = json ? JsonLine(time, logLevel, eventId, text, state) : $"{time} - {(logLevel >= LogLevel.Warning ? logLevel + ": " : "")}{text}";
        lock (Gate)
        {
            Console.Error.WriteLine(line);
        }
    }

    private static string JsonLine<TState>(string time, LogLevel level, EventId eventId, string text, TState state) => CompactJson.Write(writer =>
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
