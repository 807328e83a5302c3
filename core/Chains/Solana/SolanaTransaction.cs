using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Solana;

/// <summary>
/// A decoded Solana transaction. The blockhash is asked for last, unless a durable nonce stands in its place.
/// </summary>
internal sealed class SolanaTransaction : UnsignedTransaction
{
    private const string What = "the Solana transaction";
    private const ulong DefaultFeeCeiling = 50_000_000; // lamports: 0.05 SOL

    private readonly IReadOnlyDictionary<string, PublicKey> keys;
    private readonly SoftwareKey? mint; // of the request, and of no wallet
    private readonly SolanaMessage message;
    private readonly ulong? lastValidBlockHeight;
    private readonly bool isComplete;

    private SolanaTransaction(
        IReadOnlyDictionary<string, PublicKey> keys,
        SoftwareKey? mint,
        SolanaMessage message,
        TransactionSummary summary)
    {
        this.keys = keys;
        this.mint = mint;
        this.message = message;
        Summary = summary;
        isComplete = message.HasDurableNonce;
    }

    private SolanaTransaction(SolanaTransaction before, byte[] blockhash, ulong lastValidBlockHeight)
        : this(before.keys, before.mint, before.message.WithBlockhash(blockhash), before.Summary)
    {
        isComplete = true;
        this.lastValidBlockHeight = lastValidBlockHeight;
    }

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<NodeCall> Missing => isComplete ? [] : [SolanaRpc.LatestBlockhash];

    /// <summary>The message as it is signed.</summary>
    internal SolanaMessage Message => message;

    public static SolanaTransaction Read(
        PendingTransaction pending, PendingKeys pendingKeys, ChainInfo info, SigningContext context)
    {
        var json = new StrictObject(StrictJson.Parse(pending.SerializedTransaction, What), What);
        var message = SolanaMessage.Read(Hex.Read(json.String("txData"), What));
        var mintText = json.OptionalString("mintPK");
        json.Done();

        if (message.HasLongNonceInstruction)
        {
            throw KmsException.Refused($"{What} begins with a nonce instruction that has bytes behind its end: it would not expire as one with a blockhash does");
        }

        var actions = message.Instructions.Select(instruction => SolanaPrograms.Read(message, instruction)).ToList();
        var keys = Keys(message, pendingKeys);
        var mint = mintText is null ? null : Mint(keys, mintText, actions);

        if (message.Signers.FirstOrDefault(signer => !keys.ContainsKey(signer)) is { } missing)
        {
            throw KmsException.Refused($"{What} must also be signed by {missing}, whose wallet is not named");
        }

        var ceiling = context.For(info.Code).FeeCeiling ?? DefaultFeeCeiling;
        if (SolanaSummary.Fee(message, actions) > ceiling)
        {
            throw KmsException.Refused($"{What}'s fee is above {ceiling} lamports");
        }

        return new(keys, mint, message, SolanaSummary.Of(message, actions, info.Code, context.Network));
    }

    /// <inheritdoc/>
    public override UnsignedTransaction Complete(NodeAnswers answers)
    {
        var value = SolanaRpc.Result(answers.Bodies[0]) is { ValueKind: JsonValueKind.Object } result && result.TryGetProperty("value", out var inner) ? inner : default;
        var (blockhash, height) = value.ValueKind is JsonValueKind.Object
            && value.TryGetProperty("blockhash", out var text) && text.ValueKind is JsonValueKind.String
            && value.TryGetProperty("lastValidBlockHeight", out var number) && number.ValueKind is JsonValueKind.Number && number.TryGetUInt64(out var last)
            ? (Base58.TryDecode(text.GetString()), last)
            : (null, 0UL);
        return blockhash is { Length: 32 } && blockhash.AsSpan().ContainsAnyExcept((byte)0)
            ? new SolanaTransaction(this, blockhash, height)
            : throw new KmsException(Failure.Gateway, "the gateway gave no blockhash for the Solana transaction");
    }

    // 150 slots of 0.4 seconds, and twice that when the network is slow; no block hash is of the future
    private static readonly TimeSpan BlockhashLife = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override byte[] SigningBytes => [.. message.Bytes];

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys privateKeys)
    {
        byte[][] signatures = [.. message.Signers.Select(signer => Open(keys[signer], privateKeys).SignEd25519(message.Bytes))];
        var journalled = new SolanaSigned(
            Convert.ToBase64String(message.Wire(signatures)), Base58.Encode(signatures[0]), lastValidBlockHeight);
        return new(journalled.Write(), journalled.TransactionId) { IsDated = lastValidBlockHeight is not null, ValidFor = lastValidBlockHeight is null ? null : BlockhashLife };
    }

    private ISigningKey Open(PublicKey key, ISigningKeys privateKeys) =>
        mint is not null && mint.PublicKey.Equals(key) ? mint : privateKeys.Open(key);

    // every wallet that is named must be needed, else the gateway and we speak of different transactions
    private static Dictionary<string, PublicKey> Keys(SolanaMessage message, PendingKeys pendingKeys)
    {
        var keys = new Dictionary<string, PublicKey>();
        foreach (var key in pendingKeys.Hashes.Select(wallet => wallet.KeyAt(pendingKeys.Index)).Concat(pendingKeys.Signatures.Select(named => named.Wallet.KeyAt(named.Index))))
        {
            var address = Base58.Encode(key.Bytes);
            keys[address] = message.Signers.Contains(address)
                ? key
                : throw KmsException.Refused($"{What} needs no signature of {address}, whose wallet is named to sign it");
        }

        return keys.Count > 0 ? keys : throw KmsException.Refused("the pending transaction names no wallet");
    }

    // the gateway's key of a mint that is only now made; for any other account it would be somebody's key sent to us
    private static SoftwareKey Mint(Dictionary<string, PublicKey> keys, string mint, List<SolanaAction> actions)
    {
        using var bytes = mint.Length == 128
            ? SecretHex.Read(System.Text.Encoding.UTF8.GetBytes(mint), 64, "the mint's key")
            : throw KmsException.Refused($"{What}: 'mintPK' is not 128 hexadecimal digits");
        var key = SolanaKey.FromBytes(bytes.Span, "the mint's key");
        var address = Base58.Encode(key.PublicKey.Bytes);
        if (actions.Any(action => action.Creates == address) && keys.TryAdd(address, key.PublicKey))
        {
            return key;
        }

        key.Dispose();
        throw KmsException.Refused($"{What} brings a key for an account that it does not create");
    }
}
