using System.Globalization;
using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Cardano;

/// <summary>
/// A Cardano transaction: operations first, then the body that the gateway's construction calls make of them. Nothing is
/// signed but the hash of a body that was read and says what the operations say.
/// </summary>
internal sealed class CardanoTransaction : UnsignedTransaction
{
    private static readonly BigInteger DefaultFeeCeiling = 5_000_000; // lovelace; usual are 170,000 to 300,000
    private static readonly BigInteger HighFee = 600_000;
    private const uint LargestChangeIndex = 1_000_000; // a higher one would be ours, but at an address that nobody looks at

    private readonly CardanoOperations operations;
    private readonly CardanoKeyRing keys;
    private readonly string code;
    private readonly Network network;
    private readonly NodeCall? question;
    private readonly Func<JsonElement, CardanoTransaction>? next;
    private readonly CardanoBody? body;
    private readonly byte[] rest = [];
    private readonly IReadOnlyList<PublicKey> signers = [];

    private CardanoTransaction(CardanoOperations operations, CardanoKeyRing keys, string code, Network network)
    {
        (this.operations, this.keys, this.code, this.network) = (operations, keys, code, network);
        (question, next) = (CardanoConstruction.Preprocess(operations, network), answer => new(this, CardanoConstruction.Metadata(answer, network), WithMetadata));
        Summary = Summarise();
    }

    private CardanoTransaction(CardanoTransaction before, NodeCall question, Func<JsonElement, CardanoTransaction> next)
        : this(before.operations, before.keys, before.code, before.network) => (this.question, this.next) = (question, next);

    private CardanoTransaction(CardanoTransaction before, CardanoBody body, byte[] rest, IReadOnlyList<PublicKey> signers)
    {
        (operations, keys, code, network) = (before.operations, before.keys, before.code, before.network);
        (this.body, this.rest, this.signers) = (body, rest, signers);
        Summary = Summarise();
    }

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<NodeCall> Missing => question is null ? [] : [question];

    /// <summary>What is signed.</summary>
    internal byte[] Digest => Blake2b.Hash(body!.Bytes, 32);

    /// <summary>The body once it is there.</summary>
    internal CardanoBody Body => body!;

    public static CardanoTransaction Read(PendingTransaction pending, PendingKeys pendingKeys, ChainInfo info, SigningContext context)
    {
        var operations = CardanoOperations.Read(pending.SerializedTransaction, context.Network);
        var keys = new CardanoKeyRing(pendingKeys, context.Network);
        if (operations.Inputs.FirstOrDefault(input => !keys.Holds(input.KeyHash)) is { } foreign)
        {
            throw KmsException.Refused($"no named wallet owns the Cardano input at {foreign.Address}");
        }

        var ceiling = context.For(info.Code).FeeCeiling ?? DefaultFeeCeiling;
        return operations.Fee <= ceiling
            ? new(operations, keys, info.Code, context.Network)
            : throw KmsException.Refused(string.Create(CultureInfo.InvariantCulture, $"the Cardano transaction's fee of {operations.Fee} lovelace is above {ceiling}"));
    }

    /// <inheritdoc/>
    public override UnsignedTransaction Complete(NodeAnswers answers) => next!(answers.Bodies[0]);

