using System.Numerics;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Readers;

namespace KmsCloud.Tests.Chains.VeChain;

/// <summary>A signed VeChainThor transaction taken apart without the product's writer: RLP and the curve are Nethereum's.</summary>
internal sealed record SignedVeChain(List<object> List, byte[] Digest, byte[] Signature, EvmSigner Signer)
{
    public BigInteger ChainTag => RlpTree.Number(List[0]);

    public BigInteger BlockRef => RlpTree.Number(List[1]);

    public BigInteger Expiration => RlpTree.Number(List[2]);

    public IReadOnlyList<List<object>> Clauses => [.. ((List<object>)List[3]).Cast<List<object>>()];

    public BigInteger GasPriceCoef => RlpTree.Number(List[4]);

    public BigInteger Gas => RlpTree.Number(List[5]);

    public byte[] DependsOn => (byte[])List[6];

    public BigInteger Nonce => RlpTree.Number(List[7]);

    public byte[] Origin => Hex.Read0x(Signer.Address, "the signer");

    public string Id => Hex.Lower0x(Blake2b.Hash([.. Digest, .. Origin], 32));

    public static SignedVeChain Read(string data)
    {
        var list = RlpTree.ReadList(Hex.Read0x(data, "the signed transaction"));
        Assert.Equal(10, list.Count);
        Assert.Empty((List<object>)list[8]);
        var signature = (byte[])list[9];
        Assert.Equal(65, signature.Length);
        var digest = Blake2b.Hash(RlpTree.Write(list[..9]), 32);
        var signer = EvmSigner.Recover(digest, signature[..32], signature[32..64], signature[64]);
        Assert.True(signer.HasLowS);
        return new(list, digest, signature, signer);
    }
}
