using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Solana;

/// <summary>JSON-RPC to a Solana node through the gateway.</summary>
internal static class SolanaRpc
{
    private const string Path = "/v3/blockchain/node/SOL/{apiKey}";

    public static NodeCall LatestBlockhash { get; } = Call(
        "getLatestBlockhash", "the blockhash", json => WriteCommitment(json, "finalized"));

    public static NodeCall BlockHeight { get; } = Call(
        "getBlockHeight", "the block height", json => WriteCommitment(json, "finalized"));

    public static NodeCall Send(string transaction) => Call("sendTransaction", "the submission", json =>
    {
        json.WriteStringValue(transaction);
        json.WriteStartObject();
        json.WriteString("encoding", "base64");
        json.WriteString("preflightCommitment", "confirmed");
        json.WriteEndObject();
    });

    public static NodeCall Transaction(string id)
    {
        var call = Call("getTransaction", "the transaction", json =>
        {
            json.WriteStringValue(id);
            WriteCommitment(json, "confirmed");
        });
        return call with { LargestAnswer = NodeCall.LargeAnswer };
    }

    /// <summary>The result member, or null when it is absent, null, or the answer is none.</summary>
    public static JsonElement? Result(JsonElement? answer) =>
        answer is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("result", out var result) && result.ValueKind is not JsonValueKind.Null
            ? result
            : null;

    /// <summary>Whether a node answered that it does not know: a result of null, without error.</summary>
    public static bool IsNull(JsonElement? answer) =>
        answer is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("result", out var result) && result.ValueKind is JsonValueKind.Null
        && !value.TryGetProperty("error", out _);

    /// <summary>The error's code, or null when there is no error.</summary>
    public static long? Error(JsonElement? answer) =>
        answer is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object
            ? error.TryGetProperty("code", out var code) && code.ValueKind is JsonValueKind.Number && code.TryGetInt64(out var number) ? number : 0
            : null;

    private static void WriteCommitment(Utf8JsonWriter json, string commitment)
    {
        json.WriteStartObject();
        json.WriteString("commitment", commitment);
        json.WriteEndObject();
    }

    private static NodeCall Call(string method, string what, Action<Utf8JsonWriter> parameters) => NodeCall.Post(
        Path,
        CompactJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            json.WriteString("id", "kms");
            json.WriteString("method", method);
            json.WriteStartArray("params");
            parameters(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }),
        what);
}
