using KmsCloud.Keys;

namespace KmsCloud.Chains.Xrp;

/// <summary>An XRP Ledger transaction in human terms.</summary>
internal static class XrpSummary
{
    private const uint PartialPayment = 0x00020000;
    private const uint DisableMasterKey = 4;
    private const ulong HighFee = 100_000; // drops; usual are 10 to some thousand

    public static TransactionSummary Of(XrpContent content, string code, Network network) => new()
    {
        Chain = code,
        Network = network,
        Kind = content.Format.Kind,
        From = [content.Account("Account")!],
        Transfers = Transfers(content),
        Uncounted = content.Format.Name is "AccountDelete" ? [new(content.Account("Destination")!, Tag(content))] : [],
        Fee = content.Amount("Fee"),
        Sequence = content.Number("TicketSequence") is { } ticket ? $"ticket {ticket}" : $"{content.Number("Sequence")}",
        Memo = Memo(content),
        Method = content.Format.Name is "Payment" ? null : content.Format.Name,
        Understood = !OnlyTheLedgerKnows(content),
        Warnings = Warnings(content),
        Details = Details(content),
    };

    /// <summary>
    /// How much leaves: an accepted offer's price and a deleted account's balance are not in the transaction, and an issuer's transfer fee comes on
    /// top of issued currency that an offer gives (xrpl.org, "Transfer Fees").
    /// </summary>
    private static bool OnlyTheLedgerKnows(XrpContent content) => content.Format.Name switch
    {
        "AccountDelete" or "NFTokenAcceptOffer" => true,
        "OfferCreate" => content.Amount("TakerGets")!.Value.Asset is not "XRP",
        "NFTokenCreateOffer" => !IsSale(content) && content.Amount("Amount")!.Value.Asset is not "XRP",
        _ => false,
    };

    private static bool IsSale(XrpContent content) => (content.Number("Flags") & 1) is 1; // tfSellNFToken

    private static IReadOnlyList<Transfer> Transfers(XrpContent content) =>
        Tag(content) is { } tag && content.Account("Destination") is { } destination
            ? [.. Payments(content).Select(transfer => transfer.To == destination ? transfer with { Tag = tag } : transfer)]
            : Payments(content);

    private static string? Tag(XrpContent content) => content.Number("DestinationTag") is { } tag ? $"tag={tag}" : null;

    private static IReadOnlyList<Transfer> Payments(XrpContent content)
    {
        var to = content.Account("Destination");
        switch (content.Format.Name)
        {
            case "Payment":
                var amount = content.Amount("Amount")!.Value;
                return content.Amount("SendMax") is { } most ? [new(to!, amount), Exchanged(amount, most)] : [new(to!, amount)];
            case "EscrowCreate" or "PaymentChannelCreate":
                return [new(to!, content.Amount("Amount")!.Value)];
            case "CheckCreate":
                return [new(to!, content.Amount("SendMax")!.Value)];
            case "PaymentChannelFund":
                return [new($"(payment channel {content.Bytes("Channel")})", content.Amount("Amount")!.Value)];
            case "OfferCreate":
                return [new("(whoever takes the offer)", content.Amount("TakerGets")!.Value)];
            case "NFTokenCreateOffer" when IsSale(content):
                return [new(to ?? "(whoever takes the offer)", new(1, 0, $"NFT {content.Bytes("NFTokenID")}"))];
            case "NFTokenCreateOffer":
                return [new(content.Account("Owner") ?? "(owner of the NFT)", content.Amount("Amount")!.Value)];
            default:
                return [];
        }
    }

    // together with the amount delivered this makes the most that leaves the account, asset by asset
    private static Transfer Exchanged(Amount amount, Amount most) => amount.Asset == most.Asset
        ? new("(transfer fees on the way, at most)", most with { Units = System.Numerics.BigInteger.Max(0, most.Units - amount.Units) })
        : new("(exchanged on the way, at most)", most);

    private static string? Memo(XrpContent content)
    {
        var parts = content.Memos().ToList();
        if (content.Number("DestinationTag") is { } tag)
        {
            parts.Insert(0, $"tag {tag}");
        }

        return parts.Count > 0 ? string.Join("; ", parts) : null;
    }

    private static List<string> Warnings(XrpContent content)
    {
        var warnings = new List<string>();
        Add(content.Format.Name is "Payment" && content.HasFlag(PartialPayment), "partial payment: far less than the amount may be delivered");
        Add(content.Format.Name is "AccountDelete", "deletes the account: everything it holds goes to the destination");
        Add(content.Format.Name is "NFTokenAcceptOffer", "accepts an offer whose price is not in the transaction");
        Add(content.Format.Name is "SetRegularKey", "changes the regular key, which controls the account");
        Add(content.Format.Name is "SignerListSet", "changes the signer list, which controls the account");
        Add(content.Format.Name is "AccountSet" && content.Number("SetFlag") is DisableMasterKey, "disables the master key: this wallet will no longer control the account");
        Add(content.Format.Name is "Clawback", "claws back tokens from a holder");
        Add(content.Format.Name is "AccountSet" && content.Bytes("NFTokenMinter") is not null, "lets another account issue NFTs in this account's name");
        Add(content.Amount("Fee")!.Value.Units > HighFee, "the fee is far above the usual");
        Add(content.Number("LastLedgerSequence") is null, "never expires: there is no LastLedgerSequence");
        return warnings;

        void Add(bool holds, string warning)
        {
            if (holds)
            {
                warnings.Add(warning);
            }
        }
    }

    private static Dictionary<string, string> Details(XrpContent content)
    {
        string[] shownElsewhere = ["TransactionType", "Account", "Fee", "Sequence", "SigningPubKey", "Memos", "Destination", "DestinationTag"];
        var details = content.Members
            .Where(member => !shownElsewhere.Contains(member.Field.Name))
            .ToDictionary(member => member.Field.Name, member => Value(content, member));
        if (content.Format.Name is not "Payment" && content.Account("Destination") is { } destination)
        {
            details["Destination"] = destination;
        }

        return details;
    }

    private static string Value(XrpContent content, XrpMember member) => member.Field.Type switch
    {
        XrpType.UInt8 or XrpType.UInt16 or XrpType.UInt32 => $"{content.Number(member.Field.Name)}",
        XrpType.Amount => XrpAmount.Decode(member.Value).ToString(),
        XrpType.AccountId => XrpAddress.FromAccount(member.Value),
        XrpType.Array => string.Join(", ", content.Signers()),
        _ => Convert.ToHexString(member.Value),
    };
}
