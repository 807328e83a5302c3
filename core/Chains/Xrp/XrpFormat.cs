using System.Collections.Frozen;

namespace KmsCloud.Chains.Xrp;

/// <summary>A transaction type: its number, its fields and what it is in words.</summary>
/// <param name="Name">TransactionType in JSON.</param>
/// <param name="Code">TransactionType in the binary format.</param>
/// <param name="Kind">A few words for people.</param>
/// <param name="Required">Fields it must have.</param>
/// <param name="Optional">Fields it may have.</param>
internal sealed record XrpFormat(
    string Name, ushort Code, string Kind, FrozenSet<string> Required, FrozenSet<string> Optional)
{
    /// <summary>
    /// Fields of every type. Account and Fee are required; Sequence is too, unless a ticket takes its place.
    /// </summary>
    private const string Common =
        "TransactionType! Account! Fee! Sequence! SigningPubKey Flags SourceTag LastLedgerSequence Memos NetworkID TicketSequence AccountTxnID OperationLimit";

    // fields as in rippled's transaction formats; ! marks the required ones
    private static readonly XrpFormat[] All =
    [
        Read("Payment", 0, "transfer", "Destination! Amount! DestinationTag SendMax DeliverMin InvoiceID Paths"),
        Read("EscrowCreate", 1, "escrow creation", "Destination! Amount! DestinationTag Condition CancelAfter FinishAfter"),
        Read("EscrowFinish", 2, "escrow payout", "Owner! OfferSequence! Fulfillment Condition"),
        Read("AccountSet", 3, "account settings", """
            EmailHash WalletLocator WalletSize MessageKey Domain TransferRate SetFlag ClearFlag TickSize NFTokenMinter
            """),
        Read("EscrowCancel", 4, "escrow cancellation", "Owner! OfferSequence!"),
        Read("SetRegularKey", 5, "regular key change", "RegularKey"),
        Read("OfferCreate", 7, "exchange offer", "TakerPays! TakerGets! Expiration OfferSequence"),
        Read("OfferCancel", 8, "exchange offer cancellation", "OfferSequence!"),
        Read("TicketCreate", 10, "ticket creation", "TicketCount!"),
        Read("SignerListSet", 12, "signer list change", "SignerQuorum! SignerEntries"),
        Read("PaymentChannelCreate", 13, "payment channel creation", "Destination! Amount! SettleDelay! PublicKey! DestinationTag CancelAfter"),
        Read("PaymentChannelFund", 14, "payment channel funding", "Channel! Amount! Expiration"),
        Read("PaymentChannelClaim", 15, "payment channel claim", "Channel! Amount Balance Signature PublicKey"),
        Read("CheckCreate", 16, "check creation", "Destination! SendMax! DestinationTag Expiration InvoiceID"),
        Read("CheckCash", 17, "check cashing", "CheckID! Amount DeliverMin"),
        Read("CheckCancel", 18, "check cancellation", "CheckID!"),
        Read("DepositPreauth", 19, "deposit authorisation", "Authorize Unauthorize"),
        Read("TrustSet", 20, "trust line", "LimitAmount! QualityIn QualityOut"),
        Read("AccountDelete", 21, "account deletion", "Destination! DestinationTag"),
        Read("NFTokenMint", 25, "NFT creation", "NFTokenTaxon! TransferFee Issuer URI Amount Destination Expiration"),
        Read("NFTokenBurn", 26, "NFT destruction", "NFTokenID! Owner"),
        Read("NFTokenCreateOffer", 27, "NFT offer", "NFTokenID! Amount! Destination Owner Expiration"),
        Read("NFTokenCancelOffer", 28, "NFT offer cancellation", "NFTokenOffers!"),
        Read("NFTokenAcceptOffer", 29, "NFT offer acceptance", "NFTokenBuyOffer NFTokenSellOffer NFTokenBrokerFee"),
        Read("Clawback", 30, "clawback", "Amount!"),
    ];

    /// <summary>
    /// The fields whose values are read from the transaction's JSON: all but its type and the key that signs.
    /// </summary>
    public IReadOnlyList<string> Fields { get; } = [.. Required.Concat(Optional).Except(["TransactionType", "SigningPubKey"])];

    /// <summary>The types by name.</summary>
    public static FrozenDictionary<string, XrpFormat> ByName { get; } = All.ToFrozenDictionary(format => format.Name);

    /// <summary>The types by number.</summary>
    public static FrozenDictionary<ushort, XrpFormat> ByCode { get; } = All.ToFrozenDictionary(format => format.Code);

    private static XrpFormat Read(string name, ushort code, string kind, string fields)
    {
        var all = $"{Common} {fields}".Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return new(
            name, code, kind,
            all.Where(field => field.EndsWith('!')).Select(field => field[..^1]).ToFrozenSet(),
            all.Where(field => !field.EndsWith('!')).ToFrozenSet());
    }
}
