using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Algorand;

/// <summary>The fields of a transaction; empty, zero and false mean absent, as in the canonical encoding.</summary>
internal sealed record AlgorandFields
{
    public required string Type { get; init; }

    public required byte[] Sender { get; init; }

    public required ulong Fee { get; init; }

    public required ulong FirstRound { get; init; }

    public required ulong LastRound { get; init; }

    public required string GenesisId { get; init; }

    public required byte[] GenesisHash { get; init; }

    public required byte[] Note { get; init; }

    public required byte[] Lease { get; init; }

    public required byte[] Group { get; init; }

    public required byte[] RekeyTo { get; init; }

    public byte[] Receiver { get; private init; } = [];

    public byte[] CloseTo { get; private init; } = [];

    public byte[] RevocationTarget { get; private init; } = [];

    public ulong Amount { get; private init; }

    public ulong AssetId { get; private init; }

    public AlgorandAsset? Asset { get; private init; }

    /// <summary>Whether it hands over the account or all it holds; in words.</summary>
    public string? Control =>
        RekeyTo.Length > 0 ? "hands control of the account over to another key (rekey)"
        : CloseTo.Length > 0 ? "sends all that remains in the account to another (close to)"
        : RevocationTarget.Length > 0 ? "takes assets out of another account (clawback)"
        : null;

    public static AlgorandFields Read(StrictObject json)
    {
        var values = new AlgorandJson(json);
        if (json.String("name") != "Transaction" || !values.Bytes("tag").AsSpan().SequenceEqual("TX"u8))
        {
            throw KmsException.Refused("the Algorand transaction is not marked as one");
        }

        values.Flag("flatFee"); // the fee is the total either way: algosdk multiplied before it wrote this JSON
        if (values.Flag("nonParticipation") || json.OptionalArray("appArgs") is { Count: > 0 })
        {
            throw KmsException.Refused(
                "the Algorand transaction holds members of an application call or a key registration");
        }

        var common = new AlgorandFields
        {
            Type = json.String("type"),
            Sender = values.Address("from"),
            Fee = values.Required("fee"),
            FirstRound = values.Required("firstRound"),
            LastRound = values.Required("lastRound"),
            GenesisId = values.Text("genesisID"),
            GenesisHash = values.Bytes("genesisHash", 32),
            Note = values.Bytes("note"),
            Lease = Set(values.Bytes("lease", 32)),
            Group = Set(values.Bytes("group", 32)),
            RekeyTo = Set(values.Address("reKeyTo")),
        };
        return common.Type switch
        {
            "pay" => common with { Amount = values.Required("amount"), Receiver = Recipient(values), CloseTo = Set(values.Address("closeRemainderTo")) },
            "axfer" => common with
            {
                Amount = values.Required("amount"),
                AssetId = values.Required("assetIndex"),
                Receiver = Recipient(values),
                CloseTo = Set(values.Address("closeRemainderTo")),
                RevocationTarget = Set(values.Address("assetRevocationTarget")),
            },
            "acfg" => ReadAsset(common, values),
            "keyreg" or "afrz" or "appl" => throw KmsException.Refused($"Algorand transactions of type '{common.Type}' are not supported"),
            _ => throw KmsException.Refused("the Algorand transaction is of an unknown type"),
        };
    }

    /// <summary>Canonical MessagePack: sorted keys, nothing that is empty, zero or false.</summary>
    public byte[] Encode()
    {
        var members = new Dictionary<string, byte[]> { ["type"] = MsgPack.Text(Type) };
        Bytes("snd", Sender);
        Number("fee", Fee);
        Number("fv", FirstRound);
        Number("lv", LastRound);
        Text("gen", GenesisId);
        Bytes("gh", GenesisHash);
        Bytes("note", Note);
        Bytes("lx", Lease);
        Bytes("grp", Group);
        Bytes("rekey", RekeyTo);
        switch (Type)
        {
            case "pay":
                Number("amt", Amount);
                Bytes("rcv", Receiver);
                Bytes("close", CloseTo);
                break;
            case "axfer":
                Number("aamt", Amount);
                Number("xaid", AssetId);
                Bytes("arcv", Receiver);
                Bytes("aclose", CloseTo);
                Bytes("asnd", RevocationTarget);
                break;
            default:
                Number("caid", AssetId);
                if (Asset?.Encode() is { } parameters)
                {
                    members["apar"] = parameters;
                }

                break;
        }

        return MsgPack.Map(members);

        void Bytes(string name, byte[] value) => Add(name, value.Length > 0, MsgPack.Bytes(value));

        void Number(string name, ulong value) => Add(name, value > 0, MsgPack.UInt(value));

        void Text(string name, string value) => Add(name, value.Length > 0, MsgPack.Text(value));

        void Add(string name, bool isThere, byte[] value)
        {
            if (isThere)
            {
                members[name] = value;
            }
        }
    }

    private static byte[] Recipient(AlgorandJson values) => values.Address("to") is { Length: > 0 } to
        ? Set(to)
        : throw KmsException.Refused("the Algorand transaction has no recipient");

    private static AlgorandFields ReadAsset(AlgorandFields common, AlgorandJson values)
    {
        var fields = common with { AssetId = values.Number("assetIndex"), Asset = AlgorandAsset.Read(values) };
        return fields.AssetId > 0 || fields.Asset is not null
            ? fields
            : throw KmsException.Refused("the Algorand transaction neither creates, changes nor destroys an asset");
    }

    // all zeros is how JavaScript and Go write an address, lease or group that is not there
    internal static byte[] Set(byte[] value) => value.AsSpan().ContainsAnyExcept((byte)0) ? value : [];
}
