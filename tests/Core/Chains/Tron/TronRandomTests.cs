using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Tron;

/// <summary>
/// 10,000 random TRX transfers, their protobuf made here: what the JSON shows is what is signed, the owner is recovered,
/// every signature has low S.
/// </summary>
public static class TronRandomTests
{
    private const int Count = 10_000;

    [Fact]
    public static void Signs_what_was_asked_and_nothing_else()
    {
        using var signer = new SingleKeySigner("TRON", new string('5', 64));
        var owner = Base58.TryDecodeCheck(signer.Address)!;
        const int parts = 2;
        Parallel.For(0, parts, part =>
        {
            var random = new SeededRandom((ulong)part);
            for (var i = 0; i < Count / parts; i++)
            {
                var (to, amount, memo) = ((byte[])[0x41, .. random.Bytes(20)], 1 + (random.Next() >> (1 + random.Below(63))), random.Coin() ? random.Bytes(random.Below(40)) : []);
                var (permission, expiration, visible) = (random.Coin() ? (ulong)random.Below(10) : 0, random.Next() >> 20, random.Coin());
                var (blockBytes, blockHash) = (random.Bytes(2), random.Bytes(8));
                byte[] value = [.. Bytes(1, owner), .. Bytes(2, to), .. Varint(3, amount)];
                byte[] any = [.. Bytes(1, "type.googleapis.com/protocol.TransferContract"u8.ToArray()), .. Bytes(2, value)];
                byte[] contract = [.. Varint(1, 1), .. Bytes(2, any), .. Varint(5, permission)];
                byte[] raw = [.. Bytes(1, blockBytes), .. Bytes(4, blockHash), .. Varint(8, expiration), .. Bytes(10, memo), .. Bytes(11, contract), .. Varint(14, expiration)];
                var id = SHA256.HashData(raw);
                string Address(byte[] address) => visible ? Base58.EncodeCheck(address) : Hex.Lower(address);
                var json = string.Create(CultureInfo.InvariantCulture, $$"""
                    {"visible":{{(visible ? "true" : "false")}},"txID":"{{Hex.Lower(id)}}","raw_data":{"contract":[{"parameter":{"value":{"amount":{{amount}},"owner_address":"{{Address(owner)}}",
                    "to_address":"{{Address(to)}}"},"type_url":"type.googleapis.com/protocol.TransferContract"},"type":"TransferContract","Permission_id":{{permission}}}],"data":"{{Hex.Lower(memo)}}",
                    "ref_block_bytes":"{{Hex.Lower(blockBytes)}}","ref_block_hash":"{{Hex.Lower(blockHash)}}","expiration":{{expiration}},"timestamp":{{expiration}}},"raw_data_hex":"{{Hex.Lower(raw)}}"}
                    """);
                var transaction = signer.Decode(json);
                var signed = transaction.Sign(signer.Keys);
                var signature = Convert.FromHexString(JsonDocument.Parse(signed.Data).RootElement.GetProperty("signature")[0].GetString()!);
                var key = Secp256k1.Recover(id, signature.AsSpan(..64), signature[64] - 27);
                var payment = Assert.Single(transaction.Summary.Transfers);
                if (!Keccak256.Hash(key.AsSpan(1)).AsSpan(12).SequenceEqual(owner.AsSpan(1)) || signature[32] > 0x7f || signed.TransactionId != Hex.Lower(id)
                    || payment.To != Base58.EncodeCheck(to) || payment.Amount.Units != amount)
                {
                    Assert.Fail($"{json}\nbecame {signed.Data}");
                }
            }
        });
    }

    private static byte[] Bytes(int number, byte[] value) => value.Length == 0 ? [] : [(byte)((number << 3) | 2), .. Base128((ulong)value.Length), .. value];

    private static byte[] Varint(int number, ulong value) => value == 0 ? [] : [(byte)(number << 3), .. Base128(value)];

    private static byte[] Base128(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 128; value /= 128)
        {
            bytes.Add((byte)(128 + (value % 128)));
        }

        return [.. bytes, (byte)value];
    }
}
