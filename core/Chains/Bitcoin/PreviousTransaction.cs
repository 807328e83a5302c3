using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// A transaction whose outputs are spent. Its hash is the id that the input names, so that it proves amount and script,
/// whoever hands it over (the reason for PSBT's non-witness UTXO, BIP-174).
/// </summary>
internal sealed class PreviousTransaction
{
    private const int OutpointSize = 36;
    private const int SmallestOutput = 9;

    private readonly IReadOnlyDictionary<uint, TransactionOutput> outputs;

    private PreviousTransaction(string id, IReadOnlyDictionary<uint, TransactionOutput> outputs)
    {
        Id = id;
        this.outputs = outputs;
    }

    /// <summary>64 lower-case hex digits in display order.</summary>
    public string Id { get; }

    /// <summary>An output; null when it has none of that number, or it was not kept.</summary>
    public TransactionOutput? Output(uint index) => outputs.GetValueOrDefault(index);

    /// <summary>
    /// Itself with some outputs alone: thousands of inputs may each have a transaction of thousands of outputs.
    /// </summary>
    public PreviousTransaction With(IReadOnlySet<uint> kept) =>
        new(Id, outputs.Where(output => kept.Contains(output.Key)).ToDictionary());

    /// <summary>One whose hash was checked before, from the outputs that are remembered.</summary>
    public static PreviousTransaction Of(string id, IReadOnlyDictionary<uint, TransactionOutput> known) =>
        new(id, known);

    /// <summary>Reads the wire form, with or without witnesses (BIP-144).</summary>
    /// <exception cref="KmsException">It is no transaction; the message names <paramref name="what"/>.</exception>
    public static PreviousTransaction Read(ReadOnlySpan<byte> bytes, string what)
    {
        var wire = new WireReader(bytes, what);
        var version = wire.Bytes(4);
        var hasWitness = bytes[4..] is [0, 1, ..];
        if (hasWitness)
        {
            wire.Bytes(2);
        }

        var from = bytes.Length - wire.Left;
        var inputs = wire.Count(Transaction.BareInputSize);
        for (var input = 0; input < inputs; input++)
        {
            wire.Bytes(OutpointSize);
            wire.Slice();
            wire.UInt32();
        }

        var outputs = new Dictionary<uint, TransactionOutput>();
        var count = wire.Count(SmallestOutput);
        for (var output = 0u; output < count; output++)
        {
            outputs[output] = new(unchecked((long)wire.UInt64()), wire.Slice().ToArray());
        }

        var body = bytes[from..^wire.Left];
        if (hasWitness)
        {
            SkipWitnesses(ref wire, inputs);
        }

        var lockTime = wire.Bytes(4);
        wire.Done();
        var hash = Digests.Sha256d([.. version, .. body, .. lockTime]);
        Array.Reverse(hash);
        return new(Hex.Lower(hash), outputs);
    }

    /// <summary>Reads the answer to <see cref="Question"/>.</summary>
    /// <exception cref="KmsException"><see cref="Failure.Gateway"/>: it holds no such transaction.</exception>
    public static PreviousTransaction Read(JsonElement answer, string id)
    {
        var text = answer.ValueKind is JsonValueKind.Object && answer.TryGetProperty("hex", out var hex) && hex.ValueKind is JsonValueKind.String ? hex.GetString()! : "";
        return text.Length > 0 && Read(Hex.Read(text, "the previous transaction"), "the previous transaction") is var previous && previous.Id == id
            ? previous
            : throw new KmsException(Failure.Gateway, $"the gateway did not give the previous transaction {id}, which proves what an input holds", "see requireVerifiedFee in docs/policy.md");
    }

    /// <summary>Asks the gateway for a transaction. What it answers need not be believed: it is hashed.</summary>
    public static NodeCall Question(BitcoinCoin coin, string id) =>
        NodeCall.Get(coin.BroadcastRoute.Replace("/broadcast", "/transaction/", StringComparison.Ordinal) + id, $"the previous transaction {id}") with { LargestAnswer = NodeCall.LargeAnswer };

    private static void SkipWitnesses(ref WireReader wire, int inputs)
    {
        for (var input = 0; input < inputs; input++)
        {
            var items = wire.Count(1);
            for (var item = 0; item < items; item++)
            {
                wire.Slice();
            }
        }
    }
}
