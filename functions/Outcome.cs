using System.Text.Json;

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
/// <param name="IsSuccess">False for a failed invocation: the host counts it, and puts a message back into the queue.</param>
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

    internal void WriteCounts(Utf8JsonWriter json)
    {
        foreach (var (name, count) in Counts)
        {
            json.WriteNumber(name, count);
        }
    }
}
