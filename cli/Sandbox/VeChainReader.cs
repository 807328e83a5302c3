using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Readers;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Signed VeChain transactions, read back from their bytes; RLP and the curve are Nethereum's.</summary>
internal static class VeChainReader
{
    private const int Clauses = 3;

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var fields = RlpTree.ReadList(Hex.Read0x(txData, "the transaction"));
        IndependentReader.Require(fields.Count == 10 && fields[9] is byte[] { Length: 65 }, "it has not ten members");
        var digest = Blake2b.Hash(RlpTree.Write(fields[..9]), 32);
        var signature = (byte[])fields[9];
        var signer = EvmSigner.Recover(digest, signature[..32], signature[32..64], signature[64]);
        IndependentReader.Require(signer.HasLowS, "the s of the signature is high");
        return new(
            Hex.Lower0x(Blake2b.Hash([.. digest, .. Hex.Read0x(signer.Address, "the signer")], 32)),
            string.Join(", ", ((List<object>)fields[Clauses]).Select(clause => Pays((List<object>)clause))),
            [signer.PublicKey]);
    }

    private static string Pays(List<object> clause) =>
        EthereumReader.Pays(EthereumReader.Address(clause[0]), RlpTree.Number(clause[1]), (byte[])clause[2], "VET");
}
