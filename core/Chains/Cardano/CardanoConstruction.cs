using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Cardano;

/// <summary>
/// The construction API behind the gateway (Rosetta/Mesh): each call passes on what the one before answered.
/// </summary>
internal static class CardanoConstruction
{
    private const int RelativeExpiry = 1000; // slots

    public static NodeCall Preprocess(CardanoOperations operations, Network network) => Call(network, "preprocess", "the options of the transaction", json =>
    {
        WriteOperations(json, operations);
        json.WriteStartObject("metadata");
        json.WriteNumber("relative_ttl", RelativeExpiry);
        json.WriteEndObject();
    });

    public static NodeCall Metadata(JsonElement preprocessed, Network network) =>
        Call(network, "metadata", "the transaction's time limit", json => WriteMembers(json, preprocessed));

    public static NodeCall Payloads(CardanoOperations operations, JsonElement metadata, Network network) => Call(network, "payloads", "the transaction", json =>
    {
        WriteOperations(json, operations);
        WriteMembers(json, metadata);
    });

    /// <summary>The answer of <see cref="Payloads"/>: the CBOR envelope, and what is to be signed by whom.</summary>
    public static (byte[] Envelope, IReadOnlyList<(string Address, byte[] Digest)> Payloads) ReadPayloads(
        JsonElement answer)
    {
        const string What = "the gateway's unsigned Cardano transaction";
        var json = new StrictObject(answer, What);
        var envelope = Hex.Read(json.String("unsigned_transaction"), What);
        return (envelope, [.. json.Array("payloads").Select(element =>
        {
            var payload = new StrictObject(element, What);
            return (payload.Object("account_identifier").String("address"), Hex.Read(payload.String("hex_bytes"), What));
        })]);
    }

    private static NodeCall Call(Network network, string step, string what, Action<Utf8JsonWriter> members)
    {
        var name = network is Network.Mainnet ? "mainnet" : "preprod";
        var call = NodeCall.Post(
            $"/v3/blockchain/node/cardano-{name}/{{apiKey}}/construction/{step}",
            CompactJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteStartObject("network_identifier");
                json.WriteString("blockchain", "cardano");
                json.WriteString("network", name);
                json.WriteEndObject();
                members(json);
                json.WriteEndObject();
            }),
            what);
        return call with { LargestAnswer = NodeCall.LargeAnswer }; // it names every input once more
    }

    private static void WriteOperations(Utf8JsonWriter json, CardanoOperations operations)
    {
        json.WritePropertyName("operations");
        operations.Json.WriteTo(json);
    }

    private static void WriteMembers(Utf8JsonWriter json, JsonElement answer)
    {
        if (answer.ValueKind is not JsonValueKind.Object)
        {
            throw new KmsException(
                Failure.Gateway, "the gateway's construction of the Cardano transaction gave no object");
        }

        foreach (var member in answer.EnumerateObject().Where(member => member.Name is not ("network_identifier" or "operations")))
        {
            member.WriteTo(json);
        }
    }
}
