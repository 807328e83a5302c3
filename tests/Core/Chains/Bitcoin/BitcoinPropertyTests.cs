using System.Buffers.Binary;
using System.Security.Cryptography;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>
/// Random payments: the signed bytes read back as what was asked for, and every signature has low S and verifies against a
/// digest built here by the letter of the standards, without the caches and offsets of the product.
/// </summary>
public static class BitcoinPropertyTests
{
    private const int Rounds = 40;

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE"), InlineData("BCH")]
    public static void What_is_signed_is_what_was_asked_for(string chain)
    {
        var random = new SeededRandom(ChainFuzz.Seed + 17);
        for (var round = 0; round < Rounds; round++)
        {
            var payment = RandomPayment.Of(chain, random);
            using var run = SigningRun.Sign(payment.Vector());
            using var again = SigningRun.Sign(payment.Vector());
            var signed = ParsedTransaction.Read(run.Signed.Data);

            Assert.Equal(run.Signed, again.Signed);
            Assert.Equal((payment.Version, payment.LockTime, run.Signed.TransactionId), (signed.Version, signed.LockTime, signed.Id));
            Assert.Equal(
                payment.Inputs.Select(input => (input.TransactionId, input.Index, input.Sequence)),
                signed.Inputs.Select(input => (input.TransactionId, input.Index, input.Sequence)));
            Assert.Equal(payment.Outputs.Select(output => (output.Satoshis, Convert.ToHexString(output.Script))), signed.Outputs.Select(output => (output.Satoshis, Convert.ToHexString(output.Script))));
            Assert.Equal(payment.Inputs.Sum(input => input.Satoshis) - payment.Outputs.Sum(output => output.Satoshis), run.Transaction.Summary.Fee!.Value.Units);
            for (var at = 0; at < signed.Inputs.Count; at++)
            {
                VerifyInput(chain, payment, signed, run.Signed.Data, at);
            }
        }
    }

    private static void VerifyInput(string chain, PaymentCase payment, ParsedTransaction signed, string hex, int at)
    {
        var (coin, _, _, satoshis, _) = payment.Inputs[at];
        var pushes = signed.Inputs[at].Pushes;
        var code = coin.IsMultisig ? pushes[^1]
            : coin.Kind is InputKind.PublicKey ? coin.Script
            : [0x76, 0xa9, 20, .. Digests.Hash160(coin.PublicKeys.First()), 0x88, 0xac];
        if (coin.Kind is InputKind.Taproot)
        {
            VerifyTaproot(payment, NBitcoin.Transaction.Parse(hex, NBitcoin.Network.Main), at);
            return;
        }

        var segwit = chain == "BCH" || coin.Kind is InputKind.Witness or InputKind.NestedWitness or InputKind.WitnessMultisig or InputKind.NestedMultisig;
        var digest = segwit ? Segwit(signed, at, code, satoshis, chain == "BCH" ? 0x41u : 1u) : Legacy(signed, at, code);
        var signatures = signed.Inputs[at].Signatures.ToList();
        Assert.Equal(coin.IsMultisig ? OwnedCoin.Threshold : 1, signatures.Count);
        foreach (var signature in signatures)
        {
            Assert.Contains(coin.PublicKeys, key => chain == "BCH"
                ? signature.Length == 65 && BchSchnorr.IsValid(key, digest, signature.AsSpan(0, 64))
                : Secp256k1.TryFromDer(signature.AsSpan(..^1), out var plain) && Secp256k1.IsValid(key, digest, plain)); // refuses high S
        }
    }

    /// <summary>Digest and curve are NBitcoin's, since both are judged here.</summary>
    private static void VerifyTaproot(PaymentCase payment, NBitcoin.Transaction transaction, int at)
    {
        NBitcoin.TxOut[] spent = [.. payment.Inputs.Select(input => new NBitcoin.TxOut(NBitcoin.Money.Satoshis(input.Satoshis), new NBitcoin.Script(input.Coin.Script)))];
        var data = (NBitcoin.TaprootReadyPrecomputedTransactionData)transaction.PrecomputeTransactionData(spent);
        var digest = transaction.GetSignatureHashTaproot(data, new NBitcoin.TaprootExecutionData(at) { SigHash = NBitcoin.TaprootSigHash.Default });
        var signature = Assert.Single(transaction.Inputs[at].WitScript.Pushes);
        var key = new NBitcoin.TaprootPubKey(payment.Inputs[at].Coin.Script.AsSpan(2));
        Assert.True(key.VerifySignature(digest, new NBitcoin.Crypto.SchnorrSignature(signature)));
    }

    private static byte[] Legacy(ParsedTransaction transaction, int signing, byte[] code)
    {
        List<byte> bytes = [.. Number(transaction.Version), .. Size(transaction.Inputs.Count)];
        foreach (var (at, input) in transaction.Inputs.Index())
        {
            bytes.AddRange([.. Outpoint(input), .. at == signing ? [.. Size(code.Length), .. code] : (byte[])[0], .. Unsigned(input.Sequence)]);
        }

        return Sha256d([.. bytes, .. Outputs(transaction), .. Unsigned(transaction.LockTime), 1, 0, 0, 0]);
    }

    private static byte[] Segwit(ParsedTransaction transaction, int signing, byte[] code, long satoshis, uint hashType)
    {
        var input = transaction.Inputs[signing];
        var outputs = Outputs(transaction);
        var amount = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(amount, satoshis);
        return Sha256d(
        [
            .. Number(transaction.Version),
            .. Sha256d([.. transaction.Inputs.SelectMany(Outpoint)]),
            .. Sha256d([.. transaction.Inputs.SelectMany(other => Unsigned(other.Sequence))]),
            .. Outpoint(input),
            .. Size(code.Length),
            .. code,
            .. amount,
            .. Unsigned(input.Sequence),
            .. Sha256d(outputs[Size(transaction.Outputs.Count).Length..]),
            .. Unsigned(transaction.LockTime),
            .. Unsigned(hashType),
        ]);
    }

    private static byte[] Outputs(ParsedTransaction transaction)
    {
        List<byte> bytes = [.. Size(transaction.Outputs.Count)];
        foreach (var (satoshis, script) in transaction.Outputs)
        {
            var amount = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(amount, satoshis);
            bytes.AddRange([.. amount, .. Size(script.Length), .. script]);
        }

        return [.. bytes];
    }

    private static byte[] Outpoint(ParsedInput input) => [.. Convert.FromHexString(input.TransactionId).Reverse(), .. Unsigned(input.Index)];

    private static byte[] Size(int value) => value < 253 ? [(byte)value] : [253, (byte)(value & 0xff), (byte)(value >> 8)];

    private static byte[] Number(int value) => Unsigned(unchecked((uint)value));

    private static byte[] Unsigned(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Sha256d(byte[] bytes) => SHA256.HashData(SHA256.HashData(bytes));
}
