using System.Text.Json;

namespace KmsCloud.Evidence;

/// <summary>Evidence that approved a transaction, as the audit log keeps it (docs/audit-log.md).</summary>
/// <param name="Approvers">Digest of the approvers file in force.</param>
/// <param name="Verdict">What its rules said.</param>
/// <param name="Evidence">What was proved.</param>
public sealed record EvidenceRecord(string Approvers, QuorumVerdict Verdict, ApprovalEvidence Evidence)
{
    /// <summary>The decision of the line that says which file is in force.</summary>
    public const string InForceDecision = "approvers";

    /// <summary>Writes its members into an open line.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("approvers", Approvers);
        json.WriteString("rule", Verdict.Rule?.Name);
        json.WriteStartArray("people");
        foreach (var name in Verdict.Counted)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WritePropertyName("evidence");
        Evidence.Write(json);
    }
}
