using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Flow;

/// <summary>
/// What the journal keeps: the payload's parts, from which everything else follows, and our signature over it.
/// </summary>
/// <param name="Payload">The payload.</param>
/// <param name="Signature">Our signature.</param>
internal sealed record FlowSigned(FlowPayload Payload, byte[] Signature)
{
    private const string What = "the journal's Flow transaction";

    public string Write() => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("script", Payload.Script);
        json.WriteStartArray("arguments");
        foreach (var argument in Payload.Arguments)
        {
            json.WriteStringValue(argument);
        }

        json.WriteEndArray();
        json.WriteString("referenceBlock", Payload.ReferenceBlock);
        json.WriteNumber("referenceHeight", Payload.ReferenceHeight);
        WriteKey(json, "proposer", Payload.Proposer);
        json.WriteNumber("sequenceNumber", Payload.SequenceNumber);
        WriteKey(json, "payer", Payload.Payer);
        json.WriteString("account", Payload.Authorizer.Address);
        json.WriteString("signature", Hex.Lower(Signature));
        json.WriteEndObject();
    });

    public static FlowSigned Read(string data)
    {
        var json = new StrictObject(StrictJson.Parse(data, What), What);
        return new(
            new()
            {
                Script = json.String("script"),
                Arguments = [.. json.Array("arguments").Select(argument => argument.GetString()!)],
                ReferenceBlock = json.String("referenceBlock"),
                ReferenceHeight = json.Required("referenceHeight").GetUInt64(),
                Proposer = ReadKey(json, "proposer"),
                SequenceNumber = json.Required("sequenceNumber").GetUInt64(),
                Payer = ReadKey(json, "payer"),
                Authorizer = new(json.String("account"), 0),
            },
            Hex.Read(json.String("signature"), What, 64));
    }

    private static void WriteKey(Utf8JsonWriter json, string name, FlowKey key)
    {
        json.WriteStartObject(name);
        json.WriteString("address", key.Address);
        json.WriteNumber("keyId", key.KeyId);
        json.WriteEndObject();
    }

    private static FlowKey ReadKey(StrictObject json, string name)
    {
        var key = json.Object(name);
        return new(key.String("address"), (uint)key.Integer("keyId", 0, uint.MaxValue));
    }
}
