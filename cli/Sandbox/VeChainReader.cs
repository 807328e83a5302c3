using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Signed VeChain transactions, read back from their bytes.</summary>
internal static class VeChainReader
{
    private const int Clauses = 3;

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var fields = (List<object>)RlpTree.Read(Hex.Read0x(txData, "the transaction"));
        IndependentReader.Require(fields.Count == 10 && fields[9] is byte[] { Length: 65 }, "it has not ten members");
        var digest = Blake2b.Hash(RlpTree.Write(fields[..9]), 32);
        var signature = (byte[])fields[9];
        var signer = Secp256k1.Recover(digest, signature.AsSpan(..64), signature[64]);
        IndependentReader.Require(Secp256k1.IsValid(signer, digest, signature.AsSpan(..64)), "the signature is wrong or its s is high");
        return new(
            Hex.Lower0x(Blake2b.Hash([.. digest, .. EthereumReader.Address(signer)], 32)),
            string.Join(", ", ((List<object>)fields[Clauses]).Select(clause => Pays((List<object>)clause))),
            [Hex.Lower(Secp256k1.Convert(signer, compressed: true))]);
    }

    private static string Pays(List<object> clause)
    {
        var (to, value, data) = ((byte[])clause[0], RlpTree.Number(clause[1]), (byte[])clause[2]);
        if (data is [0xa9, 0x05, 0x9c, 0xbb, ..] && data.Length == 68)
        {
            return $"{new BigInteger(data.AsSpan(36), isUnsigned: true, isBigEndian: true)} units of token {Hex.Lower0x(to)} to {Hex.Lower0x(data.AsSpan(16, 20))}";
        }

        return to.Length == 0 ? $"a new contract of {data.Length} bytes" : $"{new Amount(value, 18, "VET")} to {Hex.Lower0x(to)}";
    }
}
