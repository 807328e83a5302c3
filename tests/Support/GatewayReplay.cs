using System.Text.Json;
using KmsCloud.Chains;

namespace KmsCloud.Tests.Support;

/// <summary>Answers a chain's calls from a vector's recording: same method and path, and for JSON-RPC the same RPC method.</summary>
internal sealed class GatewayReplay
{
    private readonly List<JsonElement> recorded;
    private readonly HashSet<int> used = [];

    public GatewayReplay(JsonElement vector) =>
        recorded = vector.TryGetProperty("gateway", out var gateway) ? [.. gateway.EnumerateArray()] : [];

    /// <summary>Every call made, in order.</summary>
    public List<NodeCall> Calls { get; } = [];

    /// <summary>How many calls are recorded.</summary>
    public int Count => recorded.Count;

    /// <summary>Hostile answers given by a fuzz run, for its failure text.</summary>
    public List<string> Given { get; } = [];

    public NodeAnswer Answer(NodeCall call)
    {
        Calls.Add(call);
        return AnswerIfRecorded(call) ?? throw new InvalidOperationException($"not recorded: {call.Method} {call.Path} {call.Body}");
    }

    public NodeAnswer? AnswerIfRecorded(NodeCall call)
    {
        var fitting = Enumerable.Range(0, recorded.Count).Where(i => Fits(recorded[i], call)).ToList();
        if (fitting.Count == 0)
        {
            return null;
        }

        var at = fitting.Where(i => !used.Contains(i)).DefaultIfEmpty(fitting[^1]).First();
        used.Add(at);
        var status = recorded[at].TryGetProperty("status", out var code) ? code.GetInt32() : 200;
        return new(status, recorded[at].TryGetProperty("response", out var body) ? body.GetRawText() : "");
    }

    private static bool Fits(JsonElement record, NodeCall call) =>
        record.GetProperty("method").GetString() == call.Method
        && record.GetProperty("path").GetString() == call.Path
        && RpcMethod(record.TryGetProperty("request", out var request) ? request : null)
            == RpcMethod(call.Body is null ? null : JsonDocument.Parse(call.Body).RootElement);

    private static string? RpcMethod(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("jsonrpc", out _) ? value.GetProperty("method").GetString() : null;
}
