using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signed transactions of the Ethereum family, read back from their bytes: types 0, 1 and 2 (EIP-155, EIP-2930, EIP-1559),
/// CELO's 0x7b (CIP-64), and Klaytn's own (VALUE_TRANSFER and SMART_CONTRACT_EXECUTION).
/// </summary>
internal static class EthereumReader
{
    private static readonly Dictionary<string, string> Coins = new() { ["BSC"] = "BNB", ["MATIC"] = "POL", ["KLAY"] = "KAIA" }; // of which the code is not the coin

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var bytes = Hex.Read0x(txData, "the transaction");
        var type = bytes[0] < 0xc0 ? bytes[0] : 0;
        var fields = (List<object>)RlpTree.Read(type == 0 ? bytes : bytes[1..]);
        var (signer, names) = type switch
        {
            0 => (Legacy(fields), new Fields(3, 4, 5)),
            1 => (Typed(type, fields), new Fields(4, 5, 6)),
            2 or 0x7b => (Typed(type, fields), new Fields(5, 6, 7)),
            0x08 or 0x30 when scenario.Chain == "KLAY" => (Klaytn(type, fields), new Fields(3, 4, 6)),
            _ => throw Errors.KmsException.Refused($"nobody knows a transaction of type 0x{type:x2}"),
        };
        var data = names.Data < fields.Count && fields[names.Data] is byte[] given ? given : [];
        var pays = Pays((byte[])fields[names.To], RlpTree.Number(fields[names.Value]), data, scenario.Chain);
        return new(
            Hex.Lower0x(Keccak256.Hash(bytes)),
            type == 0x7b ? $"{pays}, the fee in token {Hex.Lower0x((byte[])fields[9])}" : pays,
            [Hex.Lower(Secp256k1.Convert(signer, compressed: true))]);
    }

    private static byte[] Legacy(List<object> fields)
    {
        var v = RlpTree.Number(fields[6]);
        IndependentReader.Require(fields.Count == 9 && v >= 37, "the transaction would be valid on any chain");
        List<object> unsigned = [.. fields[..6], RlpTree.Bytes((v - 35) / 2), Array.Empty<byte>(), Array.Empty<byte>()];
        return Signer(Keccak256.Hash(RlpTree.Write(unsigned)), fields, 6, (v - 35) % 2);
    }

    private static byte[] Typed(int type, List<object> fields)
    {
        var signature = fields.Count - 3;
        return Signer(Keccak256.Hash([(byte)type, .. RlpTree.Write(fields[..signature])]), fields, signature, RlpTree.Number(fields[signature]));
    }

    /// <summary>Klaytn documents: the digest covers the encoded fields as one string, then the chain id.</summary>
    private static byte[] Klaytn(int type, List<object> fields)
    {
        var signature = (List<object>)((List<object>)fields[^1])[0];
        var v = RlpTree.Number(signature[0]);
        var inner = RlpTree.Write(new List<object> { new[] { (byte)type } }.Concat(fields[..^1]));
        List<object> outer = [inner, RlpTree.Bytes((v - 35) / 2), Array.Empty<byte>(), Array.Empty<byte>()];
        var signer = Signer(Keccak256.Hash(RlpTree.Write(outer)), signature, 0, (v - 35) % 2);
        IndependentReader.Require(Address(signer).AsSpan().SequenceEqual((byte[])fields[5]), "the sender is not who signed");
        return signer;
    }

    private static byte[] Signer(byte[] digest, List<object> fields, int at, BigInteger parity)
    {
        var signature = RlpTree.Signature(fields[at + 1], fields[at + 2]);
        var signer = Secp256k1.Recover(digest, signature, (int)parity);
        IndependentReader.Require(Secp256k1.IsValid(signer, digest, signature), "the signature is wrong or its s is high");
        return signer;
    }

    internal static byte[] Address(byte[] publicKey) => Keccak256.Hash(publicKey.AsSpan(1))[12..];

    /// <summary>What a call pays, by the one selector that matters here: transfer(address,uint256).</summary>
    private static string Pays(byte[] to, BigInteger value, byte[] data, string coin)
    {
        if (data is [0xa9, 0x05, 0x9c, 0xbb, ..] && data.Length == 68)
        {
            return $"{new BigInteger(data.AsSpan(36), isUnsigned: true, isBigEndian: true)} units of token {Hex.Lower0x(to)} to {Hex.Lower0x(data.AsSpan(16, 20))}";
        }

        return to.Length == 0
            ? $"a new contract of {data.Length} bytes"
            : $"{new Amount(value, 18, Coins.GetValueOrDefault(coin, coin))} to {Hex.Lower0x(to)}" + (data.Length > 0 ? $" with {data.Length} bytes of data" : "");
    }

    private readonly record struct Fields(int To, int Value, int Data);
}
