using System.Globalization;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Telemetry;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Functions;

/// <summary>
/// One JSON object a line on stdout, with the invocation's id; the lines of one invocation also go to the host by the
/// worker's own logger, so that they are shown under it. Values never break a line.
/// </summary>
internal sealed class InvocationLog(LogLevel least, TimeProvider clock, LineWriter stdout, ILogger host) : ILogger
{
    private const int MostLines = 2000;
    private static readonly AsyncLocal<Invocation?> Current = new();

    /// <summary>Gathers the lines of what follows in this flow of control.</summary>
    internal static Invocation Begin(string id) => Current.Value = new(id);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

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

        var text = LineWriter.OneLine(formatter(state, exception));
        var invocation = Current.Value;
        if (invocation?.TakesLine() is true)
        {
            Tell(logLevel, text);
        }

        Write(
            logLevel,
            eventId.Name,
            text,
            json => WriteValues(json,
            state as IReadOnlyList<KeyValuePair<string, object?>>));
    }

    /// <summary>A line that is written at every level: alerts read it.</summary>
    internal void Always(string name, Action<Utf8JsonWriter> members) =>
        Write(LogLevel.Information, name, null, members);

    /// <summary>A line for the host alone.</summary>
    internal void Tell(string text) => Tell(LogLevel.Information, text);

    /// <summary>The line of a process that cannot start.</summary>
    internal static string Failure(string message, string? hint) =>
        Encoding.UTF8.GetString(Line(TimeProvider.System.GetUtcNow(), LogLevel.Critical, "StartFailed", hint is null ? message : $"{message}; {hint}", _ => { }));

    private static byte[] Line(DateTimeOffset time, LogLevel level, string? name, string? text, Action<Utf8JsonWriter> members) => CompactJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteString("time", time);
        json.WriteString("level", level.ToString().ToLowerInvariant());
        json.WriteString("event", name);
        if (text is not null)
        {
            json.WriteString("message", text);
        }

        if (Current.Value is { } invocation)
        {
            json.WriteString("invocation", invocation.Id);
        }

        members(json);
        json.WriteEndObject();
    });

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>>? values)
    {
        foreach (var (key, value) in values ?? [])
        {
            if (key == "{OriginalFormat}")
            {
                continue;
            }

            json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(key));
            if (value is int or long)
            {
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
            }
            else
            {
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }
    }

    private void Write(LogLevel level, string? name, string? text, Action<Utf8JsonWriter> members) =>
        stdout.Write(Line(clock.GetUtcNow(), level, name, text, members));

#pragma warning disable CA1848, CA2254 // the text was made by its own message template
    private void Tell(LogLevel level, string text) => host.Log(level, default, text, null, static (line, _) => line);
#pragma warning restore CA1848, CA2254

    /// <summary>One invocation.</summary>
    internal sealed class Invocation(string id)
    {
        private int lines;

        internal string Id => id;

        /// <summary>Whether the host is told one line more.</summary>
        internal bool TakesLine() => Interlocked.Increment(ref lines) <= MostLines;
    }
}
