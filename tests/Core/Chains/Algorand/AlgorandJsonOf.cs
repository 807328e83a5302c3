using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Algorand;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Algorand;

/// <summary>algosdk's Transaction object as JSON.stringify writes it.</summary>
internal static class AlgorandJsonOf
{
    public static JsonObject Payment(byte[] from, byte[] to, ulong amount) => Common("pay", from, ("to", Address(to)), ("amount", amount));

    public static JsonObject AssetTransfer(byte[] from, byte[] to, ulong amount, ulong asset) =>
        Common("axfer", from, ("to", Address(to)), ("amount", amount), ("assetIndex", asset));

    public static JsonObject Address(byte[] key) => new() { ["publicKey"] = Keyed(key), ["checksum"] = Keyed(AlgorandKey.Checksum(key)) };

    public static JsonObject Keyed(byte[] bytes)
    {
        var json = new JsonObject();
        for (var i = 0; i < bytes.Length; i++)
        {
            json[i.ToString(CultureInfo.InvariantCulture)] = bytes[i];
        }

        return json;
    }

    public static JsonObject Buffer(byte[] bytes) => new() { ["type"] = "Buffer", ["data"] = new JsonArray([.. bytes.Select(value => (JsonNode)value)]) };

    /// <summary>A random transaction of any supported type with any of its fields.</summary>
    public static JsonObject Random(SeededRandom random, byte[] from)
    {
        byte[] Key() => random.Bytes(32);
        ulong Big() => random.Chance(2) ? random.Next() : (ulong)random.Below(300);
        var json = random.Below(3) switch
        {
            0 => Payment(from, Key(), Big()),
            1 => AssetTransfer(from, Key(), Big(), 1 + Big()),
            _ => Common("acfg", from, ("assetIndex", random.Chance(2) ? 1 + random.Next() % 1000 : 0)),
        };
        json["fee"] = random.Below(1_000_001);
        Maybe("note", () => random.Chance(2) ? Keyed(random.Bytes(random.Below(1000))) : Buffer(random.Bytes(random.Below(1000))));
        Maybe("lease", () => Keyed(Key()));
        Maybe("group", () => Buffer(Key()));
        Maybe("reKeyTo", () => Address(Key()));
        if ((string?)json["type"] is "pay" or "axfer")
        {
            Maybe("closeRemainderTo", () => Address(Key()));
        }

        if ((string?)json["type"] is "axfer")
        {
            Maybe("assetRevocationTarget", () => Address(Key()));
        }

        if ((string?)json["type"] is "acfg")
        {
            json["assetTotal"] = Big();
            json["assetUnitName"] = "UNIT";
            Maybe("assetDecimals", () => random.Below(20));
            Maybe("assetDefaultFrozen", () => true);
            Maybe("assetName", () => "Ünïcode name of 31 bytes & more");
            Maybe("assetURL", () => "https://example.org/" + new string('x', random.Below(60)));
            Maybe("assetMetadataHash", () => Keyed(Key()));
            foreach (var name in (string[])["assetManager", "assetReserve", "assetFreeze", "assetClawback"])
            {
                Maybe(name, () => Address(Key()));
            }
        }

        return json;

        void Maybe(string name, Func<JsonNode> value)
        {
            if (random.Chance(2))
            {
                json[name] = value();
            }
        }
    }

    private static JsonObject Common(string type, byte[] from, params (string Name, JsonNode Value)[] members)
    {
        var json = new JsonObject
        {
            ["name"] = "Transaction",
            ["tag"] = Buffer([84, 88]),
            ["from"] = Address(from),
            ["note"] = new JsonObject(),
            ["type"] = type,
            ["flatFee"] = true,
            ["genesisHash"] = Buffer(Convert.FromBase64String("SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=")),
            ["fee"] = 1000,
            ["firstRound"] = 26000000,
            ["lastRound"] = 26001000,
            ["genesisID"] = "testnet-v1.0",
            ["appArgs"] = new JsonArray(),
            ["lease"] = new JsonObject(),
        };
        foreach (var (name, value) in members)
        {
            json[name] = value;
        }

        return json;
    }
}
