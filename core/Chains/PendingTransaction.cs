using System.Text.Json;

namespace KmsCloud.Chains;

/// <summary>A wallet named by a pending transaction, with the index of the key when it is mnemonic-based.</summary>
/// <param name="SignatureId">The wallet's signature id.</param>
/// <param name="Index">Derivation index 0..2^31-1, or null.</param>
public readonly record struct SignatureRequest(string SignatureId, uint? Index);

/// <summary>A transaction the gateway wants signed.</summary>
public sealed record PendingTransaction
{
    /// <summary>The gateway's id: what is signed at most once.</summary>
    public required string Id { get; init; }

    /// <summary>Chain code.</summary>
    public required string Chain { get; init; }

    /// <summary>The transaction in the chain's own form.</summary>
    public required string SerializedTransaction { get; init; }

    /// <summary>Signature ids that sign, in order, duplicates kept.</summary>
    public IReadOnlyList<string> Hashes { get; init; } = [];

    /// <summary>Signature ids with indexes, in order, duplicates kept.</summary>
    public IReadOnlyList<SignatureRequest> Signatures { get; init; } = [];

    /// <summary>Signature ids of the wallets it names, each once.</summary>
    public IReadOnlyList<string> SignatureIds => [.. Hashes.Concat(Signatures.Select(signature => signature.SignatureId)).Distinct()];

    /// <summary>Derivation index for the wallets in <see cref="Hashes"/>, 0..2^31-1.</summary>
    public uint? Index { get; init; }

    /// <summary>Transaction id the gateway already knows, usually null.</summary>
    public string? TxId { get; init; }

    /// <summary>Present for an off-chain (ledger) withdrawal.</summary>
    public string? WithdrawalId { get; init; }

    /// <summary>The off-chain withdrawal's parts as JSON (an array), or null.</summary>
    public JsonElement? WithdrawalResponses { get; init; }

    /// <summary>The gateway's JSON object as it came, which the four-eye approver is shown.</summary>
    public JsonElement Raw { get; init; }
}
