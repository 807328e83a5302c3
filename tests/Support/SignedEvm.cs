using System.Numerics;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Support;

/// <summary>
/// A signed transaction of Ethereum's family taken apart without the product's writer: the signed digest is made of the
/// received bytes, so a field the product wrote wrongly shows in the recovered sender.
/// </summary>
internal sealed record SignedEvm(byte Type, IReadOnlyList<RlpItem> Fields, BigInteger ChainId, byte[] Digest, byte[] Signature, int Parity)
{
    private static readonly BigInteger HalfOrder = BigInteger.Parse("07fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    private static readonly byte[] Empty = [0x80];

    public bool HasLowS => new BigInteger(Signature.AsSpan(32), isUnsigned: true, isBigEndian: true) <= HalfOrder;

    /// <summary>Who signed: the last 20 bytes of the hash of the recovered key.</summary>
    public byte[] Sender => Keccak256.Hash(Secp256k1.Recover(Digest, Signature, Parity).AsSpan(1))[12..];

    public static SignedEvm Read(string data)
    {
        var bytes = Hex.Read0x(data, "the signed transaction");
        return bytes[0] >= 0xc0 ? Eip155(RlpItem.Parse(bytes)) : bytes[0] is 1 or 2 or 0x7b ? Typed(bytes) : Klaytn(bytes);
    }

    private static SignedEvm Eip155(RlpItem list)
    {
        var fields = list.Items!.SkipLast(3).ToList();
        var v = list[list.Count - 3].Integer;
        var chainId = (v - 35) / 2;
        var digest = Keccak256.Hash(List([.. fields.Select(Encode), Encode(Minimal(chainId)), Empty, Empty]));
        return new(0, fields, chainId, digest, Join(list[list.Count - 2], list[list.Count - 1]), (int)(v - 35 - (chainId * 2)));
    }

    private static SignedEvm Typed(byte[] bytes)
    {
        var list = RlpItem.Parse(bytes.AsSpan(1));
        var fields = list.Items!.SkipLast(3).ToList();
        var digest = Keccak256.Hash([bytes[0], .. List([.. fields.Select(Encode)])]);
        return new(bytes[0], fields, fields[0].Integer, digest, Join(list[list.Count - 2], list[list.Count - 1]), (int)list[list.Count - 3].Integer);
    }

    private static SignedEvm Klaytn(byte[] bytes)
    {
        var list = RlpItem.Parse(bytes.AsSpan(1));
        var feeDelegated = bytes[0] == 0x09;
        var fields = list.Items!.SkipLast(feeDelegated ? 3 : 1).ToList();
        var signature = Assert.Single(list[fields.Count].Items!);
        if (feeDelegated)
        {
            Assert.Equal(new byte[20], list[fields.Count + 1].Bytes);
            var empty = Assert.Single(list[fields.Count + 2].Items!);
            Assert.Equal([1, 0, 0], empty.Items!.Select(item => (int)item.Integer));
        }

        var v = signature[0].Integer;
        var chainId = (v - 35) / 2;
        var inner = List([Encode([bytes[0]]), .. fields.Select(Encode)]);
        var digest = Keccak256.Hash(List(Encode(inner), Encode(Minimal(chainId)), Empty, Empty));
        return new(bytes[0], fields, chainId, digest, Join(signature[1], signature[2]), (int)(v - 35 - (chainId * 2)));
    }

    private static byte[] Join(RlpItem r, RlpItem s)
    {
        Assert.True(r.Integer > 0 && s.Integer > 0);
        return [.. r.Padded32, .. s.Padded32];
    }

    private static byte[] Minimal(BigInteger value) => value.IsZero ? [] : value.ToByteArray(isUnsigned: true, isBigEndian: true);

    private static byte[] Encode(RlpItem item) => item.Items is null ? Encode(item.Bytes) : List([.. item.Items.Select(Encode)]);

    private static byte[] Encode(byte[] value) => value.Length == 1 && value[0] < 0x80 ? value : [.. Head(value.Length, 0x80), .. value];

    private static byte[] List(params byte[][] items)
    {
        byte[] body = [.. items.SelectMany(item => item)];
        return [.. Head(body.Length, 0xc0), .. body];
    }

    private static byte[] Head(int length, int code)
    {
        if (length < 56)
        {
            return [(byte)(code + length)];
        }

        var size = Minimal(length);
        return [(byte)(code + 55 + size.Length), .. size];
    }
}
