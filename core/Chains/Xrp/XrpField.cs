using System.Collections.Frozen;

namespace KmsCloud.Chains.Xrp;

/// <summary>Types of the XRP Ledger's binary format, by type code (xrpl.org, "Serialization Format").</summary>
internal enum XrpType
{
    /// <summary>16 bits.</summary>
    UInt16 = 1,

    /// <summary>32 bits.</summary>
    UInt32 = 2,

    /// <summary>16 bytes.</summary>
    Hash128 = 4,

    /// <summary>32 bytes.</summary>
    Hash256 = 5,

    /// <summary>Drops or an issued amount.</summary>
    Amount = 6,

    /// <summary>Bytes behind a length.</summary>
    Blob = 7,

    /// <summary>20 bytes behind a length.</summary>
    AccountId = 8,

    /// <summary>An object inside an array.</summary>
    Object = 14,

    /// <summary>An array of objects.</summary>
    Array = 15,

    /// <summary>8 bits.</summary>
    UInt8 = 16,

    /// <summary>Payment paths.</summary>
    PathSet = 18,

    /// <summary>A list of 32-byte hashes behind a length.</summary>
    Vector256 = 19,
}

/// <summary>One field of the binary format.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="Code">Its number among the fields of the type.</param>
internal sealed record XrpField(string Name, XrpType Type, int Code)
{
    private static readonly (XrpType Type, string Fields)[] Table =
    [
        (XrpType.UInt8, "TickSize 16"),
        (XrpType.UInt16, "TransactionType 2, SignerWeight 3, TransferFee 4"),
        (XrpType.UInt32, """
            NetworkID 1, Flags 2, SourceTag 3, Sequence 4, Expiration 10, TransferRate 11, WalletSize 12, DestinationTag 14, QualityIn 20,
            QualityOut 21, OfferSequence 25, LastLedgerSequence 27, OperationLimit 29, SetFlag 33, ClearFlag 34, SignerQuorum 35,
            CancelAfter 36, FinishAfter 37, SettleDelay 39, TicketCount 40, TicketSequence 41, NFTokenTaxon 42
            """),
        (XrpType.Hash128, "EmailHash 1"),
        (XrpType.Hash256, """
            WalletLocator 7, AccountTxnID 9, NFTokenID 10, InvoiceID 17, Channel 22, CheckID 24, NFTokenBuyOffer 28, NFTokenSellOffer 29
            """),
        (XrpType.Amount, """
            Amount 1, Balance 2, LimitAmount 3, TakerPays 4, TakerGets 5, Fee 8, SendMax 9, DeliverMin 10, NFTokenBrokerFee 19
            """),
        (XrpType.Blob, """
            PublicKey 1, MessageKey 2, SigningPubKey 3, TxnSignature 4, URI 5, Signature 6, Domain 7, MemoType 12, MemoData 13,
            MemoFormat 14, Fulfillment 16, Condition 17
            """),
        (XrpType.AccountId, "Account 1, Owner 2, Destination 3, Issuer 4, Authorize 5, Unauthorize 6, RegularKey 8, NFTokenMinter 9"),
        (XrpType.Object, "Memo 10, SignerEntry 11"),
        (XrpType.Array, "SignerEntries 4, Memos 9"),
        (XrpType.Vector256, "NFTokenOffers 4"),
        (XrpType.PathSet, "Paths 1"),
    ];

    private static readonly XrpField[] All = [.. Table.SelectMany(row => row.Fields.Split(',').Select(text => Read(row.Type, text.Trim())))];

    /// <summary>The fields by name.</summary>
    public static FrozenDictionary<string, XrpField> ByName { get; } = All.ToFrozenDictionary(field => field.Name);

    /// <summary>The fields by type and code.</summary>
    public static FrozenDictionary<(int Type, int Code), XrpField> ByCode { get; } = All.ToFrozenDictionary(
        field => ((int)field.Type, field.Code));

    /// <summary>Whether a length stands in front of the value.</summary>
    public bool HasLength => Type is XrpType.Blob or XrpType.AccountId or XrpType.Vector256;

    /// <summary>Place in the canonical order: by type, then by code.</summary>
    public int Order => ((int)Type << 8) | Code;

    private static XrpField Read(XrpType type, string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return new(
            text[..space], type, int.Parse(text.AsSpan(space + 1), System.Globalization.CultureInfo.InvariantCulture));
    }
}
