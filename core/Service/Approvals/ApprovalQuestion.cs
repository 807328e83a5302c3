using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Anomalies;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Keys;

namespace KmsCloud.Approvals;

/// <summary>How the approver is asked (docs/four-eye.md).</summary>
public enum ApprovalBody
{
    /// <summary><c>GET URL/ID</c>.</summary>
    None,

    /// <summary><c>POST</c> of the pending object's canonical bytes.</summary>
    Pending,

    /// <summary><c>POST</c> of <c>{pending, summary, transactionDigest}</c>.</summary>
    Full,
}

/// <summary>A request of the gateway as it is told to the approver, the journal and the audit log: one spelling, one digest.</summary>
public sealed class RequestDigest
{
    private readonly JsonElement pending;

    /// <summary>Of a pending object as the gateway sent it.</summary>
    /// <exception cref="Errors.KmsException">A number in it has another spelling in RFC 8785.</exception>
    public RequestDigest(JsonElement pending)
    {
        this.pending = pending;
        Text = Hex.Lower(SHA256.HashData(Canonical()));
    }

    /// <summary>The object in the spelling of RFC 8785, UTF-8; made when it is asked for, as hundreds wait side by side.</summary>
    public byte[] Canonical() => CanonicalJson.Bytes(pending);

    /// <summary>SHA-256 over it, lower-case hex.</summary>
    public string Text { get; }
}

/// <summary>What the second pair of eyes is asked.</summary>
/// <param name="Id">The pending id.</param>
/// <param name="Request">The request.</param>
/// <param name="Number">Which signature of it a yes gives, from 1.</param>
/// <param name="Summary">Who pays whom what, as policy and audit log see it; null where nothing was decoded.</param>
/// <param name="TransactionDigest">SHA-256 over the bytes that a yes signs, lower-case hex; null where they are not known.</param>
public sealed record ApprovalQuestion(string Id, RequestDigest Request, int Number, TransactionSummary? Summary, string? TransactionDigest)
{
    /// <summary>Signature ids of the wallets that would sign.</summary>
    public IReadOnlyList<string> Wallets { get; init; } = [];

    /// <summary>The most it can cost in base units of the fee coin; null where that is not known or not proved.</summary>
    public BigInteger? Fee { get; init; }

    /// <summary>The network it is for.</summary>
    public Network Network { get; init; }

    /// <summary>The hash of the state's head, for the approver to keep; null for none.</summary>
    public string? StateHead { get; init; }

    /// <summary>What is unusual about it; an approver may ask more people then.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Whether anybody looked for it.</summary>
    public bool IsLookedAt { get; init; }

    /// <summary>What a yes must have been said to.</summary>
    internal EvidenceQuestion ForEvidence() => new(Network, Id, Request.Text, Number, TransactionDigest, Fee);

    /// <summary>What rules look at.</summary>
    internal QuorumSubject Subject() => new(Summary, Wallets, Fee is not null)
    {
        Findings = IsLookedAt ? [.. Findings.Select(finding => finding.Rule)] : null,
    };

    /// <summary>What is posted.</summary>
    internal byte[] Body(ApprovalBody form) => form switch
    {
        ApprovalBody.None => [],
        ApprovalBody.Pending => Request.Canonical(),
        _ => CompactJson.Utf8(WriteFull),
    };

    private void WriteFindings(Utf8JsonWriter json)
    {
        json.WriteStartArray("anomalies");
        foreach (var finding in Findings)
        {
            json.WriteStartObject();
            json.WriteString("rule", finding.Rule);
            json.WriteString("text", Printable.Line(finding.Text));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteFull(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("pending");
        json.WriteRawValue(Request.Canonical(), skipInputValidation: true);
        if (Summary is { } summary)
        {
            json.WriteStartObject("summary");
            SummaryJson.WriteSigners(json, summary, Wallets);
            SummaryJson.Write(json, summary);
            json.WriteEndObject();
        }

        json.WriteString("transactionDigest", TransactionDigest);
        if (Findings.Count > 0)
        {
            WriteFindings(json);
        }

        json.WriteEndObject();
    }
}

/// <summary>A question as an approver reads it: the body of <see cref="ApprovalBody.Full"/>.</summary>
/// <param name="RequestDigest">SHA-256 over the canonical bytes of the pending object in it, lower-case hex.</param>
/// <param name="TransactionDigest">SHA-256 over the bytes that a yes signs, or null where they are not known.</param>
public sealed record FullQuestion(string RequestDigest, string? TransactionDigest)
{
    /// <summary>Reads a body; null when it is not of that form.</summary>
    public static FullQuestion? TryRead(byte[] body)
    {
        try
        {
            var json = new StrictObject(StrictJson.Parse(body, "the question"), "the question");
            return new(new RequestDigest(json.Required("pending")).Text, json.OptionalString("transactionDigest"));
        }
        catch (KmsException)
        {
            return null;
        }
    }
}
