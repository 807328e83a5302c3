using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Algorand;

/// <summary>A decoded Algorand transaction: what the JSON says, all of it, in canonical MessagePack (Algorand, "Transaction Reference").</summary>
internal sealed class AlgorandTransaction : UnsignedTransaction
{
    private const string What = "the Algorand transaction";
    private const ulong DefaultFeeCeiling = 1_000_000; // microAlgos; the least is 1000

    private static readonly byte[] MainnetGenesis = Convert.FromBase64String("wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8=");
    private static readonly byte[] TestnetGenesis = Convert.FromBase64String("SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=");

    private readonly PublicKey key;
    private readonly byte[] encoded;
    private readonly bool isGrouped;

    private AlgorandTransaction(PublicKey key, AlgorandFields fields, TransactionSummary summary) =>
        (this.key, encoded, isGrouped, Summary) = (key, fields.Encode(), fields.Group.Length > 0, summary);

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <summary>What is signed: "TX" and the transaction.</summary>
    internal byte[] Message => [.. "TX"u8, .. encoded];

    public static AlgorandTransaction Read(PendingTransaction pending, PublicKey key, ChainInfo info, SigningContext context)
    {
        var json = new StrictObject(StrictJson.Parse(pending.SerializedTransaction, What), What);
        var fields = AlgorandFields.Read(json);
        json.Done();
        Check(fields, key, context.For(info.Code), context.Network);
        return new(key, fields, AlgorandSummary.Of(fields, info.Code, context.Network));
    }

    /// <inheritdoc/>
    public override byte[] SigningBytes => Message;

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        var signed = MsgPack.Map(new Dictionary<string, byte[]>
        {
            ["sig"] = MsgPack.Bytes(keys.Open(key).SignEd25519(Message)),
            ["txn"] = encoded,
        });
        return new(Hex.Lower(signed), Base32.Encode(Sha512Truncated.Hash(Message)))
        {
            MayBeCompleted = isGrouped, // the others of its group may pay its fee
        };
    }

    private static void Check(AlgorandFields fields, PublicKey key, ChainOptions options, Network network)
    {
        var (genesis, name) = network is Network.Mainnet ? (MainnetGenesis, "mainnet-v1.0") : (TestnetGenesis, "testnet-v1.0");
        if (!fields.Sender.AsSpan().SequenceEqual(key.Bytes))
        {
            throw KmsException.Refused($"{What} is not sent from the address of the wallet that is to sign it");
        }

        if (!fields.GenesisHash.AsSpan().SequenceEqual(genesis) || (fields.GenesisId.Length > 0 && fields.GenesisId != name))
        {
            throw KmsException.Refused($"{What} is not for Algorand's {network}: its genesis differs");
        }

        var ceiling = options.FeeCeiling ?? DefaultFeeCeiling;
        if (fields.Fee > ceiling)
        {
            throw KmsException.Refused($"{What}'s fee of {fields.Fee} microAlgos is above {ceiling}");
        }

        if (fields.LastRound < fields.FirstRound)
        {
            throw KmsException.Refused($"{What} ends before it begins to be valid");
        }

        if (!options.AllowAccountControl && fields.Control is { } control)
        {
            throw KmsException.Refused($"{What} {control}", "such transactions are signed only where the operator has allowed them for ALGO");
        }
    }
}
