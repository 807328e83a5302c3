using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.VeChain;

/// <summary>Reads a pending VeChainThor transaction (strict JSON, one object).</summary>
internal static class VeChainRequest
{
    private const string What = "the transaction";
    private const uint DefaultExpiration = 720; // two hours of ten-second blocks

    /// <summary>The fields of a pending transaction, as far as it says them.</summary>
    /// <param name="text">The serialized transaction.</param>
    /// <param name="sender">Address of the key.</param>
    public static VeChainFields Read(string text, byte[] sender)
    {
        var json = new StrictObject(StrictJson.Parse(text, What), What);
        CallMembers.RequireSender(AddressForm.Ethereum, json, sender);
        json.Optional("gasPrice"); // VeChainThor has none, and servers written for Ethereum send one
        var fields = new VeChainFields
        {
            ChainTag = (byte?)Quantity.Optional(json, "chainTag", 8),
            BlockRef = Bytes(json, "blockRef", VeChainFields.BlockRefSize),
            Expiration = (uint?)Quantity.Optional(json, "expiration", 32) ?? DefaultExpiration,
            Clauses = Clauses(json),
            GasPriceCoef = (byte?)Quantity.Optional(json, "gasPriceCoef", 8) ?? 0,
            Gas = CallMembers.Gas(json),
            DependsOn = Bytes(json, "dependsOn", 32),
            Nonce = Quantity.OptionalUInt64(json, "nonce") ?? RandomNonce(),
        };
        json.Done();
        return fields;
    }

    private static IReadOnlyList<Clause> Clauses(StrictObject json)
    {
        var list = json.OptionalArray("clauses");
        if (list is null)
        {
            return [ReadClause(json)];
        }

        foreach (var name in (string[])["to", "value", "data", "input"])
        {
            if (json.Optional(name) is not null)
            {
                throw json.Bad(name, "stands beside clauses, so it is not clear what is meant");
            }
        }

        return list.Count > 0 ? [.. list.Select(ReadElement)] : throw json.Bad("clauses", "is empty");
    }

    private static Clause ReadElement(JsonElement element)
    {
        var json = new StrictObject(element, "a clause");
        var clause = ReadClause(json);
        json.Done();
        return clause;
    }

    private static Clause ReadClause(StrictObject json)
    {
        var clause = new Clause(
            json.OptionalString("to") is { Length: > 0 } to ? AddressForm.Ethereum.Read(to, "the recipient") : null,
            Quantity.Optional(json, "value", 256, blankIsAbsent: true) ?? 0,
            CallMembers.Data(json));
        return clause.To is not null || clause.Data.Length > 0
            ? clause
            : throw KmsException.Refused("a clause has neither a recipient nor code for a new contract, so its value would be lost");
    }

    private static byte[]? Bytes(StrictObject json, string name, int size) =>
        json.OptionalString(name) is { } text ? Hex.Read0x(text, $"the transaction's {name}", size) : null;

    private static ulong RandomNonce()
    {
        Span<byte> nonce = stackalloc byte[8];
        RandomNumberGenerator.Fill(nonce);
        return BinaryPrimitives.ReadUInt64BigEndian(nonce);
    }
}
