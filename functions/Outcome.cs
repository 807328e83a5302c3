using System.Globalization;
using System.Text.Json;
using KmsCloud.Signing;

namespace KmsCloud.Functions;

/// <summary>How an invocation ended, in the words of logs and metrics.</summary>
internal enum Ending
{
    /// <summary>A cycle, or the cycle of one message, was run.</summary>
    Done,

    /// <summary>Messages were put into the queue.</summary>
    Queued,

    /// <summary>Another instance holds the lease and signs.</summary>
    Standby,

    /// <summary>Another invocation of this process was still at work.</summary>
    Busy,

    /// <summary>KMS_ENABLED is false.</summary>
    Disabled,

    /// <summary>The process was told to stop.</summary>
    Stopping,

    /// <summary>Nothing could be done: no password, no wallet file, no state, no poll.</summary>
    Failed,

    /// <summary>The request was none of ours.</summary>
    Rejected,
}

/// <summary>What one invocation came to.</summary>
/// <param name="IsSuccess">
/// False for a failed invocation: the host counts it, and puts a message back into the queue.
/// </param>
/// <param name="Ending">How it ended.</param>
/// <param name="Status">One line without secrets.</param>
internal sealed record Outcome(bool IsSuccess, Ending Ending, string Status)
{
    /// <summary>KMS_ENABLED is false, and a tick was answered.</summary>
    internal static Outcome Disabled { get; } = new(true, Ending.Disabled, "disabled by KMS_ENABLED");

    /// <summary>A remark for the log.</summary>
    internal string? Note { get; init; }

    /// <summary>Whether every chain was polled and nothing failed: what the alert "no good cycle" looks for.</summary>
    internal bool IsGood { get; init; }

    /// <summary>What a tick puts into the queue.</summary>
    internal IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>The counts of the log.</summary>
    internal IReadOnlyList<(string Name, int Count)> Counts { get; init; } = [];

    /// <summary>The ending as logs and metrics spell it.</summary>
    internal string Word => Ending.ToString().ToLowerInvariant();

    /// <summary>The same of a tick that may have come late.</summary>
    internal Outcome Late(bool isPastDue) => isPastDue ? this with { Note = "the timer was past due" } : this;

    /// <summary>What a cycle came to.</summary>
    internal static Outcome Of(CycleReport report)
    {
        (string Name, int Count)[] counts =
        [
            ("broadcast", report.Count(Verdict.Accepted)), ("unknown", report.Count(Verdict.Unknown)),
            ("waiting", report.Count(Verdict.NotApproved) + report.Count(Verdict.Waiting)),
            ("refused", report.Count(Verdict.Refused)),
            ("failed", report.Count(Verdict.Failed)), ("failedPolls", report.FailedPolls.Count),
        ];
        var useless = report.Transactions.Count == 0 && report.FailedPolls.Count > 0;
        return new(
            !useless,
            useless ? Ending.Failed : Ending.Done,
            string.Join(", ", counts.Select(count => Said(count.Name, count.Count))))
        {
            IsGood = report.FailedPolls.Count + report.Count(Verdict.Failed) == 0,
            Counts = counts,
        };
    }

    internal void WriteCounts(Utf8JsonWriter json)
    {
        foreach (var (name, count) in Counts)
        {
            json.WriteNumber(name, count);
        }
    }

    private static string Said(string name, int count)
    {
        var words = name == "failedPolls" ? "polls failed" : name;
        return string.Create(CultureInfo.InvariantCulture, $"{count} {words}");
    }
}
