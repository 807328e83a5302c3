using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Tron;

/// <summary>How a transaction's JSON writes addresses and labels.</summary>
/// <param name="Visible">Addresses in Base58Check instead of hex.</param>
/// <param name="LabelsAsText">Labels as text instead of hex.</param>
internal readonly record struct TronForm(bool Visible, bool LabelsAsText);

/// <summary>One protobuf message read from JSON to the last member, and its bytes.</summary>
internal sealed class TronMessage
{
    private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);
    private readonly TronField[] fields;

    private TronMessage(TronField[] fields) => this.fields = fields;

    /// <summary>Reads a message.</summary>
    public static TronMessage Read(TronField[] fields, StrictObject json, TronForm form)
    {
        var message = new TronMessage(fields);
        foreach (var field in fields)
        {
            if (json.Optional(field.Name) is { } value)
            {
                message.values[field.Name] = Value(field, value, json, form);
            }
        }

        json.Done();
        return message;
    }

    /// <summary>The names and texts of the fields that are there, for people.</summary>
    public IEnumerable<(string Name, string Text)> Texts() =>
        from field in fields where values.ContainsKey(field.Name) select (field.Name, Text(field, values[field.Name]));

    /// <summary>An integer field, zero when absent.</summary>
    public long Integer(string name) => values.TryGetValue(name, out var value) ? (long)value : 0;

    /// <summary>An address or bytes field, empty when absent.</summary>
    public byte[] Bytes(string name) => values.TryGetValue(name, out var value) ? (byte[])value : [];

    /// <summary>A message field, or null.</summary>
    public TronMessage? Message(string name) => values.TryGetValue(name, out var value) ? (TronMessage)value : null;

    /// <summary>The message in protobuf.</summary>
    public byte[] Encode()
    {
        var bytes = new Protobuf();
        foreach (var field in fields)
        {
            switch (values.GetValueOrDefault(field.Name))
            {
                case long number:
                    bytes.Integer(field.Number, number);
                    break;
                case byte[] data:
                    bytes.Bytes(field.Number, data);
                    break;
                case string text:
                    bytes.Bytes(field.Number, Encoding.UTF8.GetBytes(text));
                    break;
                case TronMessage message:
                    bytes.Message(field.Number, message.Encode());
                    break;
                case TronMessage[] messages:
                    Array.ForEach(messages, message => bytes.Message(field.Number, message.Encode()));
                    break;
            }
        }

        return bytes.ToArray();
    }

    private static object Value(TronField field, JsonElement value, StrictObject json, TronForm form) => field.Kind switch
    {
        TronKind.Integer or TronKind.Sun => Int64(field, value, json),
        TronKind.Flag => value.ValueKind switch
        {
            JsonValueKind.True => 1L,
            JsonValueKind.False => 0L,
            _ => throw json.Bad(field.Name, "is not true or false"),
        },
        TronKind.Choice when value.ValueKind is JsonValueKind.Number => Int64(field, value, json),
        TronKind.Choice => field.Names.TryGetValue(String(field, value, json).ToLowerInvariant(), out var number)
            ? (long)number
            : throw json.Bad(field.Name, "is not a known name"),
        TronKind.Message => Read(field.Fields, new(value, $"the transaction's {field.Name}"), form),
        TronKind.Messages when value.ValueKind is JsonValueKind.Array =>
            (TronMessage[])[.. value.EnumerateArray().Select(element => Read(field.Fields, new(element, $"an element of {field.Name}"), form))],
        TronKind.Messages => throw json.Bad(field.Name, "is not an array"),
        TronKind.Address => TronAddress.Read(String(field, value, json), form.Visible, $"the transaction's {field.Name}"),
        TronKind.Label when form.LabelsAsText => Encoding.UTF8.GetBytes(String(field, value, json)),
        TronKind.Bytes or TronKind.Label => Hex.Read(String(field, value, json), $"the transaction's {field.Name}"),
        _ => String(field, value, json),
    };

    private static long Int64(TronField field, JsonElement value, StrictObject json) =>
        value.ValueKind is JsonValueKind.Number && StrictObject.ExactInteger(value) is { } number && number >= 0 && number <= long.MaxValue
            ? (long)number
            : throw json.Bad(field.Name, "is not a whole number from 0 to 2^63-1");

    private static string String(TronField field, JsonElement value, StrictObject json) =>
        value.ValueKind is JsonValueKind.String ? value.GetString()! : throw json.Bad(field.Name, "is not text");

    private static string Text(TronField field, object value) => (field.Kind, value) switch
    {
        (TronKind.Sun, long sun) => new Amount(new BigInteger(sun), 6, "TRX").ToString(),
        (TronKind.Flag, long flag) => flag == 0 ? "no" : "yes",
        (TronKind.Choice, long choice) => field.Names.FirstOrDefault(name => name.Value == choice) is { Key: { } name }
            ? name.ToUpperInvariant()
            : choice.ToString(CultureInfo.InvariantCulture),
        (TronKind.Address, byte[] address) => TronAddress.Text(address),
        (TronKind.Label, byte[] label) => MemoText.Of(label) ?? "",
        (TronKind.Text, string text) => MemoText.Of(Encoding.UTF8.GetBytes(text)) ?? "",
        (_, byte[] data) => string.Create(CultureInfo.InvariantCulture, $"{data.Length} bytes"),
        (_, TronMessage message) => "{" + string.Join(", ", message.Texts().Select(pair => $"{pair.Name}: {pair.Text}")) + "}",
        (_, TronMessage[] messages) => string.Join(", ", messages.Select(message => Text(new(0, "", TronKind.Message), message))),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
