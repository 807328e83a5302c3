using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Readers;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Signed TRON transactions: the bytes that were signed are read, not the JSON beside them.</summary>
internal static class TronReader
{
    private const int Memo = 10;
    private const int Contract = 11;

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        using var json = JsonDocument.Parse(txData);
        var raw = Hex.Read(json.RootElement.GetProperty("raw_data_hex").GetString()!, "raw_data_hex");
        var digest = SHA256.HashData(raw);
        IndependentReader.Require(Hex.Lower(digest).Equals(json.RootElement.GetProperty("txID").GetString(), StringComparison.OrdinalIgnoreCase), "txID is not the hash");
        var signature = Hex.Read(json.RootElement.GetProperty("signature")[0].GetString()!, "the signature", 65);
        IndependentReader.Require(signature[64] is 0x1b or 0x1c, "the recovery id is not known");
        var signer = EvmSigner.Recover(digest, signature[..32], signature[32..64], signature[64] - 0x1b);
        IndependentReader.Require(signer.HasLowS, "the s of the signature is high");

        var fields = Fields(raw);
        var contract = Fields(Bytes(Fields(Bytes(fields, Contract)), 2));
        var kind = Encoding.UTF8.GetString(Bytes(contract, 1)).Split('.')[^1];
        var value = Fields(Bytes(contract, 2));
        byte[] owner = [0x41, .. Hex.Read0x(signer.Address, "the signer")];
        IndependentReader.Require(Bytes(value, kind == "TransferAssetContract" ? 2 : 1).SequenceEqual(owner), "the owner is not who signed");
        var memo = fields.TryGetValue(Memo, out var text) ? $", memo \"{Printable.Text((byte[])text)}\"" : "";
        return new(Hex.Lower(digest), Pays(kind, value) + memo, [signer.PublicKey]);
    }

    private static string Pays(string kind, Dictionary<int, object> value) => kind switch
    {
        "TransferContract" => $"{new Amount((ulong)value[3], 6, "TRX")} to {Text(Bytes(value, 2))}",
        "TransferAssetContract" => $"{Counted.Of((ulong)value[4], "unit")} of token {Encoding.UTF8.GetString(Bytes(value, 1))} to {Text(Bytes(value, 3))}",
        "TriggerSmartContract" when Bytes(value, 4) is [0xa9, 0x05, 0x9c, 0xbb, ..] and { Length: 68 } call =>
            $"{Counted.Of(new BigInteger(call.AsSpan(36), isUnsigned: true, isBigEndian: true), "unit")} of token {Text(Bytes(value, 2))} to {Text([0x41, .. call[16..36]])}",
        "FreezeBalanceV2Contract" => $"{new Amount((ulong)value[2], 6, "TRX")} staked",
        _ => kind,
    };

    private static string Text(byte[] address) => Base58.EncodeCheck(address);

    private static byte[] Bytes(Dictionary<int, object> fields, int number) => (byte[])fields[number];

    /// <summary>A protocol buffer's fields; of wire types only numbers and byte strings occur, and none twice.</summary>
    private static Dictionary<int, object> Fields(byte[] bytes)
    {
        var cursor = new Cursor(bytes);
        var fields = new Dictionary<int, object>();
        while (!cursor.IsAtEnd)
        {
            var key = cursor.Varint();
            IndependentReader.Require((key & 7) is 0 or 2, "a wire type is unknown");
            fields.Add((int)(key >> 3), (key & 7) == 0 ? cursor.Varint() : cursor.Take(cursor.Varint()));
        }

        return fields;
    }
}
