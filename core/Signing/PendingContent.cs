using System.Globalization;
using System.Security.Cryptography;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Signing;

/// <summary>By what a journal knows a request again.</summary>
public static class PendingContent
{
    /// <summary>
    /// SHA-256 over everything a signature depends on; the gateway's other members may change freely.
    /// </summary>
    public static string DigestOf(PendingTransaction pending, Network network)
    {
        var canonical = CompactJson.Hashed(json =>
        {
            json.WriteStartArray();
            json.WriteStringValue(pending.Chain);
            json.WriteStringValue(network.ToString());
            json.WriteStringValue(pending.SerializedTransaction);
            json.WriteStartArray();
            foreach (var hash in pending.Hashes)
            {
                json.WriteStringValue(hash);
            }

            json.WriteEndArray();
            json.WriteStartArray();
            foreach (var (signatureId, index) in pending.Signatures)
            {
                json.WriteStringValue(signatureId);
                json.WriteStringValue(index?.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteEndArray();
            json.WriteStringValue(pending.Index?.ToString(CultureInfo.InvariantCulture));
            json.WriteStringValue(pending.WithdrawalId);
            json.WriteStringValue(pending.WithdrawalResponses?.GetRawText());
            json.WriteEndArray();
        });
        return Hex.Lower(SHA256.HashData(canonical));
    }
}
