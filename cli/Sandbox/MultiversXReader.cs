using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Signed MultiversX transactions: the JSON without its signature is what was signed; the id is of the protocol buffer.</summary>
internal static class MultiversXReader
{
    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var end = txData.IndexOf(",\"signature\":\"", StringComparison.Ordinal);
        using var document = JsonDocument.Parse(txData);
        var json = document.RootElement;
        var signature = Hex.Read(json.GetProperty("signature").GetString()!, "the signature", 64);
        var sender = Key(json, "sender");
        IndependentReader.Require(end > 0 && txData.Length == end + 144, "something follows the signature");
        IndependentReader.Require(Ed25519.IsValid(sender, Encoding.UTF8.GetBytes(txData[..end] + "}"), signature), "the signature is wrong");
        return new(Hex.Lower(Blake2b.Hash(Wire(json, sender, signature), 32)), Pays(json), [Hex.Lower(sender)]);
    }

    private static byte[] Key(JsonElement json, string name)
    {
        var key = Bech32.TryDecodeBytes(json.GetProperty(name).GetString()!, "erd");
        IndependentReader.Require(key is { Length: 32 }, $"{name} is not an address");
        return key!;
    }

    private static byte[] Data(JsonElement json) => json.TryGetProperty("data", out var data) ? data.GetBytesFromBase64() : [];

    private static BigInteger Value(JsonElement json) => BigInteger.Parse(json.GetProperty("value").GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Pays(JsonElement json)
    {
        var to = json.GetProperty("receiver").GetString();
        var parts = Encoding.UTF8.GetString(Data(json)).Split('@');
        if (parts is ["ESDTTransfer", var token, var amount, ..])
        {
            var units = new BigInteger(Hex.Read(amount, "the amount"), isUnsigned: true, isBigEndian: true);
            return $"{Counted.Of(units, "unit")} of {Encoding.UTF8.GetString(Hex.Read(token, "the token"))} to {to}";
        }

        return $"{new Amount(Value(json), 18, "EGLD")} to {to}" + (parts[0].Length > 0 ? $", data \"{string.Join('@', parts)}\"" : "");
    }

    /// <summary>mx-chain-core-go's transaction.proto; the value is a sign byte and the magnitude.</summary>
    private static byte[] Wire(JsonElement json, byte[] sender, byte[] signature) =>
    [
        .. Number(1, json.GetProperty("nonce").GetUInt64()),
        .. Bytes(2, [0, .. Value(json).ToByteArray(isUnsigned: true, isBigEndian: true)]),
        .. Bytes(3, Key(json, "receiver")),
        .. Bytes(5, sender),
        .. Number(7, json.GetProperty("gasPrice").GetUInt64()),
        .. Number(8, json.GetProperty("gasLimit").GetUInt64()),
        .. Bytes(9, Data(json)),
        .. Bytes(10, Encoding.UTF8.GetBytes(json.GetProperty("chainID").GetString()!)),
        .. Number(11, json.GetProperty("version").GetUInt64()),
        .. Bytes(12, signature),
    ];

    private static byte[] Number(int field, ulong value) => value == 0 ? [] : [(byte)(field << 3), .. Varint(value)];

    private static byte[] Bytes(int field, byte[] value) => value.Length == 0 ? [] : [(byte)((field << 3) | 2), .. Varint((ulong)value.Length), .. value];

    private static byte[] Varint(ulong value) => value < 0x80 ? [(byte)value] : [(byte)((value & 0x7f) | 0x80), .. Varint(value >> 7)];
}
