using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Stellar;

/// <summary>A decoded Stellar transaction.</summary>
internal sealed class StellarTransaction : UnsignedTransaction
{
    private const long DefaultFeeCeiling = 10_000_000; // stroops: one XLM for at most 100 operations of 100 stroops
    private const long HighFeePerOperation = 10_000;

    private readonly PublicKey key;
    private readonly StellarEnvelope envelope;

    private StellarTransaction(PublicKey key, StellarEnvelope envelope, byte[] payload, TransactionSummary summary) =>
        (this.key, this.envelope, Payload, Summary) = (key, envelope, payload, summary);

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <summary>What is hashed for the signature.</summary>
    internal byte[] Payload { get; }

    /// <summary>The envelope as read.</summary>
    internal StellarEnvelope Envelope => envelope;

    public static StellarTransaction Read(PendingTransaction pending, PublicKey key, ChainInfo info, SigningContext context)
    {
        var envelope = new StellarEnvelope(FromBase64(pending.SerializedTransaction));
        var payload = envelope.SigningPayload(NetworkId(context.Network));
        Check(envelope, payload, key, context.For(info.Code));
        return new(key, envelope, payload, Summarise(envelope, info.Code, context.Network));
    }

    /// <inheritdoc/>
    public override byte[] SigningBytes => Payload;

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        var digest = SHA256.HashData(Payload);
        var signature = keys.Open(key).SignEd25519(digest);
        return new(Convert.ToBase64String(envelope.With(key.Bytes, signature)), Hex.Lower(digest))
        {
            ValidUntil = envelope.ValidUntil,
            MayBeCompleted = true, // anybody can add signatures, or take those away that nobody needs
        };
    }

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private static byte[] NetworkId(Network network) => SHA256.HashData(network is Network.Mainnet
        ? "Public Global Stellar Network ; September 2015"u8
        : "Test SDF Network ; September 2015"u8);

    private static byte[] FromBase64(string text)
    {
        if (IsHexEnvelope(text))
        {
            throw KmsException.Refused("the Stellar transaction is in hexadecimal, and Base64 is wanted", "encode the same bytes in Base64 (XDR, RFC 4648 section 4)");
        }

        var data = new byte[text.Length];
        return Convert.TryFromBase64String(text, data, out var length) && Convert.ToBase64String(data.AsSpan(0, length)) == text
            ? data[..length]
            : throw KmsException.Refused("the Stellar transaction is not Base64");
    }

    // every type of envelope begins with three zero bytes
    private static bool IsHexEnvelope(string text)
    {
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return digits.StartsWith("000000") && !digits.ContainsAnyExcept(HexDigits);
    }

    private static void Check(StellarEnvelope envelope, byte[] payload, PublicKey key, ChainOptions options)
    {
        var signer = key.Bytes.ToArray();
        var isOurs = envelope.SignerKey.AsSpan().SequenceEqual(signer)
            || (envelope.FeePayer is null && envelope.Operations.Any(operation => operation.Source is { } source && source.PublicKey.AsSpan().SequenceEqual(signer)));
        if (!isOurs)
        {
            throw KmsException.Refused("the Stellar transaction needs no signature of this wallet: it is the source neither of the transaction nor of an operation");
        }

        var ceiling = options.FeeCeiling ?? DefaultFeeCeiling;
        if (envelope.Fee > ceiling)
        {
            throw KmsException.Refused(string.Create(CultureInfo.InvariantCulture, $"the Stellar transaction's fee of {envelope.Fee} stroops is above {ceiling}"));
        }

        var digest = SHA256.HashData(payload);
        if (envelope.Signatures.Any(present => present.Hint.AsSpan().SequenceEqual(signer.AsSpan(^4..)) && Ed25519.IsValid(signer, digest, present.Signature)))
        {
            throw KmsException.Refused("the Stellar transaction is signed by this wallet already");
        }
    }

    private static TransactionSummary Summarise(StellarEnvelope envelope, string code, Network network)
    {
        var operations = envelope.Operations;
        var feePayer = envelope.FeePayer?.Address;
        var details = new Dictionary<string, string>(envelope.Preconditions);
        var warnings = operations.Select(operation => operation.Warning).OfType<string>().ToList();
        for (var i = 0; i < operations.Count; i++)
        {
            details[$"operation {i + 1}"] = operations[i].Text;
        }

        if (feePayer is not null)
        {
            details["fee paid by"] = feePayer;
        }

        if (envelope.Fee > HighFeePerOperation * operations.Count)
        {
            warnings.Add("the fee is far above the usual 100 stroops per operation");
        }

        if (envelope.NeverExpires)
        {
            warnings.Add("never expires: there is no upper time bound");
        }

        return new()
        {
            Chain = code,
            Network = network,
            Kind = string.Join(", ", operations.Select(operation => Kind(operation.Name)).Distinct()),
            From = [.. operations.Select(operation => operation.Source?.Address ?? envelope.Source).Append(envelope.Source).Append(feePayer).OfType<string>().Distinct()],
            Transfers = [.. operations.SelectMany(operation => operation.Transfers).Select(transfer => transfer with { Tag = envelope.Tag })],
            Uncounted =
            [
                .. operations.Select(operation => operation.Uncounted).OfType<string>()
                    .Select(to => new Payee(to, envelope.Tag)),
            ],
            Fee = new(envelope.Fee, 7, "XLM"),
            Sequence = envelope.Sequence.ToString(CultureInfo.InvariantCulture),
            Memo = envelope.Memo,
            Method = operations.All(operation => Kind(operation.Name) is "transfer") ? null : string.Join(", ", operations.Select(operation => operation.Name).Distinct()),
            Understood = operations.All(operation => operation.IsBounded),
            Warnings = warnings,
            ValidUntil = envelope.ValidUntil,
            Details = details,
        };
    }

    private static string Kind(string operation) => operation switch
    {
        "payment" => "transfer",
        "createAccount" => "account creation",
        "changeTrust" => "trust line",
        _ => operation,
    };
}
