using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Evidence;

/// <summary>
/// The body of an approver's answer: what people decided about one question, each signed by a security key.
/// </summary>
/// <param name="Network">The network.</param>
/// <param name="Id">The pending id.</param>
/// <param name="Request">Digest of the request.</param>
/// <param name="Number">Which signature of the request.</param>
/// <param name="Decisions">The decisions.</param>
public sealed record ApprovalEvidence(
    Network Network, string Id, string Request, int Number, IReadOnlyList<SignedDecision> Decisions)
{
    /// <summary>Most decisions in one answer.</summary>
    public const int MostDecisions = 32;

    /// <summary>Most bytes of an answer.</summary>
    public const int LargestBody = 256 * 1024; // 32 decisions of 7 KiB

    /// <summary>Reads a body strictly.</summary>
    /// <exception cref="KmsException">It is none.</exception>
    public static ApprovalEvidence Read(ReadOnlyMemory<byte> utf8) => Read(StrictJson.Parse(utf8, "the evidence"));

    /// <summary>Reads what a body was parsed to.</summary>
    /// <exception cref="KmsException">It is none.</exception>
    public static ApprovalEvidence Read(JsonElement element)
    {
        var json = new StrictObject(element, "the evidence");
        json.Integer("version", 1, 1);
        var network = ReadNetwork(json);
        var (id, request, number) = (
            json.String("id"), json.String("request"), (int)json.Integer("number", 1, int.MaxValue));
        var decisions = json.Array("decisions");
        json.Done();
        if (decisions.Count > MostDecisions)
        {
            throw json.Bad("decisions", $"has more than {MostDecisions} entries");
        }

        return new(
            network, id, request, number, [.. decisions.Select(item => SignedDecision.Read(new(item, "a decision")))]);
    }

    /// <summary>Writes it as a value.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteString("network", Network.ToString().ToLowerInvariant());
        json.WriteString("id", Id);
        json.WriteString("request", Request);
        json.WriteNumber("number", Number);
        json.WriteStartArray("decisions");
        foreach (var decision in Decisions)
        {
            decision.Write(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Network ReadNetwork(StrictObject json) => json.String("network") switch
    {
        "mainnet" => Network.Mainnet,
        "testnet" => Network.Testnet,
        _ => throw json.Bad("network", "is neither mainnet nor testnet"),
    };
}
