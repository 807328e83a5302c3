using System.Text.Json;

namespace KmsCloud.Functions;

/// <summary>What one invocation came to.</summary>
/// <param name="Code">HTTP status: the host counts anything but 2xx as a failed invocation.</param>
/// <param name="Status">One line without secrets.</param>
internal sealed record Outcome(int Code, string Status)
{
    /// <summary>A remark for the log.</summary>
    internal string? Note { get; init; }

    /// <summary>Writes the output bindings.</summary>
    internal Action<Utf8JsonWriter>? Outputs { get; init; }

    /// <summary>Writes the counts of the return value.</summary>
    internal Action<Utf8JsonWriter>? Counts { get; init; }
}
