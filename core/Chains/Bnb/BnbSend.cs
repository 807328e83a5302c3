using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Bnb;

/// <summary>Coins of one kind.</summary>
/// <param name="Denom">BNB or a BEP2 token's symbol.</param>
/// <param name="Amount">Units of 10^-8.</param>
internal readonly record struct BnbCoin(string Denom, long Amount);

/// <summary>One side of a transfer.</summary>
/// <param name="Address">20 bytes.</param>
/// <param name="Coins">What it pays or gets.</param>
internal sealed record BnbParty(byte[] Address, IReadOnlyList<BnbCoin> Coins);

/// <summary>
/// A transfer message. The pending form holds it twice, as the structure that is encoded (msg) and the one that is
/// signed (signMsg): both are read, and they must be the same.
/// </summary>
internal sealed record BnbSend(IReadOnlyList<BnbParty> Inputs, IReadOnlyList<BnbParty> Outputs, string Memo)
{
    private const string What = "the BNB transaction";
    private const int MostParties = 100;
    private const int LongestMemo = 128;
    private const string AminoPrefix = "2A2C87FA";

    public static BnbSend Read(string serialized, BnbNetwork network)
    {
        var json = new StrictObject(StrictJson.Parse(serialized, What), What);
        var (msg, signMsg) = (json.Object("msg"), json.Object("signMsg"));
        var memo = json.OptionalString("memo") ?? "";
        json.Done();
        if (memo.Length > LongestMemo)
        {
            throw json.Bad("memo", $"is longer than {LongestMemo} characters");
        }

        var send = new BnbSend(
            Parties(msg, "inputs", address => ReadBuffer(address, msg)),
            Parties(msg, "outputs", address => ReadBuffer(address, msg)),
            memo);
        if (msg.String("aminoPrefix") != AminoPrefix)
        {
            throw msg.Bad("aminoPrefix", "is not that of a transfer");
        }

        msg.Done();
        var signed = new BnbSend(
            Parties(signMsg, "inputs", address => ReadText(address, network, signMsg)),
            Parties(signMsg, "outputs", address => ReadText(address, network, signMsg)),
            memo);
        signMsg.Done();
        return Same(send.Inputs, signed.Inputs) && Same(send.Outputs, signed.Outputs)
            ? send
            : throw KmsException.Refused($"{What} shows one transfer and asks to sign another");
    }

    /// <summary>Whether both sides move the same sums of every kind, all above zero.</summary>
    public bool IsBalanced => Totals(Inputs).SequenceEqual(Totals(Outputs))
        && Inputs.Concat(Outputs).All(party => party.Coins.All(coin => coin.Amount > 0));

    /// <summary>The message in protocol buffers, without amino's prefix.</summary>
    public byte[] Encode() =>
        [.. Inputs.SelectMany(party => Protobuf.Bytes(1, Encode(party))), .. Outputs.SelectMany(party => Protobuf.Bytes(2, Encode(party)))];

    /// <summary>The message in the sign document, members sorted by name.</summary>
    public void WriteTo(Utf8JsonWriter json, BnbNetwork network)
    {
        json.WriteStartObject();
        foreach (var (name, parties) in ((string, IReadOnlyList<BnbParty>)[])[("inputs", Inputs), ("outputs", Outputs)])
        {
            json.WriteStartArray(name);
            foreach (var party in parties)
            {
                json.WriteStartObject();
                json.WriteString("address", network.Address(party.Address));
                json.WriteStartArray("coins");
                foreach (var coin in party.Coins)
                {
                    json.WriteStartObject();
                    json.WriteNumber("amount", coin.Amount);
                    json.WriteString("denom", coin.Denom);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static byte[] Encode(BnbParty party) =>
    [
        .. Protobuf.Bytes(1, party.Address),
        .. party.Coins.SelectMany(coin => Protobuf.Bytes(2, [.. Protobuf.Bytes(1, System.Text.Encoding.UTF8.GetBytes(coin.Denom)), .. Protobuf.Number(2, (ulong)coin.Amount)])),
    ];

    private static bool Same(IReadOnlyList<BnbParty> one, IReadOnlyList<BnbParty> other) => one.Count == other.Count && one.Zip(other).All(pair =>
        pair.First.Address.AsSpan().SequenceEqual(pair.Second.Address) && pair.First.Coins.SequenceEqual(pair.Second.Coins));

    private static IEnumerable<(string Denom, decimal Sum)> Totals(IReadOnlyList<BnbParty> parties) => parties
        .SelectMany(party => party.Coins).GroupBy(coin => coin.Denom).Select(group => (group.Key, group.Sum(coin => (decimal)coin.Amount))).OrderBy(total => total.Key, StringComparer.Ordinal);

    private static List<BnbParty> Parties(StrictObject message, string name, Func<JsonElement, byte[]> address)
    {
        var elements = message.Array(name);
        return elements.Count is > 0 and <= MostParties
            ? [.. elements.Select(element =>
            {
                var party = new StrictObject(element, $"{What}'s {name}");
                var read = new BnbParty(address(party.Required("address")), [.. party.Array("coins").Select(ReadCoin)]);
                party.Done();
                return read.Coins.Count is > 0 and <= MostParties
                    ? read
                    : throw party.Bad("coins", "is empty or too long");
            })]
            : throw message.Bad(name, "is empty or too long");
    }

    private static BnbCoin ReadCoin(JsonElement element)
    {
        var json = new StrictObject(element, $"{What}'s coins");
        var coin = new BnbCoin(json.String("denom"), json.Integer("amount", 0, long.MaxValue));
        json.Done();
        return coin.Denom.Length is > 0 and <= 20 && coin.Denom.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.')
            ? coin
            : throw json.Bad("denom", "is no symbol of a token");
    }

    private static byte[] ReadText(JsonElement address, BnbNetwork network, StrictObject message) =>
        address.ValueKind is JsonValueKind.String && Bech32.TryDecodeBytes(address.GetString()!, network.Prefix) is { Length: 20 } bytes
            ? bytes
            : throw message.Bad("address", $"is no address that starts with {network.Prefix}1");

    // a Node.js Buffer as JSON.stringify writes it
    private static byte[] ReadBuffer(JsonElement address, StrictObject message)
    {
        var buffer = new StrictObject(address, $"{What}'s address");
        var (type, data) = (buffer.String("type"), buffer.Array("data"));
        buffer.Done();
        return type == "Buffer" && data.Count == 20 && data.All(item => item.ValueKind is JsonValueKind.Number && item.TryGetByte(out _))
            ? [.. data.Select(item => item.GetByte())]
            : throw message.Bad("address", "is not 20 bytes");
    }
}
