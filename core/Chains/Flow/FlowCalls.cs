using System.Globalization;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Flow;

/// <summary>The calls to the gateway and to Flow's access node, and what their answers say.</summary>
internal static class FlowCalls
{
    private const ulong LargestHeight = 1UL << 62; // so that nothing added to a height overflows

    public static NodeCall PayerKey { get; } = NodeCall.Get("/v3/flow/proposal/true", "the payer's key");

    public static NodeCall ProposerKey { get; } = NodeCall.Get("/v3/flow/proposal/false", "the proposer's key");

    public static NodeCall FinalBlock { get; } = Node(
        "GET", "/v1/blocks?height=final&expand=payload", null, "the reference block");

    public static NodeCall Account(string address, string at = "final") =>
        Node(
            "GET",
            $"/v1/accounts/{address}?block_height={at}&expand=contracts,keys",
            null,
            "the proposer's sequence number");

    public static NodeCall Send(string transaction) => Node("POST", "/v1/transactions", transaction, "the submission");

    public static NodeCall Result(string id) =>
        Node("GET", $"/v1/transaction_results/{id}", null, "the transaction's result");

    public static NodeCall Sign(byte[] message, bool isPayer) => NodeCall.Post(
        "/v3/flow/sign",
        CompactJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("data", Hex.Lower(message));
            json.WriteBoolean("isPayer", isPayer);
            json.WriteEndObject();
        }),
        isPayer ? "the payer's signature" : "the proposer's signature");

    /// <summary>A key of the gateway's accounts.</summary>
    public static FlowKey Key(JsonElement answer, string what) =>
        Member(answer, "address") is { ValueKind: JsonValueKind.String } address && TryAddress(address.GetString()!) is { } text
        && Number(Member(answer, "keyId")) is { } keyId and <= int.MaxValue
            ? new(text, (uint)keyId)
            : throw new KmsException(Failure.Gateway, $"the gateway gave no {what} key for the Flow transaction");

    /// <summary>Id and height of the first block of an answer.</summary>
    public static (string Id, ulong Height)? Block(JsonElement? answer) =>
        answer is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 && Member(list[0], "header") is { } header
        && Member(header, "id") is { ValueKind: JsonValueKind.String } id && id.GetString() is { Length: 64 } text && text.All(char.IsAsciiHexDigit)
        && Number(Member(header, "height")) is { } height and < LargestHeight
            ? (text.ToLowerInvariant(), height)
            : null;

    /// <summary>The sequence number of a key of an account; null when the answer does not name a usable one.</summary>
    public static ulong? SequenceNumber(JsonElement? answer, uint keyId)
    {
        if (answer is not { } account || Member(account, "keys") is not { ValueKind: JsonValueKind.Array } keys)
        {
            return null;
        }

        foreach (var key in keys.EnumerateArray().Where(key => Number(Member(key, "index")) == keyId))
        {
            return Member(key, "revoked") is { ValueKind: JsonValueKind.True }
                ? null
                : Number(Member(key, "sequence_number"));
        }

        return null;
    }

    /// <summary>The signature in an answer of the gateway, or null.</summary>
    public static byte[]? Signature(JsonElement? answer)
    {
        var bytes = new byte[64];
        return answer is { } json && Member(json, "signature") is { ValueKind: JsonValueKind.String } signature && signature.GetString() is { Length: 128 } text
            && Convert.FromHexString(text, bytes, out _, out _) is System.Buffers.OperationStatus.Done
            ? bytes
            : null;
    }

    /// <summary>Status and error of a transaction's result; null when the answer is none.</summary>
    public static (string Status, string Error)? Outcome(JsonElement? answer) =>
        answer is { } json && Member(json, "status") is { ValueKind: JsonValueKind.String } status
            ? (status.GetString()!, Member(json, "error_message") is { ValueKind: JsonValueKind.String } error ? error.GetString()! : "")
            : null;

    private static NodeCall Node(string method, string path, string? body, string what) =>
        new(method, path, body) { Host = FlowChain.Node, What = what, LargestAnswer = NodeCall.LargeAnswer };

    private static string? TryAddress(string text)
    {
        var digits = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        return digits.Length == 16 && digits.All(char.IsAsciiHexDigit) ? digits.ToLowerInvariant() : null;
    }

    // the access node writes numbers as text
    private static ulong? Number(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetUInt64(out var exact) => exact,
        { ValueKind: JsonValueKind.String } text when ulong.TryParse(text.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) => parsed,
        _ => null,
    };

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;
}
