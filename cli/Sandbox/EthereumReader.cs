using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Signed Ethereum transactions of types 0, 1 and 2 (EIP-155, EIP-2930, EIP-1559), read back from their bytes.</summary>
internal static class EthereumReader
{
    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var bytes = Hex.Read0x(txData, "the transaction");
        var type = bytes[0] < 0x80 ? bytes[0] : 0;
        var at = type == 0 ? 0 : 1;
        var fields = (List<object>)RlpItem(bytes, ref at);
        IndependentReader.Require(at == bytes.Length, "bytes behind the transaction");
        (int To, int Value, int Data) names = type switch { 0 => (3, 4, 5), 1 => (4, 5, 6), _ => (5, 6, 7) };
        var signed = fields.Count - 3; // v or y parity, r, s
        var v = Number(fields[signed]);
        var signature = new byte[64];
        Right(Bytes(fields[signed + 1]), signature.AsSpan(0, 32));
        Right(Bytes(fields[signed + 2]), signature.AsSpan(32));
        var unsigned = fields.Take(signed).ToList();
        if (type == 0)
        {
            unsigned.AddRange([Minimal((v - 35) / 2), Array.Empty<byte>(), Array.Empty<byte>()]);
        }

        var message = Encode(unsigned);
        var digest = Keccak256.Hash(type == 0 ? message : [(byte)type, .. message]);
        var signer = Secp256k1.Recover(digest, signature, (int)(type == 0 ? (v - 35) % 2 : v));
        IndependentReader.Require(Secp256k1.IsValid(signer, digest, signature), "the signature is wrong or its s is high");
        return new(
            Hex.Lower0x(Keccak256.Hash(bytes)),
            Pays(Bytes(fields[names.To]), Number(fields[names.Value]), Bytes(fields[names.Data]), scenario.Chain),
            [Hex.Lower0x(Keccak256.Hash(signer.AsSpan(1)).AsSpan(12))]);
    }

    private static string Pays(byte[] to, BigInteger value, byte[] data, string coin)
    {
        if (data.Length == 68 && data.AsSpan(0, 4).SequenceEqual<byte>([0xa9, 0x05, 0x9c, 0xbb])) // transfer(address,uint256)
        {
            return $"{new BigInteger(data.AsSpan(36), isUnsigned: true, isBigEndian: true)} units of token {Hex.Lower0x(to)} to {Hex.Lower0x(data.AsSpan(16, 20))}";
        }

        return to.Length == 0
            ? $"a new contract of {data.Length} bytes"
            : $"{new Amount(value, 18, coin)} to {Hex.Lower0x(to)}" + (data.Length > 0 ? $" with {data.Length} bytes of data" : "");
    }

    private static object RlpItem(byte[] bytes, ref int at)
    {
        var first = bytes[at++];
        if (first < 0x80)
        {
            return new[] { first };
        }

        var list = first >= 0xc0;
        var length = first - (list ? 0xc0 : 0x80);
        if (length > 55)
        {
            var size = length - 55;
            length = (int)new BigInteger(bytes.AsSpan(at, size), isUnsigned: true, isBigEndian: true);
            at += size;
        }

        var end = at + length;
        if (!list)
        {
            at = end;
            return bytes[(end - length)..end];
        }

        var items = new List<object>();
        while (at < end)
        {
            items.Add(RlpItem(bytes, ref at));
        }

        return items;
    }

    private static byte[] Encode(object item)
    {
        var body = item is byte[] bytes ? bytes : [.. ((List<object>)item).SelectMany(Encode)];
        var offset = item is byte[]? 0x80 : 0xc0;
        if (item is byte[] && body.Length == 1 && body[0] < 0x80)
        {
            return body;
        }

        if (body.Length < 56)
        {
            return [(byte)(offset + body.Length), .. body];
        }

        var size = Minimal(body.Length);
        return [(byte)(offset + 55 + size.Length), .. size, .. body];
    }

    private static byte[] Bytes(object item) => (byte[])item;

    private static BigInteger Number(object item) => new(Bytes(item), isUnsigned: true, isBigEndian: true);

    private static byte[] Minimal(BigInteger number) => number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true);

    private static void Right(byte[] value, Span<byte> field) => value.CopyTo(field[^value.Length..]);
}
