using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>Reads the gateway's pending transactions.</summary>
public static class PendingJson
{
    private const int LongestSerialized = 8 * 1024 * 1024;
    // more inputs than a transaction of 100 kB, the largest that Bitcoin's nodes relay, has
    private const int MostSigners = 2500;

    /// <summary>
    /// One element of the gateway's answer. Members the signing does not depend on are let through unread.
    /// </summary>
    /// <param name="element">The element.</param>
    /// <param name="anyId">Takes ids of other forms than the gateway's own (<see cref="PendingId"/>).</param>
    /// <exception cref="KmsException">A member is missing or of the wrong type or size.</exception>
    public static PendingTransaction Read(JsonElement element, bool anyId = false)
    {
        var json = new StrictObject(element, "the pending transaction");
        CanonicalJson.RequireOwnNumbers(element);
        return new()
        {
            Id = PendingId.Check(json.String("id"), anyId),
            Chain = json.String("chain"),
            SerializedTransaction = Serialized(json),
            Hashes = [.. Bounded(json.OptionalArray("hashes"), "hashes").Select(Hash)],
            Signatures = [.. Bounded(json.OptionalArray("signatures"), "signatures").Select(Signature)],
            Index = Index(json),
            TxId = json.OptionalString("txId"),
            WithdrawalId = json.Has("withdrawalId") && json.Optional("withdrawalId") is { } withdrawal ? Text(withdrawal) : null,
            WithdrawalResponses = json.Optional("withdrawalResponses"),
            Raw = element,
        };
    }

    /// <summary>
    /// The id of an element that may be malformed otherwise, so that its failure can be reported; null when there is
    /// none.
    /// </summary>
    public static string? TryId(JsonElement element) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String
        && id.GetString() is { } text && PendingId.IsPlain(text)
            ? text
            : null;

    private static string Serialized(StrictObject json) => json.String("serializedTransaction") is { Length: <= LongestSerialized } text
        ? text
        : throw json.Bad("serializedTransaction", $"is longer than {LongestSerialized} characters");

    private static List<JsonElement> Bounded(IEnumerable<JsonElement>? items, string member)
    {
        var list = (items ?? []).Take(MostSigners + 1).ToList();
        if (list.Count > MostSigners)
        {
            throw KmsException.Refused($"the pending transaction: '{member}' names more than {MostSigners} wallets");
        }

        return list;
    }

    private static string Hash(JsonElement element) => element.ValueKind is JsonValueKind.String
        ? element.GetString()!
        : throw KmsException.Refused("the pending transaction: 'hashes' holds something other than signature ids");

    private static SignatureRequest Signature(JsonElement element)
    {
        var json = new StrictObject(element, "the pending transaction's signatures");
        return new(json.String("id"), Index(json));
    }

    private static uint? Index(StrictObject json) => (uint?)json.OptionalInteger("index", 0, IWalletKeys.LargestIndex);

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String
        ? value.GetString()!
        : throw KmsException.Refused("the pending transaction: 'withdrawalId' is not text");
}
