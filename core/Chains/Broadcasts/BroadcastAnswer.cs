using System.Collections.Frozen;
using System.Text.Json;

namespace KmsCloud.Chains;

/// <summary>
/// What a gateway's answer to a broadcast means. Unless the node's own words say otherwise, the transaction may be out.
/// </summary>
public static class BroadcastAnswer
{
    private const int LongestId = 200;

    /// <summary>What speaks of the request, the plan or the key, and not of the transaction.</summary>
    private static readonly FrozenSet<int> OtherStatus =
        new[] { 0, 401, 402, 404, 405, 407, 408, 411, 413, 421, 423, 425, 426, 429 }.ToFrozenSet();

    private static readonly string[] AccountErrors = ["subscription", "auth", "credit", "rate.limit", "throttl"];

    /// <summary>
    /// Words of everybody's: they speak of the way to the node, so whatever else is said is not the node's judgement.
    /// </summary>
    private static readonly string[] Way =
    [
        "socket hang up", "timeout", "timed out", "etimedout", "econnreset", "econnrefused", "enotfound",
        "status code 5*", "bad gateway", "gateway time-out", "service unavailable", "invalid json rpc response",
        "failed to check for transaction receipt", "network error", "connection refused", "too many requests",
        "internal error", "temporarily unavailable", "fetch failed", "rate limit*", "quota",
    ];

    /// <summary>Accepted for 2xx of JSON; passing or rejected by the node's own words; else ambiguous.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="transactionId">The id we computed, or null.</param>
    /// <param name="rules">The chain's words.</param>
    public static Submission Classify(NodeAnswer answer, string? transactionId, BroadcastRules rules)
    {
        if (answer.IsSuccess)
        {
            return Taken(answer, transactionId);
        }

        return Kind(answer, rules) switch
        {
            RefusalKind.Permanent => Submission.Done(SubmissionResult.Rejected, transactionId, Reason(answer)),
            RefusalKind.Passing => Submission.Done(SubmissionResult.Passing, transactionId, Reason(answer)),
            _ => Submission.Done(SubmissionResult.Ambiguous, transactionId, Reason(answer)),
        };
    }

    /// <summary>What a node of the operator's own said when it was handed the bytes: null when it took them.</summary>
    internal static RefusalKind? OwnNode(NodeAnswer answer, BroadcastRules rules)
    {
        if (answer.Json is not { ValueKind: JsonValueKind.Object } json)
        {
            return RefusalKind.Unclear;
        }

        var isRefused = (json.TryGetProperty("error", out var error) && error.ValueKind is not JsonValueKind.Null)
            || json.TryGetProperty("code", out _) || json.TryGetProperty("Error", out _);
        var isTaken = answer.IsSuccess && !isRefused && json.TryGetProperty("result", out var result)
            && result.ValueKind is JsonValueKind.String or JsonValueKind.True;
        // JSON-RPC refuses with 200, bitcoind with 500
        return isTaken ? null : Kind(answer with { Status = 400 }, rules);
    }

    /// <summary>What the words of a refusal mean.</summary>
    public static RefusalKind Kind(NodeAnswer answer, BroadcastRules rules)
    {
        if (OtherStatus.Contains(answer.Status) || answer.Status is < 400 or >= 500 || IsOfTheAccount(answer))
        {
            return RefusalKind.Unclear;
        }

        var words = NodeWords.Of(answer);
        if (Way.Any(word => NodeWords.Has(words, word)))
        {
            return RefusalKind.Unclear;
        }

        if (rules.Known.Any(word => NodeWords.Has(words, word)))
        {
            return RefusalKind.Known;
        }

        if (rules.Passing.Any(word => NodeWords.Has(words, word)))
        {
            return RefusalKind.Passing;
        }

        return rules.Permanent.Any(word => NodeWords.Has(words, word)) ? RefusalKind.Permanent : RefusalKind.Unclear;
    }

    /// <summary>The node's words with the status, fit to be shown.</summary>
    public static string Reason(NodeAnswer answer)
    {
        if (answer.Status == 0)
        {
            return "the gateway did not answer";
        }

        var words = NodeWords.Of(answer);
        return words.Length > 0
            ? $"{words} (HTTP {answer.Status})"
            : $"the gateway answered {answer.Status} without a reason";
    }

    /// <summary>What an answer to the question for a transaction says.</summary>
    public static Presence Look(NodeAnswer answer, string transactionId, BroadcastRules rules)
    {
        if (answer.IsSuccess)
        {
            return answer.Json is { ValueKind: JsonValueKind.Object } json && Names(json, Plain(transactionId))
                ? Presence.Found
                : Presence.Unknown;
        }

        var saysAbsent = answer.Status == 404
            || (
                answer.Status is 400 or 403 && rules.Absent.Any(word => NodeWords.Has(NodeWords.Of(answer) + " " + Code(answer), word)));
        return saysAbsent && answer.Json is { ValueKind: JsonValueKind.Object } && !IsOfTheAccount(answer)
            ? Presence.Absent
            : Presence.Unknown;
    }

    private static Submission Taken(NodeAnswer answer, string? transactionId)
    {
        if (answer.Json is not { ValueKind: JsonValueKind.Object } json)
        {
            return Submission.Done(
                SubmissionResult.Ambiguous, transactionId, "the gateway's answer is not a JSON object");
        }

        // a name of another form is none
        var named = Text(json, "txId") is { Length: > 0 and <= LongestId } id && id.All(IsOfId) ? id : null;
        var isIncomplete = IsValue(json, "failed", JsonValueKind.True)
            || IsValue(json, "completed", JsonValueKind.False);
        return isIncomplete
            ? Submission.Done(
                SubmissionResult.Incomplete,
                named ?? transactionId,
                "sent, but the gateway could not complete the pending entry")
            : Submission.Done(SubmissionResult.Accepted, named ?? transactionId);
    }

    private static bool IsOfTheAccount(NodeAnswer answer) =>
        AccountErrors.Any(word => Code(answer).StartsWith(word, StringComparison.OrdinalIgnoreCase));

    private static string Code(NodeAnswer answer) =>
        answer.Json is { ValueKind: JsonValueKind.Object } json ? Text(json, "errorCode") ?? "" : "";

    private static bool Names(JsonElement json, string id) => json.EnumerateObject().Any(member => member.Value.ValueKind switch
    {
        JsonValueKind.String => Plain(member.Value.GetString()!).Equals(id, StringComparison.OrdinalIgnoreCase),
        JsonValueKind.Object => member.Value.EnumerateObject().Any(
            inner => inner.Value.ValueKind is JsonValueKind.String && Plain(inner.Value.GetString()!).Equals(id, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    });

    private static string Plain(string id) => id.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? id[2..] : id;

    private static bool IsValue(JsonElement json, string name, JsonValueKind kind) =>
        json.TryGetProperty(name, out var member) && member.ValueKind == kind;

    private static bool IsOfId(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '+' or '/' or '=';

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String
            ? member.GetString()
            : null;
}
