using System.Text;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;

namespace KmsCloud.Functions;

/// <summary>
/// A queue message: which pending transaction is to be signed, and of which wallets. Never the transaction itself,
/// which is always fetched from the gateway: who can write to the queue can bring nothing to be signed.
/// </summary>
/// <param name="Chain">Chain code.</param>
/// <param name="Id">Pending id.</param>
/// <param name="Wallets">Signature ids to ask for; empty for all.</param>
internal sealed record PendingPointer(string Chain, string Id, IReadOnlyList<string> Wallets)
{
    private const int MostWallets = 500; // a storage queue message takes 48 KiB
    private const int LongestText = 100;
    private const int LargestMessage = 32 * 1024; // the host makes Base64 of it

    private const string IdName = "pendingId"; // the host would put a member "id" in the place of the message's own id

    /// <summary>Reads a message, or null when it is none of ours.</summary>
    internal static PendingPointer? TryRead(string text) =>
        StrictJson.TryParse(text, out var message) && message is { ValueKind: JsonValueKind.Object } json && Text(json, "chain") is { } chain && ChainCatalog.All.ContainsKey(chain) && Text(json, IdName) is { } id && PendingId.IsPlain(id)
        && json.TryGetProperty("wallets", out var wallets) && wallets.ValueKind is JsonValueKind.Array && wallets.GetArrayLength() <= MostWallets
        && wallets.EnumerateArray().All(wallet => wallet.ValueKind is JsonValueKind.String)
            ? new(chain, id, [.. wallets.EnumerateArray().Select(wallet => wallet.GetString()!)])
            : null;

    /// <summary>A pointer to a listed transaction, or null when it has no id.</summary>
    internal static PendingPointer? Of(string chain, JsonElement listed)
    {
        if (listed.ValueKind is not JsonValueKind.Object || Text(listed, "id") is not { } id || !PendingId.IsPlain(id))
        {
            return null;
        }

        var wallets = listed.TryGetProperty("hashes", out var hashes) && hashes.ValueKind is JsonValueKind.Array
            ? hashes.EnumerateArray().Where(hash => hash.ValueKind is JsonValueKind.String).Select(hash => hash.GetString()!).Distinct().ToList()
            : [];
        var pointer = new PendingPointer(
            chain,
            id,
            wallets.Count <= MostWallets && wallets.TrueForAll(wallet => wallet.Length <= LongestText) ? wallets : []);

        // all wallets are asked for then: a message that the queue does not take would keep back every other of the
        // tick
        return Encoding.UTF8.GetByteCount(pointer.ToString()) <= LargestMessage
            ? pointer
            : pointer with { Wallets = [] };
    }

    /// <summary>The message: compact JSON.</summary>
    public override string ToString() => Encoding.UTF8.GetString(CompactJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteString("chain", Chain);
        json.WriteString(IdName, Id);
        json.WriteStartArray("wallets");
        foreach (var wallet in Wallets)
        {
            json.WriteStringValue(wallet);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }));

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestText } text ? text : null;
}
