using System.Globalization;
using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Algorand;

/// <summary>Reads algosdk's Transaction object as JavaScript's JSON.stringify writes it.</summary>
internal sealed class AlgorandJson(StrictObject json)
{
    private const string What = "the Algorand transaction";

    /// <summary>A number of 64 bits; zero when it is absent.</summary>
    public ulong Number(string name) => Optional(name) ?? 0;

    /// <summary>A number that must be there.</summary>
    public ulong Required(string name) => Optional(name) ?? throw json.Bad(name, "is missing");

    /// <summary>A text; empty when it is absent.</summary>
    public string Text(string name) => json.OptionalString(name) ?? "";

    /// <summary>True or false; false when it is absent.</summary>
    public bool Flag(string name) => json.OptionalBool(name) ?? false;

    /// <summary>
    /// A byte string of a fixed size, or of at most <paramref name="most"/>; empty when it is absent.
    /// </summary>
    public byte[] Bytes(string name, int? size = null, int most = 1024)
    {
        var bytes = json.Optional(name) is { } value ? Bytes(value, name) : [];
        return bytes.Length == 0 || (size is null ? bytes.Length <= most : bytes.Length == size)
            ? bytes
            : throw json.Bad(name, size is null ? $"is longer than {most} bytes" : $"is not {size} bytes long");
    }

    /// <summary>The public key of an address; empty when it is absent.</summary>
    public byte[] Address(string name)
    {
        if (json.Optional(name) is not { } value)
        {
            return [];
        }

        var address = new StrictObject(value, $"{What}.{name}");
        var (key, checksum) = (Bytes(address.Required("publicKey"), name), Bytes(address.Required("checksum"), name));
        address.Done();
        return key.Length == 32 && AlgorandKey.Checksum(key).AsSpan().SequenceEqual(checksum)
            ? key
            : throw json.Bad(name, "is no address: its length or checksum is wrong");
    }

    private ulong? Optional(string name) => json.Optional(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.Number && StrictObject.ExactInteger(value) is { } exact && exact >= 0 && exact <= ulong.MaxValue
            ? (ulong)exact
            : throw json.Bad(name, "is not a whole number from 0 to 2^64-1");

    // {"type":"Buffer","data":[…]} of a Buffer, {"0":…,"1":…} of a Uint8Array
    private byte[] Bytes(JsonElement value, string name)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            throw json.Bad(name, "is no byte string");
        }

        if (value.GetPropertyCount() != 2 || !value.TryGetProperty("type", out var type))
        {
            var (bytes, at) = (new byte[value.GetPropertyCount()], 0);
            Span<byte> place = stackalloc byte[10];
            foreach (var member in value.EnumerateObject())
            {
                at.TryFormat(place, out var digits, default, CultureInfo.InvariantCulture);
                bytes[at] = member.NameEquals(place[..digits])
                    ? Byte(member.Value, name)
                    : throw json.Bad(name, "is no byte string");
                at++;
            }

            return bytes;
        }

        return type.ValueKind is JsonValueKind.String && type.GetString() == "Buffer"
            && value.TryGetProperty("data", out var data) && data.ValueKind is JsonValueKind.Array
            ? [.. data.EnumerateArray().Select(item => Byte(item, name))]
            : throw json.Bad(name, "is no byte string");
    }

    private byte Byte(JsonElement value, string name) => value.ValueKind is JsonValueKind.Number && value.TryGetByte(out var number)
        ? number
        : throw json.Bad(name, "holds something other than numbers from 0 to 255");
}
