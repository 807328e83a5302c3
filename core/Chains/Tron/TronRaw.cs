using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Tron;

/// <summary>The part of a transaction that is signed (protocol.Transaction.raw): one contract and its frame.</summary>
internal sealed record TronRaw
{
    private const string TypeUrl = "type.googleapis.com/protocol.";

    /// <summary>What kind of contract it is.</summary>
    public required TronContract Contract { get; init; }

    /// <summary>The contract's fields.</summary>
    public required TronMessage Value { get; init; }

    /// <summary>Number of the account's permission the signature is for.</summary>
    public required int PermissionId { get; init; }

    /// <summary>Memo.</summary>
    public required byte[] Data { get; init; }

    /// <summary>Milliseconds after 1970 beyond which no block takes it.</summary>
    public required long Expiration { get; init; }

    /// <summary>Milliseconds after 1970.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Most sun that a contract call may burn.</summary>
    public required long FeeLimit { get; init; }

    /// <summary>The canonical bytes.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>Who pays.</summary>
    public byte[] Owner => Value.Bytes("owner_address");

    /// <summary>Reads raw_data to the last member and encodes it.</summary>
    public static TronRaw Read(JsonElement element, TronForm form)
    {
        var json = new StrictObject(element, "raw_data");
        var blockBytes = Hex.Read(json.String("ref_block_bytes"), "raw_data's ref_block_bytes", 2);
        var blockHash = Hex.Read(json.String("ref_block_hash"), "raw_data's ref_block_hash", 8);
        var expiration = json.Integer("expiration", 0, long.MaxValue);
        var timestamp = json.OptionalInteger("timestamp", 0, long.MaxValue) ?? 0;
        var feeLimit = json.OptionalInteger("fee_limit", 0, long.MaxValue) ?? 0;
        var data = Hex.Read(json.OptionalString("data"), "raw_data's data");
        var (contract, value, permissionId) = json.Array("contract") is [var only]
            ? ReadContract(new StrictObject(only, "the contract"), form)
            : throw json.Bad("contract", "does not hold exactly one contract");
        json.Done();

        var bytes = new Protobuf();
        bytes.Bytes(1, blockBytes);
        bytes.Bytes(4, blockHash);
        bytes.Integer(8, expiration);
        bytes.Bytes(10, data);
        bytes.Message(11, Encode(contract, value, permissionId));
        bytes.Integer(14, timestamp);
        bytes.Integer(18, feeLimit);
        return new()
        {
            Contract = contract,
            Value = value,
            PermissionId = permissionId,
            Data = data,
            Expiration = expiration,
            Timestamp = timestamp,
            FeeLimit = feeLimit,
            Bytes = bytes.ToArray(),
        };
    }

    private static (TronContract Contract, TronMessage Value, int PermissionId) ReadContract(
        StrictObject json, TronForm form)
    {
        var type = json.String("type");
        if (!TronSchema.Contracts.TryGetValue(type, out var contract))
        {
            throw json.Bad("type", "is not a type of TRON contract that is signed");
        }

        var parameter = json.Object("parameter");
        if (parameter.String("type_url") != TypeUrl + type)
        {
            throw parameter.Bad("type_url", "does not name the contract's type");
        }

        var value = TronMessage.Read(contract.Fields, parameter.Object("value"), form);
        var permissionId = (int)(json.OptionalInteger("Permission_id", 0, int.MaxValue) ?? 0);
        parameter.Done();
        json.Done();
        return (contract, value, permissionId);
    }

    private static byte[] Encode(TronContract contract, TronMessage value, int permissionId)
    {
        var any = new Protobuf();
        any.Bytes(1, Encoding.ASCII.GetBytes(TypeUrl + contract.Name));
        any.Bytes(2, value.Encode());
        var bytes = new Protobuf();
        bytes.Integer(1, contract.Number);
        bytes.Message(2, any.ToArray());
        bytes.Integer(5, permissionId);
        return bytes.ToArray();
    }
}
