using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Algorand;

/// <summary>The parameters of an asset that is created or changed.</summary>
internal sealed record AlgorandAsset
{
    public required ulong Total { get; init; }

    public required ulong Decimals { get; init; }

    public required bool DefaultFrozen { get; init; }

    public required string UnitName { get; init; }

    public required string Name { get; init; }

    public required string Url { get; init; }

    public required byte[] MetadataHash { get; init; }

    public required byte[] Manager { get; init; }

    public required byte[] Reserve { get; init; }

    public required byte[] Freeze { get; init; }

    public required byte[] Clawback { get; init; }

    /// <summary>The parameters, or null when there are none: the asset is destroyed.</summary>
    public static AlgorandAsset? Read(AlgorandJson values)
    {
        var asset = new AlgorandAsset
        {
            Total = values.Number("assetTotal"),
            Decimals = values.Number("assetDecimals"),
            DefaultFrozen = values.Flag("assetDefaultFrozen"),
            UnitName = values.Text("assetUnitName"),
            Name = values.Text("assetName"),
            Url = values.Text("assetURL"),
            MetadataHash = values.Bytes("assetMetadataHash", 32),
            Manager = AlgorandFields.Set(values.Address("assetManager")),
            Reserve = AlgorandFields.Set(values.Address("assetReserve")),
            Freeze = AlgorandFields.Set(values.Address("assetFreeze")),
            Clawback = AlgorandFields.Set(values.Address("assetClawback")),
        };
        return asset.Members().Count > 0 ? asset : null;
    }

    public byte[] Encode() => MsgPack.Map(Members());

    /// <summary>The parameters by name, for people.</summary>
    public IEnumerable<KeyValuePair<string, string>> Describe() => new Dictionary<string, string>
    {
        ["total"] = $"{Total}",
        ["decimals"] = $"{Decimals}",
        ["frozen by default"] = DefaultFrozen ? "yes" : "no",
        ["unit name"] = Shown(UnitName),
        ["asset name"] = Shown(Name),
        ["url"] = Shown(Url),
        ["metadata hash"] = Hex.Lower(MetadataHash),
        ["manager"] = Address(Manager),
        ["reserve"] = Address(Reserve),
        ["freeze"] = Address(Freeze),
        ["clawback"] = Address(Clawback),
    };

    private static string Shown(string text) => Printable.Text(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Address(byte[] key) => key.Length > 0 ? AlgorandKey.Address(key) : "nobody";

    private Dictionary<string, byte[]> Members()
    {
        (string Name, bool IsThere, byte[] Value)[] all =
        [
            ("t", Total > 0, MsgPack.UInt(Total)), ("dc", Decimals > 0, MsgPack.UInt(Decimals)), ("df", DefaultFrozen, MsgPack.True),
            ("un", UnitName.Length > 0, MsgPack.Text(UnitName)), ("an", Name.Length > 0, MsgPack.Text(Name)),
            ("au", Url.Length > 0, MsgPack.Text(Url)), ("am", MetadataHash.Length > 0, MsgPack.Bytes(MetadataHash)),
            ("m", Manager.Length > 0, MsgPack.Bytes(Manager)), ("r", Reserve.Length > 0, MsgPack.Bytes(Reserve)),
            ("f", Freeze.Length > 0, MsgPack.Bytes(Freeze)), ("c", Clawback.Length > 0, MsgPack.Bytes(Clawback)),
        ];
        return all.Where(member => member.IsThere).ToDictionary(member => member.Name, member => member.Value);
    }
}
