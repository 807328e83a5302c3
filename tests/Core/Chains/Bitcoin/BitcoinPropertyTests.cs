using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>
/// Random payments: the signed bytes read back as what was asked for, and every signature has low S and verifies against the digest that NBitcoin
/// makes of them, by NBitcoin's curve (of Bitcoin Cash by ours).
/// </summary>
public static class BitcoinPropertyTests
{
    private const int Rounds = 40;
    private const NBitcoin.SigHash AllAndForkId = (NBitcoin.SigHash)0x41;

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
        var transaction = NBitcoin.Transaction.Parse(hex, NBitcoin.Network.Main);
        if (coin.Kind is InputKind.Taproot)
        {
            VerifyTaproot(payment, transaction, at);
            return;
        }

        var input = signed.Inputs[at];
        var code = coin.IsMultisig ? input.Pushes[^1]
            : coin.Kind is InputKind.PublicKey ? coin.Script
            : [0x76, 0xa9, 20, .. Digests.Hash160(coin.PublicKeys.First()), 0x88, 0xac];
        var isWitness = chain == "BCH" || coin.Kind is InputKind.Witness or InputKind.NestedWitness or InputKind.WitnessMultisig or InputKind.NestedMultisig;
        var spent = new NBitcoin.TxOut(NBitcoin.Money.Satoshis(satoshis), new NBitcoin.Script(coin.Script));
        var version = isWitness ? NBitcoin.HashVersion.WitnessV0 : NBitcoin.HashVersion.Original;
        var hashType = chain == "BCH" ? AllAndForkId : NBitcoin.SigHash.All;
        var digest = transaction.GetSignatureHash(new NBitcoin.Script(code), at, hashType, spent, version);
        var signatures = input.Signatures.ToList();
        Assert.Equal(coin.IsMultisig ? OwnedCoin.Threshold : 1, signatures.Count);
        foreach (var signature in signatures)
        {
            Assert.Contains(coin.PublicKeys, key => chain == "BCH"
                ? signature.Length == 65 && BchSchnorr.IsValid(key, digest.ToBytes(), signature.AsSpan(0, 64))
                : IsValid(key, digest, new(signature)));
        }
    }

    private static bool IsValid(byte[] key, NBitcoin.uint256 digest, NBitcoin.TransactionSignature signature) =>
        signature.Signature.IsLowS && new NBitcoin.PubKey(key).Verify(digest, signature.Signature);

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
}
