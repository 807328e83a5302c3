using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// Pending transactions of BCH: the unsigned transaction as hex, a colon, and the amounts of its inputs.
/// Nothing tells the script of an input: each is P2PKH of the key that the request puts in its place.
/// </summary>
internal static class CashPayment
{
    private const int SmallestOutput = 9;

    /// <summary>Reads the transaction and gives every input its key.</summary>
    public static Payment Read(PendingTransaction pending, PendingKeys keys, BitcoinCoin coin)
    {
        var text = pending.SerializedTransaction;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            throw KmsException.Refused(
                "the transaction comes without the amounts of its inputs, which the signatures must cover");
        }

        var transaction = Parse(Hex.Read(text.AsSpan(0, colon), "the transaction"), coin);
        var amounts = StrictJson.Parse(text[(colon + 1)..], "the list of input amounts");
        if (amounts.ValueKind is not JsonValueKind.Array || amounts.GetArrayLength() != transaction.Inputs.Length)
        {
            throw KmsException.Refused("the amounts are not a list with one amount for each input");
        }

        var withdrawal = Withdrawal.Read(pending, keys, coin);
        var ring = withdrawal is null ? KeyRing.Of(keys, coin) : KeyRing.Of(withdrawal, coin);
        var signers = withdrawal is null
            ? ByPlace(ring.Keys, transaction.Inputs.Length)
            : [.. transaction.Inputs.Select(input => withdrawal.Key(input.Outpoint))];
        List<Spend> spends =
        [
            .. amounts.EnumerateArray().Select((amount, at) =>
                new CashSpend(Satoshis.Read(amount, $"the amount of input {at}", coin.MoneyLimit), signers[at])),
        ];
        return new(transaction, spends, ring)
        {
            IsWithdrawal = withdrawal is not null,
            Warnings = [.. withdrawal?.Check(transaction, spends, coin) ?? []],
        };
    }

    /// <summary>One and the same key signs every input; of several, the key in an input's place signs it.</summary>
    private static IReadOnlyList<PublicKey> ByPlace(IReadOnlyList<PublicKey> keys, int inputs)
    {
        var different = keys.DistinctBy(key => Hex.Lower(key.Bytes)).Count();
        return different == 1 ? [.. Enumerable.Repeat(keys[0], inputs)]
            : keys.Count == inputs ? keys
            : throw KmsException.Refused($"{keys.Count} keys are named for {inputs} inputs, so that it is not known which key owns which");
    }

    private static Transaction Parse(ReadOnlySpan<byte> bytes, BitcoinCoin coin)
    {
        var wire = new WireReader(bytes, "the transaction");
        var version = wire.Int32();
        var inputs = new TransactionInput[wire.Count(Transaction.BareInputSize)];
        if (inputs.Length is 0 or > Payment.MostInputs)
        {
            throw KmsException.Refused(inputs.Length == 0
                ? "the transaction has no inputs, or it is in segwit form"
                : $"the transaction has {inputs.Length} inputs, too many for what the gateway takes");
        }

        for (var at = 0; at < inputs.Length; at++)
        {
            var id = wire.Bytes(32).ToArray();
            Array.Reverse(id);
            var outpoint = new Outpoint(Hex.Lower(id), wire.UInt32());
            if (!wire.Slice().IsEmpty)
            {
                throw KmsException.Refused($"input {at} is signed already");
            }

            inputs[at] = new(outpoint, wire.UInt32());
        }

        var outputs = new TransactionOutput[wire.Count(SmallestOutput)];
        for (var at = 0; at < outputs.Length; at++)
        {
            var satoshis = wire.UInt64();
            outputs[at] = satoshis <= (ulong)coin.MoneyLimit
                ? new((long)satoshis, wire.Slice().ToArray())
                : throw KmsException.Refused($"the amount of output {at} is more {coin.Code} than can exist");
        }

        var lockTime = wire.UInt32();
        wire.Done();
        return outputs.Length > 0
            ? new(version, inputs, outputs, lockTime)
            : throw KmsException.Refused("the transaction has no outputs");
    }

    /// <summary>A P2PKH input: Schnorr over the fork-id digest, which covers the amount as BIP-143's does.</summary>
    private sealed class CashSpend(long satoshis, PublicKey key)
        : KeySpend(new(satoshis, Script.ToKeyHash(key.Hash)), KeyForm.KeyHash, key)
    {
        public override bool CommitsToAmount => true;

        public override int ScriptSize => 1 + BchSchnorr.SignatureSize + 1 + 1 + Key.Bytes.Length;

        public override int WitnessSize => 0;

        public override Unlocking Unlock(SignatureHashes hashes, int input, ISigningKeys keys)
        {
            var digest = hashes.Segwit(input, Output.Script, Output.Satoshis, SignatureHashes.AllForkId);
            byte[] signature = [.. keys.Open(Key).SignCashSchnorr(digest), SignatureHashes.AllForkId];
            return new([.. Script.Push(signature), .. Script.Push(Key.Bytes)], []);
        }
    }
}
