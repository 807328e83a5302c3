using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Tron;

/// <summary>
/// A transaction a full node prepared: the JSON people read, the bytes that are signed and their hash. The JSON is encoded
/// again and must give the same bytes, so what is shown is what is signed.
/// </summary>
internal sealed class TronTransaction : UnsignedTransaction
{
    private readonly JsonElement whole;
    private readonly TronRaw raw;
    private readonly byte[] id;
    private readonly PublicKey key;

    /// <summary>Reads and checks a pending transaction.</summary>
    public TronTransaction(string text, Network network, ChainOptions options, PublicKey key)
    {
        this.key = key;
        whole = StrictJson.Parse(text, "the transaction");
        var json = new StrictObject(whole, "the transaction"); // members it does not know stay in what is broadcast
        if (json.Optional("signature") is not null) // null is how some libraries write "none yet"
        {
            throw json.Bad("signature", "is there before anything was signed");
        }

        var visible = json.OptionalBool("visible") ?? false;
        var bytes = Hex.Read(json.String("raw_data_hex"), "the transaction's raw_data_hex");
        id = Hex.Read(json.String("txID"), "the transaction's txID", SHA256.HashSizeInBytes);
        var shown = json.Required("raw_data");
        raw = TronRaw.Read(shown, new(visible, visible));
        if (visible && !raw.Bytes.AsSpan().SequenceEqual(bytes))
        {
            raw = TronRaw.Read(shown, new(visible, LabelsAsText: false)); // some tools write labels in hex even then
        }

        if (!raw.Bytes.AsSpan().SequenceEqual(bytes))
        {
            throw KmsException.Refused("raw_data and raw_data_hex are not the same transaction: what is shown is not what would be signed");
        }

        if (!SHA256.HashData(bytes).AsSpan().SequenceEqual(id))
        {
            throw KmsException.Refused("txID is not the hash of raw_data_hex");
        }

        if (!raw.Owner.AsSpan().SequenceEqual(TronAddress.Of(key)))
        {
            throw KmsException.Refused("the transaction's owner is not the account of the key that would sign");
        }

        Summary = TronSummary.Of(network, raw);
        var ceiling = options.FeeCeiling ?? TronChain.DefaultFeeCeiling;
        if (raw.FeeLimit > ceiling)
        {
            throw KmsException.Refused(
                $"the fee limit of {new Amount(raw.FeeLimit, 6, "TRX")} is above the ceiling of {new Amount(ceiling, 6, "TRX")}",
                "if that is what the call costs, raise the fee ceiling of TRON");
        }
    }

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <inheritdoc/>
    public override byte[] SigningBytes => raw.Bytes;

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        var (signature, recoveryId) = keys.Open(key).SignEcdsaRecoverable(id);
        var text = Hex.Lower(signature) + (recoveryId + 27).ToString("X2", System.Globalization.CultureInfo.InvariantCulture);
        var signed = CompactJson.Write(json =>
        {
            json.WriteStartObject();
            foreach (var member in whole.EnumerateObject().Where(member => !member.NameEquals("signature")))
            {
                member.WriteTo(json); // numbers keep their digits
            }

            json.WriteStartArray("signature");
            json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteEndObject();
        });
        return new(signed, Hex.Lower(id))
        {
            ValidUntil = ValidTime.FromMilliseconds(raw.Expiration),
            MayBeCompleted = raw.PermissionId != 0, // a permission that the account gave, mostly to several keys
        };
    }
}
