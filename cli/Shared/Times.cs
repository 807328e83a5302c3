using System.Globalization;

namespace KmsCloud.Cli;

/// <summary>A time as every result shows it; log lines add milliseconds.</summary>
internal static class Times
{
    /// <summary>ISO 8601 in UTC, to the second: <c>2026-11-01T12:30:00Z</c>.</summary>
    internal static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
