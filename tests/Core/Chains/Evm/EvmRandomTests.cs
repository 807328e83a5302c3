using System.Numerics;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>
/// decode(sign(x)) = x for 10,000 random transactions of each of Ethereum's types and CIP-64, and 12,000 over Klaytn's six:
/// the sender recovered, every signature with low S.
/// </summary>
public static class EvmRandomTests
{
    public static IEnumerable<TheoryDataRow<string, byte>> Kinds() =>
        RandomTransaction.Kinds.Select(kind => new TheoryDataRow<string, byte>(kind.Code, kind.Type) { TestDisplayName = $"{kind.Code} 0x{kind.Type:x2}" });

    [Theory, MemberData(nameof(Kinds))]
    public static void Signs_what_was_asked_and_nothing_else(string code, byte type)
    {
        using var signer = new SingleKeySigner(code, "0x" + Hex.Lower(KeyOf(type)), options: RandomTransaction.AnyFee);
        var sender = Hex.Read0x(signer.Address, "the address");
        const int parts = 2;
        var count = 10_000 / parts;
        Parallel.For(0, parts, part =>
        {
            var random = new SeededRandom(((ulong)type << 8) + (ulong)part);
            for (var i = 0; i < count; i++)
            {
                var asked = RandomTransaction.Next(random, code, type);
                var signed = signer.Sign(asked.Json);
                var (chainId, from, fields) = Read(signed.Data);
                if (from != signer.Address || chainId != asked.ChainId || !Expected(asked, sender).SequenceEqual(fields))
                {
                    Assert.Fail($"{asked.Json}\nbecame {signed.Data}");
                }
            }
        });
    }

    /// <summary>The fields in the order of the type's definition, as text; an integer with a leading zero would not be written again the same.</summary>
    private static IEnumerable<string> Expected(RandomTransaction tx, byte[] sender)
    {
        string[] access = [.. tx.AccessList.SelectMany(entry => entry.Keys.Select(key => Hex.Lower(key)).Prepend(Hex.Lower(entry.Address)))];
        string[] start = [Number(tx.Nonce), Number(tx.Price), Number(tx.Gas)];
        return tx.Type switch
        {
            0 => [.. start, Hex.Lower(tx.To), Number(tx.Value), Hex.Lower(tx.Data)],
            1 => [Number(tx.ChainId), .. start, Hex.Lower(tx.To), Number(tx.Value), Hex.Lower(tx.Data), .. access],
            2 => [.. FeeMarket(), .. access],
            0x7b => [.. FeeMarket(), .. access, Hex.Lower(tx.FeeCurrency)],
            0x08 or 0x09 => [.. start, Hex.Lower(tx.To), Number(tx.Value), Hex.Lower(sender)],
            0x10 or 0x30 => [.. start, Hex.Lower(tx.To), Number(tx.Value), Hex.Lower(sender), Hex.Lower(tx.Data)],
            0x28 => [.. start, "", Number(tx.Value), Hex.Lower(sender), Hex.Lower(tx.Data), "", ""],
            _ => [.. start, Hex.Lower(sender)],
        };

        string[] FeeMarket() =>
        [
            Number(tx.ChainId), Number(tx.Nonce), Number(tx.Tip), Number(tx.Price), Number(tx.Gas), Hex.Lower(tx.To), Number(tx.Value), Hex.Lower(tx.Data),
        ];
    }

    /// <summary>Chain, sender and fields as Nethereum reads them, or of the types that it does not know as the sandbox does; both ask for a low s.</summary>
    private static (BigInteger ChainId, string From, IEnumerable<string> Fields) Read(string data)
    {
        var bytes = Convert.FromHexString(data[2..]);
        if (EvmEnvelope.Reads(bytes))
        {
            var envelope = EvmEnvelope.Read(bytes);
            return (envelope.ChainId, envelope.Signer.Address, Flat(envelope.Fields));
        }

        var read = EvmReading.Read(data);
        string[] pays = [read.To?[2..] ?? "", Number(read.Value), Hex.Lower(read.Data.Span)];
        string[] access = [.. read.AccessList.SelectMany(entry => entry.Keys.Select(key => Hex.Lower(key)).Prepend(entry.Address[2..]))];
        string[] fields = read.Type switch
        {
            0 => [Number(read.Nonce), Number(read.Price), Number(read.Gas), .. pays],
            1 => [Number(read.ChainId), Number(read.Nonce), Number(read.Price), Number(read.Gas), .. pays, .. access],
            _ => [Number(read.ChainId), Number(read.Nonce), Number(read.Tip), Number(read.Price), Number(read.Gas), .. pays, .. access],
        };
        return (read.ChainId, read.Signer.Address, fields);
    }

    private static IEnumerable<string> Flat(IEnumerable<object> items) => items.SelectMany(item => item is byte[] bytes ? [Hex.Lower(bytes)] : Flat((List<object>)item));

    private static string Number(BigInteger value) => value.IsZero ? "" : Hex.Lower(value.ToByteArray(isUnsigned: true, isBigEndian: true));

    private static byte[] KeyOf(byte type) => Keccak256.Hash([type]);
}
