using System.Buffers.Binary;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Xrp;

/// <summary>Values of a transaction's JSON to the bytes of the binary format. Everything else is refused.</summary>
internal static class XrpJson
{
    private const int MostElements = 100;

    /// <summary>The bytes of one member.</summary>
    public static byte[] Encode(XrpField field, JsonElement value)
    {
        var name = $"the XRP transaction's {field.Name}";
        return field.Type switch
        {
            XrpType.UInt8 => Integer(value, 1, name),
            XrpType.UInt16 when field.Name == "TransactionType" => TransactionType(value),
            XrpType.UInt16 => Integer(value, 2, name),
            XrpType.UInt32 => Integer(value, 4, name),
            XrpType.Hash128 => Hex.Read(Text(value, name), name, 16),
            XrpType.Hash256 => Hex.Read(Text(value, name), name, 32),
            XrpType.Amount => XrpAmount.Encode(value, name),
            XrpType.Blob => Hex.Read(Text(value, name), name),
            XrpType.AccountId => XrpAddress.Account(Text(value, name), name),
            XrpType.Array => Array(field, value, name),
            XrpType.PathSet => Paths(value, name),
            XrpType.Vector256 => [.. Elements(value, name).SelectMany(hash => Hex.Read(Text(hash, name), name, 32))],
            _ => throw KmsException.Refused($"{name} cannot be signed"),
        };
    }

    /// <summary>A member that must be text.</summary>
    public static string Text(JsonElement value, string name) =>
        value.ValueKind is JsonValueKind.String
            ? value.GetString()!
            : throw KmsException.Refused($"{name} is not text");

    /// <summary>The two bytes of a transaction type.</summary>
    public static byte[] TransactionType(XrpFormat format)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, format.Code);
        return bytes;
    }

    private static byte[] TransactionType(JsonElement value) =>
        XrpFormat.ByName.TryGetValue(Text(value, "the XRP transaction's TransactionType"), out var format)
            ? TransactionType(format)
            : throw KmsException.Refused("the XRP transaction is of an unknown TransactionType");

    private static byte[] Integer(JsonElement value, int size, string name)
    {
        var most = uint.MaxValue >> (32 - (8 * size));
        if (value.ValueKind is not JsonValueKind.Number || StrictObject.ExactInteger(value) is not { } number || number < 0 || number > most)
        {
            throw KmsException.Refused($"{name} is not a whole number from 0 to {most}");
        }

        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)number);
        return bytes[^size..];
    }

    // an array's elements are objects of one member, which is named like the array in the singular
    private static byte[] Array(XrpField field, JsonElement value, string name)
    {
        var (element, allowed) = field.Name == "Memos"
            ? (XrpField.ByName["Memo"], (string[])["MemoType", "MemoData", "MemoFormat"])
            : (XrpField.ByName["SignerEntry"], ["Account", "SignerWeight", "WalletLocator"]);
        return XrpBinary.WriteArray(Elements(value, name).Select(item =>
        {
            var wrapper = new StrictObject(item, name);
            var inner = new StrictObject(wrapper.Required(element.Name), name);
            wrapper.Done();
            var members = allowed
                .Select(member => (Field: XrpField.ByName[member], Value: inner.Optional(member)))
                .Where(member => member.Value is not null)
                .Select(member => new XrpMember(member.Field, Encode(member.Field, member.Value!.Value)))
                .ToList();
            inner.Done();
            return members.Count > 0
                ? (element, (IEnumerable<XrpMember>)members)
                : throw KmsException.Refused($"{name} holds an empty element");
        }).ToList());
    }

    // a step: type byte (1 account, 16 currency, 32 issuer) and the values; FF between paths, 00 at the end
    private static byte[] Paths(JsonElement value, string name)
    {
        var bytes = new List<byte>();
        foreach (var path in Elements(value, name))
        {
            if (bytes.Count > 0)
            {
                bytes.Add(0xff);
            }

            foreach (var step in Elements(path, name))
            {
                bytes.AddRange(Step(new(step, name), name));
            }
        }

        return [.. bytes, 0];
    }

    private static byte[] Step(StrictObject step, string name)
    {
        var account = step.OptionalString("account") is { } text ? XrpAddress.Account(text, name) : [];
        var currency = step.OptionalString("currency") is { } code ? code == "XRP" ? new byte[20] : XrpAmount.Currency(code, name) : [];
        var issuer = step.OptionalString("issuer") is { } from ? XrpAddress.Account(from, name) : [];
        var type = (account.Length > 0 ? 1 : 0) | (currency.Length > 0 ? 16 : 0) | (issuer.Length > 0 ? 32 : 0);
        var given = step.OptionalInteger("type", 0, 255);
        var givenHex = step.OptionalString("type_hex"); // both members are what rippled's path finder adds
        step.Done();
        return type != 0 && (given is null || given == type) && (givenHex is null || givenHex == type.ToString("X16", System.Globalization.CultureInfo.InvariantCulture))
            ? [(byte)type, .. account, .. currency, .. issuer]
            : throw KmsException.Refused($"{name} holds a step of an unknown form");
    }

    private static JsonElement[] Elements(JsonElement value, string name) =>
        value.ValueKind is JsonValueKind.Array && value.GetArrayLength() is > 0 and <= MostElements
            ? [.. value.EnumerateArray()]
            : throw KmsException.Refused($"{name} is not a list of 1 to {MostElements} elements");
}
