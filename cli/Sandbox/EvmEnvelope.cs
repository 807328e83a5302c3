using System.Numerics;
using KmsCloud.Primitives;
using KmsCloud.Readers;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// A signed transaction of a type that no package reads: CELO's 0x7b (CIP-64) and Klaytn's own. The order of the members is written here by the letter
/// of their documents; RLP and the curve are Nethereum's.
/// </summary>
/// <param name="Type">The type byte.</param>
/// <param name="Fields">What was signed, in the order of the type's definition.</param>
/// <param name="ChainId">The chain it is for.</param>
/// <param name="Digest">What was signed, made of the fields.</param>
/// <param name="Signer">Who signed it, recovered from signature and digest.</param>
internal sealed record EvmEnvelope(byte Type, IReadOnlyList<object> Fields, BigInteger ChainId, byte[] Digest, EvmSigner Signer)
{
    private const byte FeeCurrency = 0x7b;
    private const byte FeeDelegatedValueTransfer = 0x09;

    private static readonly byte[] Klaytns = [0x08, FeeDelegatedValueTransfer, 0x10, 0x28, 0x30, 0x38];

    /// <summary>Whether the transaction is of one of these types.</summary>
    internal static bool Reads(ReadOnlySpan<byte> transaction) => transaction[0] == FeeCurrency || Klaytns.Contains(transaction[0]);

    /// <summary>Reads it.</summary>
    internal static EvmEnvelope Read(byte[] transaction)
    {
        var items = RlpTree.ReadList(transaction.AsSpan(1));
        return transaction[0] == FeeCurrency ? Celo(items) : Klaytn(transaction[0], items);
    }

    private static EvmEnvelope Celo(List<object> items)
    {
        var fields = items[..^3];
        var digest = Keccak256.Hash([FeeCurrency, .. RlpTree.Write(fields)]);
        return new(FeeCurrency, fields, RlpTree.Number(fields[0]), digest, Recovered(digest, items[^3..], RlpTree.Number(items[^3])));
    }

    /// <summary>Klaytn documents: the digest covers the encoded fields as one string, then the chain id.</summary>
    private static EvmEnvelope Klaytn(byte type, List<object> items)
    {
        var end = type == FeeDelegatedValueTransfer ? items.Count - 2 : items.Count; // the payer's address and signature come after the sender's
        IndependentReader.Require(type != FeeDelegatedValueTransfer || IsOpen(items[^2..]), "somebody pays the fee already");
        var fields = items[..(end - 1)];
        var signatures = (List<object>)items[end - 1];
        IndependentReader.Require(signatures.Count == 1, "it has not one signature");
        var signature = (List<object>)signatures[0];
        var v = RlpTree.Number(signature[0]);
        var chainId = (v - 35) / 2; // EIP-155
        var inner = RlpTree.Write(fields.Prepend(new[] { type }));
        var digest = Keccak256.Hash(RlpTree.Write(new List<object> { inner, RlpTree.Bytes(chainId), Array.Empty<byte>(), Array.Empty<byte>() }));
        var signer = Recovered(digest, signature, (v - 35) % 2);
        return new(type, fields, chainId, digest, signer);
    }

    /// <summary>An address of zeros and a signature of (1, 0, 0): left to the payer.</summary>
    private static bool IsOpen(List<object> payer) =>
        payer[0] is byte[] { Length: 20 } address && !address.AsSpan().ContainsAnyExcept((byte)0)
        && RlpTree.Write(payer[1]).AsSpan().SequenceEqual(new byte[] { 0xc4, 0xc3, 1, 0x80, 0x80 });

    private static EvmSigner Recovered(byte[] digest, List<object> signature, BigInteger parity)
    {
        var signer = EvmSigner.Recover(digest, RlpTree.Padded(signature[1]), RlpTree.Padded(signature[2]), (int)parity);
        IndependentReader.Require(signer.HasLowS, "the s of the signature is high");
        return signer;
    }
}
