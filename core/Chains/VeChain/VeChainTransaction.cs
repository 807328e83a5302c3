using System.Numerics;
using System.Text.Json;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.VeChain;

/// <summary>
/// A decoded VeChainThor transaction: fields that fill up with the node's answers, and the key that signs them.
/// </summary>
internal sealed class VeChainTransaction : UnsignedTransaction
{
    // 10,000 VTHO; a transfer costs about one
    private static readonly BigInteger DefaultFeeCeiling = BigInteger.Pow(10, 22);

    private const ulong EstimateMargin = 15000;
    private const ulong LargestEstimate = 1_000_000_000;

    private readonly Network network;
    private readonly ChainOptions options;
    private readonly PublicKey key;
    private readonly byte[] origin;
    private readonly VeChainFields fields;
    private readonly IReadOnlyList<(NodeCall Call, Func<VeChainFields, JsonElement, VeChainFields> Fill)> questions;
    private TransactionSummary? summary;

    /// <summary>Of what is known by now.</summary>
    public VeChainTransaction(Network network, ChainOptions options, PublicKey key, byte[] origin, VeChainFields fields)
    {
        (this.network, this.options, this.key, this.origin, this.fields) = (network, options, key, origin, fields);
        if (fields.Gas < fields.IntrinsicGas)
        {
            throw KmsException.Refused($"gas of {fields.Gas} is below the {fields.IntrinsicGas} that the transaction costs before anything runs");
        }

        if (VeChainSummary.LargestFee(fields) > (options.FeeCeiling ?? DefaultFeeCeiling))
        {
            throw KmsException.Refused($"the fee can reach {VeChainSummary.LargestFee(fields)} base units of VTHO, above the fee ceiling of VET");
        }

        questions = [.. Questions()];
    }

    /// <inheritdoc/>
    public override TransactionSummary Summary => summary ??= VeChainSummary.Of(network, origin, fields);

    /// <inheritdoc/>
    public override IReadOnlyList<NodeCall> Missing => [.. questions.Select(question => question.Call)];

    /// <inheritdoc/>
    public override UnsignedTransaction Complete(NodeAnswers answers) => new VeChainTransaction(
        network, options, key, origin, questions.Zip(answers.Bodies).Aggregate(fields, (filled, pair) => pair.First.Fill(filled, pair.Second)));

    /// <inheritdoc/>
    public override byte[] SigningBytes => Rlp.List(fields.Items());

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        if (questions.Count > 0)
        {
            throw new InvalidOperationException("the transaction is not complete");
        }

        var digest = Blake2b.Hash(SigningBytes, 32);
        var (signature, recoveryId) = keys.Open(key).SignEcdsaRecoverable(digest);
        if (recoveryId > 1) // r overflowed the group order, which VeChainThor cannot express: chance 2^-127
        {
            throw KmsException.Refused("this transaction has no signature in VeChainThor's form; send it again");
        }

        var signed = Rlp.List([.. fields.Items(), Rlp.Bytes([.. signature, (byte)recoveryId])]);
        return new(Hex.Lower0x(signed), Hex.Lower0x(Blake2b.Hash([.. digest, .. origin], 32)));
    }

    private IEnumerable<(NodeCall Call, Func<VeChainFields, JsonElement, VeChainFields> Fill)> Questions()
    {
        if (fields.Gas is null)
        {
            var call = NodeCall.Post("/accounts/*?revision=best", Simulation(), "the gas") with { Host = VeChainChain.Node };
            yield return (call, (filled, answer) => filled with { Gas = Gas(answer) });
        }

        if (fields.ChainTag is null)
        {
            yield return (
                NodeCall.Get("/blocks/0", "the chain tag") with { Host = VeChainChain.Node },
                (filled, answer) => filled with { ChainTag = VeChainChain.TagOfNode(BlockId(answer), network, options) });
        }

        if (fields.BlockRef is null)
        {
            yield return (
                NodeCall.Get("/blocks/best", "the block reference") with { Host = VeChainChain.Node, LargestAnswer = NodeCall.LargeAnswer },
                (filled, answer) => filled with { BlockRef = BlockId(answer)[..VeChainFields.BlockRefSize] });
        }
    }

    private string Simulation() => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("clauses");
        foreach (var (to, value, data) in fields.Clauses)
        {
            json.WriteStartObject();
            json.WriteString("to", to is null ? null : Hex.Lower0x(to));
            json.WriteString("value", Quantity.ToHex(value));
            json.WriteString("data", Hex.Lower0x(data));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("caller", Hex.Lower0x(origin));
        json.WriteEndObject();
    });

    private ulong Gas(JsonElement answer)
    {
        if (answer.ValueKind is not JsonValueKind.Array || answer.GetArrayLength() != fields.Clauses.Count)
        {
            throw KmsException.Refused("the node's simulation does not answer for every clause");
        }

        BigInteger used = 0;
        foreach (var result in answer.EnumerateArray())
        {
            if (result.ValueKind is not JsonValueKind.Object || !result.TryGetProperty("reverted", out var reverted)
                || reverted.ValueKind is not (JsonValueKind.True or JsonValueKind.False) || !result.TryGetProperty("gasUsed", out var gas))
            {
                throw KmsException.Refused("the node's simulation does not say how much gas a clause uses");
            }

            if (reverted.ValueKind is JsonValueKind.True)
            {
                throw KmsException.Refused("the transaction would fail: the node's simulation of a clause reverts");
            }

            used += Quantity.Answer(gas, "the gas");
        }

        return used <= LargestEstimate
            ? fields.IntrinsicGas + (used > 0 ? (ulong)used + EstimateMargin : 0)
            : throw KmsException.Refused("the node's estimate of gas is beyond any block's limit");
    }

    private static byte[] BlockId(JsonElement answer) =>
        answer.ValueKind is JsonValueKind.Object && answer.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String
            ? Hex.Read0x(id.GetString(), "the id of the node's block", 32)
            : throw KmsException.Refused("the node's block has no id");
}
