using System.Text.Json;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Evm;

/// <summary>
/// Picks the transaction type and fills what only this type has, from the members nobody has asked for yet.
/// </summary>
/// <param name="json">The pending transaction's remaining members.</param>
/// <param name="draft">What all types have in common.</param>
/// <param name="prices">The price members.</param>
/// <param name="form">The chain's form of addresses.</param>
/// <param name="options">The chain's options.</param>
internal delegate EvmFields Dialect(
    StrictObject json, EvmFields draft, PriceMembers prices, AddressForm form, ChainOptions options);

/// <summary>The price members of a pending transaction as they stand; gasPrice of zero counts as absent.</summary>
internal readonly record struct PriceMembers(
    System.Numerics.BigInteger? GasPrice, System.Numerics.BigInteger? MaxFee, System.Numerics.BigInteger? MaxTip)
{
    /// <summary>Whether there are EIP-1559 members.</summary>
    public bool FeeMarket => MaxFee is not null || MaxTip is not null;
}

/// <summary>Reads a pending transaction of the family (strict JSON, one object).</summary>
internal static class EvmRequest
{
    private const string What = "the transaction";

    /// <summary>The fields of a pending transaction, as far as it says them.</summary>
    /// <param name="row">The chain.</param>
    /// <param name="text">The serialized transaction.</param>
    /// <param name="sender">Address of the key.</param>
    /// <param name="options">The chain's options.</param>
    public static EvmFields Read(EvmRow row, string text, byte[] sender, ChainOptions options)
    {
        var json = new StrictObject(StrictJson.Parse(text, What), What);
        CallMembers.RequireSender(row.Address, json, sender);
        var draft = new EvmFields
        {
            Format = EvmFormat.Legacy,
            ChainId = Quantity.OptionalUInt64(json, "chainId"),
            Nonce = Quantity.OptionalNonce(json, "nonce"),
            Gas = CallMembers.Gas(json) is { } gas && !(gas == 0 && row.ZeroGasIsMissing) ? gas : null,
            From = sender,
            To = json.OptionalString("to") is { Length: > 0 } to ? row.Address.Read(to, "the recipient") : null,
            Value = Quantity.Optional(json, "value", 256, blankIsAbsent: true) ?? 0,
            Data = CallMembers.Data(json),
        };
        var price = Quantity.Optional(json, "gasPrice", 256, blankIsAbsent: true);
        var prices = new PriceMembers(
            price is { IsZero: true } ? null : price,
            Quantity.Optional(json, "maxFeePerGas", 256),
            Quantity.Optional(json, "maxPriorityFeePerGas", 256));
        var fields = row.Dialect(json, draft, prices, row.Address, options);
        json.Done();
        return fields;
    }

    /// <summary>
    /// An account or a contract must be there, or code for a new contract: else the value would be burnt.
    /// </summary>
    public static EvmFields RequireTarget(EvmFields fields) => fields.To is not null || fields.IsCreation
        ? fields
        : throw KmsException.Refused("the transaction has neither a recipient nor code for a new contract, so its value would be lost");

    /// <summary>An access list (EIP-2930), empty when it is absent.</summary>
    public static IReadOnlyList<AccessListEntry> AccessList(AddressForm form, IReadOnlyList<JsonElement>? list) =>
    [
        .. (list ?? []).Select(element =>
        {
            var json = new StrictObject(element, "an entry of the access list");
            var entry = new AccessListEntry(
                form.Read(json.String("address"), "an address of the access list"),
                [.. json.Array("storageKeys").Select(key => StorageKey(json, key))]);
            json.Done();
            return entry;
        }),
    ];

    private static byte[] StorageKey(StrictObject json, JsonElement key) => key.ValueKind is JsonValueKind.String
        ? Hex.Read0x(key.GetString(), "a storage key", 32)
        : throw json.Bad("storageKeys", "holds something other than hexadecimal text");
}
