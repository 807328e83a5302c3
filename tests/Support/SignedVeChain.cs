using System.Numerics;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Support;

/// <summary>A signed VeChainThor transaction taken apart without the product's writer.</summary>
internal sealed record SignedVeChain(RlpItem List, byte[] Digest, byte[] Signature, int Parity)
{
    public BigInteger ChainTag => List[0].Integer;

    public BigInteger BlockRef => List[1].Integer;

    public BigInteger Expiration => List[2].Integer;

    public IReadOnlyList<RlpItem> Clauses => List[3].Items!;

    public BigInteger GasPriceCoef => List[4].Integer;

    public BigInteger Gas => List[5].Integer;

    public byte[] DependsOn => List[6].Bytes;

    public BigInteger Nonce => List[7].Integer;

    public byte[] Origin => Keccak256.Hash(Secp256k1.Recover(Digest, Signature, Parity).AsSpan(1))[12..];

    public string Id => Hex.Lower0x(Blake2b.Hash([.. Digest, .. Origin], 32));

    public static SignedVeChain Read(string data)
    {
        var bytes = Hex.Read0x(data, "the signed transaction");
        var list = RlpItem.Parse(bytes);
        Assert.Equal(10, list.Count);
        Assert.Empty(list[8].Items!);
        var signature = list[9].Bytes;
        Assert.Equal(65, signature.Length);

        // the nine items as they stand in the signed bytes, under a header of their own: the signature's item has 2 + 65 bytes
        var header = bytes[0] < 0xf8 ? 1 : bytes[0] - 0xf7 + 1;
        var body = bytes[header..^67];
        byte[] size = body.Length < 56 ? [(byte)(0xc0 + body.Length)] : body.Length < 256 ? [0xf8, (byte)body.Length]
            : body.Length < 65536 ? [0xf9, (byte)(body.Length >> 8), (byte)(body.Length & 0xff)]
            : [0xfa, (byte)(body.Length >> 16), (byte)((body.Length >> 8) & 0xff), (byte)(body.Length & 0xff)];
        return new(list, Blake2b.Hash([.. size, .. body], 32), signature[..64], signature[64]);
    }
}
