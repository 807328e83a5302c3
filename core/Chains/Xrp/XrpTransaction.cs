using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Xrp;

/// <summary>A decoded XRP Ledger transaction.</summary>
internal sealed class XrpTransaction : UnsignedTransaction
{
    private const int LargestSize = 1024 * 1024; // rippled's limit
    private const ulong DefaultFeeCeiling = 2_000_000; // drops: what an AccountDelete may cost, and xrpl.js's own limit

    private const uint LargestUnnamedNetwork = 1024; // xrpl.org, "NetworkID field": only networks above name themselves

    private readonly PublicKey key;
    private readonly IReadOnlyList<XrpMember> members;
    private readonly byte[] unsigned;

    private XrpTransaction(PublicKey key, IReadOnlyList<XrpMember> members, byte[] unsigned, TransactionSummary summary) =>
        (this.key, this.members, this.unsigned, Summary) = (key, members, unsigned, summary);

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <summary>What is signed: "STX\0" and the fields (xrpl.org, "Transaction Signing").</summary>
    internal byte[] Message => [.. "STX\0"u8, .. unsigned];

    public static XrpTransaction Read(PendingTransaction pending, PublicKey key, ChainInfo info, SigningContext context)
    {
        var json = new StrictObject(
            StrictJson.Parse(pending.SerializedTransaction, "the XRP transaction"), "the XRP transaction");
        if (json.Has("TxnSignature") || json.Has("Signers"))
        {
            throw KmsException.Refused("the XRP transaction is signed already, by one key or by several");
        }

        var members = Members(json, key, context);
        var blob = XrpBinary.Write(members.Values);
        var content = new XrpContent(blob);
        Check(content, blob, key, info, context);
        return new(key, [.. members.Values], blob, XrpSummary.Of(content, info.Code, context.Network));
    }

    /// <inheritdoc/>
    public override byte[] SigningBytes => Message;

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        var signature = new XrpMember(XrpField.ByName["TxnSignature"], XrpSeed.Sign(keys.Open(key), Message));
        var blob = XrpBinary.Write(members.Append(signature));
        return new(Convert.ToHexString(blob), Convert.ToHexString(XrpSeed.HalfSha512([.. "TXN\0"u8, .. blob])));
    }

    private static Dictionary<string, XrpMember> Members(StrictObject json, PublicKey key, SigningContext context)
    {
        var format = XrpFormat.ByName.GetValueOrDefault(json.OptionalString("TransactionType") ?? "")
            ?? throw KmsException.Refused("the XRP transaction is of an unknown TransactionType");
        var members = new Dictionary<string, XrpMember>();
        Add("TransactionType", XrpJson.TransactionType(format));
        var givenKey = json.OptionalString("SigningPubKey");
        if (givenKey is not null and not "" && !givenKey.Equals(Convert.ToHexString(key.Bytes), StringComparison.OrdinalIgnoreCase))
        {
            throw KmsException.Refused("the XRP transaction is to be signed by another key");
        }

        Add("SigningPubKey", key.Bytes.ToArray());
        foreach (var name in format.Fields)
        {
            if (json.Optional(name) is { } value)
            {
                AddValue(name, value);
            }
        }

        ReadDeliverMax();
        json.Done();
        return format.Required.FirstOrDefault(name => !members.ContainsKey(name)) is { } missing
            ? throw KmsException.Refused($"the XRP transaction has no {missing}")
            : members;

        // rippled's other name for a payment's Amount: in its place, or beside it with the same value
        void ReadDeliverMax()
        {
            if (format.Name is not "Payment" || json.Optional("DeliverMax") is not { } most)
            {
                return;
            }

            var amount = XrpJson.Encode(XrpField.ByName["Amount"], most);
            if (!members.TryAdd("Amount", new(XrpField.ByName["Amount"], amount)) && !members["Amount"].Value.AsSpan().SequenceEqual(amount))
            {
                throw KmsException.Refused(
                    "the XRP transaction's Amount and DeliverMax differ, and both name what is delivered");
            }
        }

        void AddValue(string name, JsonElement value)
        {
            if (name is not ("Account" or "Destination"))
            {
                Add(name, XrpJson.Encode(XrpField.ByName[name], value));
                return;
            }

            var what = $"the XRP transaction's {name}";
            var (account, tag) = XrpAddress.AccountAndTag(XrpJson.Text(value, what), context.Network, what);
            Add(name, account);
            if (tag is { } number)
            {
                var bytes = new byte[sizeof(uint)];
                BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
                Add(name is "Account" ? "SourceTag" : "DestinationTag", bytes);
            }
        }

        // a tag may come twice, in an X-address and as a member, when both are the same
        void Add(string name, byte[] value)
        {
            if (!members.TryAdd(name, new(XrpField.ByName[name], value)) && !members[name].Value.AsSpan().SequenceEqual(value))
            {
                throw KmsException.Refused($"the XRP transaction's {name} differs from the tag inside the X-address");
            }
        }
    }

    private static void Check(XrpContent content, byte[] blob, PublicKey key, ChainInfo info, SigningContext context)
    {
        var options = context.For(info.Code);
        var fee = content.Amount("Fee")!.Value;
        var ceiling = options.FeeCeiling ?? DefaultFeeCeiling;
        if (!XrpBinary.Write(content.Members).AsSpan().SequenceEqual(blob) || blob.Length > LargestSize)
        {
            throw KmsException.Refused("the XRP transaction is too large or has no canonical form");
        }

        if (!content.IsAccount("Account", key.Hash))
        {
            throw KmsException.Refused(
                "the XRP transaction's Account is not the address of the wallet that is to sign it");
        }

        if (fee.Asset is not "XRP" || fee.Units > ceiling)
        {
            throw KmsException.Refused(string.Create(CultureInfo.InvariantCulture, $"the XRP transaction's fee is above {ceiling} drops, or not in XRP"));
        }

        if (content.Number("NetworkID") is <= LargestUnnamedNetwork)
        {
            throw KmsException.Refused(
                $"the XRP transaction has a NetworkID of {LargestUnnamedNetwork} or less, which those networks refuse (telNETWORK_ID_MAKES_TX_NON_CANONICAL)",
                "leave NetworkID out");
        }

        if (content.Number("NetworkID") is { } id && !options.ExtraChainIds.Contains(id))
        {
            throw KmsException.Refused($"the XRP transaction is for network {id}, not for {context.Network}");
        }

        if (content.Number("TicketSequence") is not null && content.Number("Sequence") is not 0)
        {
            throw KmsException.Refused("the XRP transaction has both a ticket and a sequence number");
        }
    }
}
