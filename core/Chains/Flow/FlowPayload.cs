using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Flow;

/// <summary>A key of a Flow account.</summary>
/// <param name="Address">16 lower-case digits, without 0x.</param>
/// <param name="KeyId">Number of the key.</param>
internal readonly record struct FlowKey(string Address, uint KeyId)
{
    public byte[] Bytes => Convert.FromHexString(Address);
}

/// <summary>A signature with the key that made it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Signature">64 bytes r ‖ s.</param>
internal sealed record FlowSignature(FlowKey Key, byte[] Signature);

/// <summary>
/// What authorizer and proposer sign, and what payer and network make of it (Flow documentation, "Transaction
/// signing").
/// </summary>
internal sealed record FlowPayload
{
    private const uint GasLimit = 9999;

    public required string Script { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Id of the block from which the transaction may be included.</summary>
    public required string ReferenceBlock { get; init; }

    /// <summary>That block's height.</summary>
    public required ulong ReferenceHeight { get; init; }

    public required FlowKey Proposer { get; init; }

    public required ulong SequenceNumber { get; init; }

    public required FlowKey Payer { get; init; }

    /// <summary>Our account and key 0.</summary>
    public required FlowKey Authorizer { get; init; }

    /// <summary>The payload in RLP.</summary>
    public byte[] Encode() => Rlp.List(
        Rlp.Bytes(Encoding.UTF8.GetBytes(Script)),
        Rlp.List([.. Arguments.Select(argument => Rlp.Bytes(Encoding.UTF8.GetBytes(argument)))]),
        Rlp.Bytes(Convert.FromHexString(ReferenceBlock)),
        Rlp.Integer(GasLimit),
        Rlp.Bytes(Proposer.Bytes),
        Rlp.Integer(Proposer.KeyId),
        Rlp.Integer(SequenceNumber),
        Rlp.Bytes(Payer.Bytes),
        Rlp.List(Rlp.Bytes(Authorizer.Bytes)));

    /// <summary>What proposer and authorizer sign: tag and payload.</summary>
    public byte[] Message() => Tagged(Encode());

    /// <summary>What the payer signs: tag, payload and the signatures over it.</summary>
    public byte[] EnvelopeMessage(IReadOnlyList<FlowSignature> payloadSignatures) =>
        Tagged(Rlp.List(Encode(), EncodeSignatures(payloadSignatures)));

    /// <summary>The transaction's id: SHA3-256 of payload, payload signatures and the payer's signature.</summary>
    public string Id(IReadOnlyList<FlowSignature> payloadSignatures, FlowSignature payer) =>
        Hex.Lower(Keccak256.Sha3(Rlp.List(Encode(), EncodeSignatures(payloadSignatures), EncodeSignatures([payer]))));

    /// <summary>The transaction as the access node takes it.</summary>
    public string ToJson(IReadOnlyList<FlowSignature> payloadSignatures, FlowSignature payer) => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("script", Convert.ToBase64String(Encoding.UTF8.GetBytes(Script)));
        json.WriteStartArray("arguments");
        foreach (var argument in Arguments)
        {
            json.WriteStringValue(Convert.ToBase64String(Encoding.UTF8.GetBytes(argument)));
        }

        json.WriteEndArray();
        json.WriteString("reference_block_id", ReferenceBlock);
        json.WriteString("gas_limit", $"{GasLimit}");
        json.WriteString("payer", Payer.Address);
        json.WriteStartObject("proposal_key");
        json.WriteString("address", Proposer.Address);
        json.WriteString("key_index", $"{Proposer.KeyId}");
        json.WriteString("sequence_number", $"{SequenceNumber}");
        json.WriteEndObject();
        json.WriteStartArray("authorizers");
        json.WriteStringValue(Authorizer.Address);
        json.WriteEndArray();
        WriteSignatures(json, "payload_signatures", Sorted(payloadSignatures));
        WriteSignatures(json, "envelope_signatures", [payer]);
        json.WriteEndObject();
    });

    private static byte[] Tagged(byte[] rlp) => [.. "FLOW-V0.0-transaction\0\0\0\0\0\0\0\0\0\0\0"u8, .. rlp];

    private byte[] EncodeSignatures(IReadOnlyList<FlowSignature> signatures) => Rlp.List([.. Sorted(signatures).Select(signature => Rlp.List(
        Rlp.Integer(SignerIndex(signature)), Rlp.Integer(signature.Key.KeyId), Rlp.Bytes(signature.Signature)))]);

    private IReadOnlyList<FlowSignature> Sorted(IReadOnlyList<FlowSignature> signatures) =>
        [.. signatures.OrderBy(SignerIndex).ThenBy(signature => signature.Key.KeyId)];

    // place among proposer, payer and authorizer, each account once
    private int SignerIndex(FlowSignature signature) =>
        ((string[])[Proposer.Address, Payer.Address, Authorizer.Address]).Distinct().ToList().IndexOf(
            signature.Key.Address);

    private static void WriteSignatures(Utf8JsonWriter json, string name, IReadOnlyList<FlowSignature> signatures)
    {
        json.WriteStartArray(name);
        foreach (var (key, signature) in signatures)
        {
            json.WriteStartObject();
            json.WriteString("address", key.Address);
            json.WriteString("key_index", $"{key.KeyId}");
            json.WriteString("signature", Convert.ToBase64String(signature));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
