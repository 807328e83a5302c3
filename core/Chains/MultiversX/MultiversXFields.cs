using System.Numerics;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.MultiversX;

/// <summary>
/// The members of a transaction, and its two forms: JSON that is signed and protobuf that gives its id.
/// </summary>
internal sealed record MultiversXFields
{
    private const string What = "the MultiversX transaction";

    public required byte[] Sender { get; init; }

    public required byte[] Receiver { get; init; }

    public required BigInteger Value { get; init; }

    public required string Data { get; init; }

    /// <summary>What the gateway expected when it made the request; null where it did not say.</summary>
    public ulong? ExpectedGasPrice { get; init; }

    /// <summary>The same for the gas limit.</summary>
    public ulong? ExpectedGasLimit { get; init; }

    public ulong Nonce { get; init; }

    public ulong GasPrice { get; init; }

    public ulong GasLimit { get; init; }

    public string ChainId { get; init; } = "";

    public uint Version { get; init; }

    /// <summary>Bytes of data.</summary>
    public int DataSize => Encoding.UTF8.GetByteCount(Data);

    public static MultiversXFields Read(string serialized, ReadOnlySpan<byte> publicKey)
    {
        var json = new StrictObject(StrictJson.Parse(serialized, What), What);
        var from = json.Optional("from");
        var fields = new MultiversXFields
        {
            Sender = publicKey.ToArray(),
            Receiver = MultiversXKey.TryReadAddress(json.String("to")) ?? throw json.Bad("to", "is no address: its checksum or form is wrong"),
            Value = Amount(json.Required("value")) ?? throw json.Bad("value", "is no amount of EGLD of at least zero with at most 18 decimals"),
            Data = json.OptionalString("data") ?? "",
            ExpectedGasPrice = (ulong?)json.OptionalInteger("gasPrice", 0, long.MaxValue),
            ExpectedGasLimit = (ulong?)json.OptionalInteger("gasLimit", 0, long.MaxValue),
        };
        json.Done();
        return IsOurs(from, publicKey)
            ? fields
            : throw KmsException.Refused($"{What} is not sent from the address of the wallet that is to sign it");
    }

    /// <summary>The question for the gas this transaction needs.</summary>
    public string CostQuestion() => CompactJson.Write(json => WriteMembers(json, gasLimit: 0));

    /// <summary>
    /// What is signed: the members in MultiversX's order, without white space (documentation, "Signing Transactions").
    /// </summary>
    public string SigningText() => CompactJson.Write(json => WriteMembers(json, GasLimit));

    /// <summary>What is sent: the same with the signature at the end.</summary>
    public string SignedText(ReadOnlySpan<byte> signature) =>
        $"{SigningText()[..^1]},\"signature\":\"{Hex.Lower(signature)}\"}}";

    /// <summary>The id: BLAKE2b-256 of the protobuf form.</summary>
    public byte[] Id(ReadOnlySpan<byte> signature)
    {
        var message = new List<byte>();
        Number(1, Nonce);
        // sign, then magnitude
        Bytes(2, [0, .. Value.IsZero ? [0] : Value.ToByteArray(isUnsigned: true, isBigEndian: true)]);
        Bytes(3, Receiver);
        Bytes(5, Sender);
        Number(7, GasPrice);
        Number(8, GasLimit);
        Bytes(9, Encoding.UTF8.GetBytes(Data));
        Bytes(10, Encoding.UTF8.GetBytes(ChainId));
        Number(11, Version);
        Bytes(12, signature);
        return Blake2b.Hash([.. message], 32);

        void Number(int field, ulong value)
        {
            if (value > 0)
            {
                message.AddRange(Protobuf.Number(field, value));
            }
        }

        void Bytes(int field, ReadOnlySpan<byte> value)
        {
            if (!value.IsEmpty)
            {
                message.AddRange(Protobuf.Bytes(field, value));
            }
        }
    }

    private void WriteMembers(Utf8JsonWriter json, ulong gasLimit)
    {
        json.WriteStartObject();
        json.WriteNumber("nonce", Nonce);
        json.WriteString("value", Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteString("receiver", MultiversXKey.Address(Receiver));
        json.WriteString("sender", MultiversXKey.Address(Sender));
        json.WriteNumber("gasPrice", GasPrice);
        json.WriteNumber("gasLimit", gasLimit);
        if (Data.Length > 0)
        {
            json.WriteString("data", Convert.ToBase64String(Encoding.UTF8.GetBytes(Data)));
        }

        json.WriteString("chainID", ChainId);
        json.WriteNumber("version", Version);
        json.WriteEndObject();
    }

    private static BigInteger? Amount(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => ExactDecimal.Units(value.GetString()!, 18),
        JsonValueKind.Number => ExactDecimal.Units(value.GetRawText(), 18),
        _ => null,
    };

    // the gateway writes 0 where it leaves the sender to us
    private static bool IsOurs(JsonElement? from, ReadOnlySpan<byte> publicKey) => from switch
    {
        null => true,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText() == "0",
        { ValueKind: JsonValueKind.String } text => MultiversXKey.TryReadAddress(text.GetString()!) is { } key && publicKey.SequenceEqual(key),
        _ => false,
    };
}
