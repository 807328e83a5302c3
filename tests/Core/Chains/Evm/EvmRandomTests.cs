using System.Numerics;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
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
                var parsed = SignedEvm.Read(signed.Data);
                if (!parsed.HasLowS || !parsed.Sender.AsSpan().SequenceEqual(sender) || parsed.ChainId != asked.ChainId || !Expected(asked, sender).SequenceEqual(Flat(parsed.Fields)))
                {
                    Assert.Fail($"{asked.Json}\nbecame {signed.Data}");
                }
            }
        });
    }

    /// <summary>The fields in the order of the type's definition, as text; integers are compared as RLP gives them, so a leading zero fails.</summary>
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

    private static IEnumerable<string> Flat(IEnumerable<RlpItem> items) => items.SelectMany(item => item.Items is null ? [Hex.Lower(item.Bytes)] : Flat(item.Items));

    private static string Number(BigInteger value) => value.IsZero ? "" : Hex.Lower(value.ToByteArray(isUnsigned: true, isBigEndian: true));

    private static byte[] KeyOf(byte type) => Keccak256.Hash([type]);
}
