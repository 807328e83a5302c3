using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Contracts;

/// <summary>Members of a pending transaction that every chain with contracts and 20-byte addresses has.</summary>
internal static class CallMembers
{
    /// <summary>
    /// Refuses a transaction that names another sender than the key's account; 0 is how the gateway says "the key's".
    /// </summary>
    public static void RequireSender(AddressForm form, StrictObject json, byte[] sender)
    {
        if (json.Optional("from") is not { } from || (from.ValueKind is JsonValueKind.Number && from.GetRawText() == "0"))
        {
            return;
        }

        if (from.ValueKind is not JsonValueKind.String || !form.Read(from.GetString()!, "the sender").AsSpan().SequenceEqual(sender))
        {
            throw json.Bad("from", "is not the account of the key that would sign");
        }
    }

    /// <summary>The bytes of data or its other name, input.</summary>
    public static byte[] Data(StrictObject json)
    {
        var (data, input) = (json.OptionalString("data"), json.OptionalString("input"));
        return data is null || input is null
            ? Hex.Read0x(data ?? input ?? "", "the transaction's data")
            : throw json.Bad("input", "repeats data");
    }

    /// <summary>Gas or its other name, gasLimit; null when neither is there.</summary>
    public static ulong? Gas(StrictObject json)
    {
        var (gas, limit) = (Quantity.OptionalUInt64(json, "gas"), Quantity.OptionalUInt64(json, "gasLimit"));
        return gas is null || limit is null || gas == limit
            ? gas ?? limit
            : throw json.Bad("gasLimit", "differs from gas");
    }
}
