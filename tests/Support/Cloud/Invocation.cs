using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>How an invocation ended, as the host sees it.</summary>
/// <param name="IsSuccess">Whether the worker said so.</param>
/// <param name="Logs">The lines the worker sent for it.</param>
/// <param name="ReturnValue">What goes to the output binding.</param>
/// <param name="Why">The exception's message, or the host's own.</param>
/// <param name="Line">The KmsInvocation line on stdout, which the alerts read.</param>
internal sealed record Invocation(bool IsSuccess, IReadOnlyList<string> Logs, JsonNode? ReturnValue, string? Why, JsonObject? Line)
{
    /// <summary>The messages for the queue.</summary>
    public IReadOnlyList<string> Messages => [.. (ReturnValue as JsonArray ?? []).Select(message => message!.GetValue<string>())];

    /// <summary>The ending in its own word.</summary>
    public string? Outcome => Line?["outcome"]?.GetValue<string>();

    public string Text => string.Join('\n', Why is null ? Logs : [.. Logs, Why]);

    public int Count(string name) => Line?[name]?.GetValue<int>() ?? 0;
}
