using System.Globalization;
using System.Numerics;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.VeChain;

/// <summary>decode(sign(x)) = x for 10,000 random VeChainThor transactions, the origin recovered, every signature with low S.</summary>
public static class VeChainRandomTests
{
    private const int Count = 10_000;

    [Fact]
    public static void Signs_what_was_asked_and_nothing_else()
    {
        using var signer = new SingleKeySigner("VET", "0x" + new string('5', 64), options: new() { FeeCeiling = BigInteger.Pow(2, 120) });
        const int parts = 2;
        Parallel.For(0, parts, part =>
        {
            var random = new SeededRandom((ulong)part);
            for (var i = 0; i < Count / parts; i++)
            {
                var (json, fields) = Next(random);
                var signed = signer.Sign(json);
                var parsed = SignedVeChain.Read(signed.Data);
                string[] got =
                [
                    Text(parsed.BlockRef), Text(parsed.Expiration), Text(parsed.GasPriceCoef), Text(parsed.Gas), Hex.Lower(parsed.DependsOn), Text(parsed.Nonce),
                    .. parsed.Clauses.SelectMany(clause => (string[])[Hex.Lower((byte[])clause[0]), Text(RlpTree.Number(clause[1])), Hex.Lower((byte[])clause[2])]),
                ];
                if (!fields.SequenceEqual(got) || Hex.Lower0x(parsed.Origin) != signer.Address || signed.TransactionId != parsed.Id)
                {
                    Assert.Fail($"{json}\nbecame {signed.Data}");
                }
            }
        });
    }

    /// <summary>A pending transaction and its fields as text.</summary>
    private static (string Json, string[] Fields) Next(SeededRandom random)
    {
        var (block, expiration, coef) = (random.Next() >> random.Below(64), (uint)(random.Next() >> 32), (byte)random.Below(256));
        var (gas, nonce) = (200_000_000 + (random.Next() >> (8 + random.Below(50))), random.Next() >> random.Below(64));
        var depends = random.Coin() ? random.Bytes(32) : [];
        var clauses = Enumerable.Range(0, 1 + random.Below(4)).Select(_ => Clause(random)).ToList();
        var body = clauses.Count == 1 && random.Coin()
            ? Json(clauses[0])
            : $"\"clauses\":[{string.Join(',', clauses.Select(clause => $"{{{Json(clause)}}}"))}]";
        var json = string.Create(CultureInfo.InvariantCulture,
            $"{{{body},\"chainTag\":39,\"blockRef\":\"0x{block:x16}\",\"expiration\":{expiration},\"gasPriceCoef\":{coef},\"gas\":\"{gas}\",\"nonce\":\"0x{nonce:x}\"")
            + (depends.Length > 0 ? $",\"dependsOn\":\"0x{Hex.Lower(depends)}\"}}" : ",\"dependsOn\":null}");
        return (json,
        [
            Text(block), Text(expiration), Text(coef), Text(gas), Hex.Lower(depends), Text(nonce),
            .. clauses.SelectMany(clause => (string[])[Hex.Lower(clause.To), Text(clause.Value), Hex.Lower(clause.Data)]),
        ]);
    }

    private static (byte[] To, BigInteger Value, byte[] Data) Clause(SeededRandom random)
    {
        var creates = random.Below(6) == 0;
        return (
            creates ? [] : random.Bytes(20),
            new BigInteger(random.Bytes(random.Below(33)), isUnsigned: true),
            creates || random.Coin() ? random.Bytes(1 + random.Below(80)) : []);
    }

    private static string Json((byte[] To, BigInteger Value, byte[] Data) clause) =>
        $"\"to\":{(clause.To.Length > 0 ? $"\"0x{Hex.Lower(clause.To)}\"" : "null")},\"value\":\"{clause.Value}\",\"data\":\"0x{Hex.Lower(clause.Data)}\"";

    private static string Text(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);
}
