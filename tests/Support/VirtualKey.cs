using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Evidence;

namespace KmsCloud.Tests.Approver;

/// <summary>
/// A security key in software: gives what a real one gives, and whatever a test wants to be wrong with it.
/// </summary>
internal sealed class VirtualKey : IDisposable
{
    public const string Host = "approvals.example";
    public const string Origin = "https://approvals.example";
    public const string Model = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private uint counter;

    public byte[] Credential { get; } = RandomNumberGenerator.GetBytes(32);

    public string CredentialText => Base64Url.EncodeToString(Credential);

    /// <summary>What the key says of itself.</summary>
    public byte Flags { get; set; } = 0x05;

    public string RelyingParty { get; set; } = Host;

    /// <summary>Bytes behind the 37 of the authenticator data.</summary>
    public byte[] Extensions { get; set; } = [];

    /// <summary>Changes what the browser says.</summary>
    public Action<JsonObject> OnClientData { get; set; } = _ => { };

    public ECPoint Point => key.ExportParameters(includePrivateParameters: false).Q;

    public JsonObject Entry() => new()
    {
        ["credential"] = CredentialText,
        ["publicKey"] = Base64Url.EncodeToString(key.ExportSubjectPublicKeyInfo()),
        ["aaguid"] = Model,
        ["rpId"] = Host,
        ["added"] = "2026-11-28T08:00:00Z",
    };

    public SignedDecision Decide(EvidenceQuestion question, string? bound = null, DateTimeOffset? now = null, string decision = SignedDecision.Approve)
    {
        var expires = (now ?? DateTimeOffset.UnixEpoch.AddYears(56)).AddHours(1).ToUnixTimeSeconds();
        bound ??= SignedDecision.ToTransaction(question.Transaction!);
        var nonce = SignedDecision.NewNonce();
        return new()
        {
            Decision = decision,
            Bound = bound,
            Nonce = nonce,
            Expires = expires,
            Assertion = Sign(SignedDecision.Challenge(question, decision, bound, nonce, expires)),
        };
    }

    public Assertion Sign(byte[] challenge)
    {
        var client = new JsonObject
        {
            ["type"] = "webauthn.get",
            ["challenge"] = Base64Url.EncodeToString(challenge),
            ["origin"] = Origin,
            ["crossOrigin"] = false,
            ["other_keys_can_be_added_here"] = "do not compare clientDataJSON against a template",
        };
        OnClientData(client);
        var clientData = Encoding.UTF8.GetBytes(client.ToJsonString());
        var data = new byte[37 + Extensions.Length];
        SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty)).CopyTo(data, 0);
        data[32] = Flags;
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), ++counter);
        Extensions.CopyTo(data, 37);
        byte[] message = [.. data, .. SHA256.HashData(clientData)];
        var signature = key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new(CredentialText, data, clientData, signature);
    }

    public void Dispose() => key.Dispose();
}