    /// <inheritdoc/>
    public override byte[] SigningBytes => [.. Body.Bytes];

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys privateKeys)
    {
        var digest = Digest;
        var witnesses = signers.SelectMany(key => (byte[])
        [
            .. Cbor.Head(CborType.Array, 2), .. Cbor.Bytes(key.Bytes), .. Cbor.Bytes(privateKeys.Open(key).SignEd25519(digest)),
        ]);
        byte[] transaction =
        [
            .. Cbor.Head(CborType.Array, 4), .. body!.Bytes,
            .. Cbor.Head(CborType.Map, 1), 0, .. Cbor.Head(CborType.Array, (ulong)signers.Count), .. witnesses, // witness set: key witnesses
            0xf5, 0xf6, // valid: true; auxiliary data: null
        ];
        byte[] envelope = [.. Cbor.Head(CborType.Array, 2), .. Cbor.Text(Hex.Lower(transaction)), .. rest];
        return new(Hex.Lower(envelope), Hex.Lower(digest))
        {
            ValidUntil = ValidUntil,
            MayBeCompleted = operations.Inputs.Count > 1, // whose an input is, only the request says
        };
    }

    private CardanoTransaction WithMetadata(JsonElement metadata) => new(this, CardanoConstruction.Payloads(operations, metadata, network), WithBody);

    private CardanoTransaction WithBody(JsonElement answer)
    {
        const string What = "the gateway's unsigned Cardano transaction";
        var (envelope, payloads) = CardanoConstruction.ReadPayloads(answer);
        var cbor = new CborReader(envelope, What);
        var parts = cbor.Array();
        if (!cbor.Next(ref parts))
        {
            throw cbor.Malformed("is empty");
        }

        var built = new CardanoBody(Hex.Read(cbor.Text(), What));
        if (!cbor.Next(ref parts) || cbor.Type is not CborType.Map)
        {
            throw cbor.Malformed("is not the body with its operations");
        }

        var second = cbor.Raw().ToArray();
        if (cbor.Next(ref parts))
        {
            throw cbor.Malformed("is not the body with its operations");
        }

        cbor.Done();
        built.MustBe(operations, network);
        var signing = Signers(payloads, Blake2b.Hash(built.Bytes, 32));
        built.RequireLeast(signing.Count);
        return new(this, built, second, signing);
    }

    // one witness for each key, in the order of the payloads, then of the inputs
    private List<PublicKey> Signers(IReadOnlyList<(string Address, byte[] Digest)> payloads, byte[] digest)
    {
        var inputs = operations.Inputs.DistinctBy(input => input.Address).ToDictionary(input => input.Address);
        if (payloads.Any(payload => !payload.Digest.AsSpan().SequenceEqual(digest)))
        {
            throw KmsException.Refused("the gateway asks to sign something else than the hash of the transaction it built");
        }

        if (payloads.Any(payload => !inputs.ContainsKey(payload.Address)))
        {
            throw KmsException.Refused("the gateway asks for a signature of an address that is not among the inputs");
        }

        return [.. payloads.Select(payload => inputs[payload.Address]).Concat(operations.Inputs).Select(input => Hex.Lower(input.KeyHash)).Distinct().Select(hash => keys[hash])];
    }

    private DateTimeOffset? ValidUntil => body?.Expires is { } slot ? CardanoSlots.End(slot, network) : null;

    private TransactionSummary Summarise()
    {
        var details = new Dictionary<string, string> { ["inputs"] = string.Join(", ", operations.Inputs.Select(input => $"{input.Coin.TransactionId}#{input.Coin.Index}")) };
        var warnings = new List<string>();
        if (operations.Fee > HighFee)
        {
            warnings.Add("the fee is far above the usual");
        }

        if (body is not null)
        {
            details["valid until slot"] = body.Expires is { } last ? $"{last}" : "any";
            details["valid from slot"] = body.ValidFrom is { } first ? $"{first}" : "any";
        }

        IReadOnlyList<string> small = [.. body?.SmallOutputs() ?? []];
        warnings.AddRange(small);
        if (body is { Expires: null })
        {
            warnings.Add("never expires: there is no last slot");
        }

        var payers = operations.Inputs.Select(input => keys.WalletOf(input.KeyHash)).ToHashSet(StringComparer.Ordinal);
        return new()
        {
            Chain = code,
            Network = network,
            Kind = "transfer",
            From = [.. operations.Inputs.Select(input => input.Address).Distinct()],
            Transfers = [.. operations.Outputs.SelectMany(output => Transfers(output, payers))],
            Fee = new(operations.Fee, 6, "ADA"),
            Warnings = warnings,
            ValidUntil = ValidUntil,
            BrokenRules = small,
            Details = details,
        };
    }

    private IEnumerable<Transfer> Transfers(CardanoOperations.Output output, IReadOnlySet<string> payers)
    {
        var isChange = keys.Owns(output.Address, payers, out var index) && index is null or <= LargestChangeIndex;
        return output.Content.Value.Amounts().Select(amount => new Transfer(output.Address, amount) { IsChange = isChange, ChangeIndex = isChange ? index : null });
    }
}
