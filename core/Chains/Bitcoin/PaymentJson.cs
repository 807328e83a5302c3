using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>Pending transactions of BTC, LTC and DOGE: the object form of the bitcore libraries.</summary>
internal static class PaymentJson
{
    private const int MostMultisigKeys = 16; // what OP_1 to OP_16 can count

    /// <summary>Reads and checks the claims, and finds the key of every input.</summary>
    public static Payment Read(PendingTransaction pending, PendingKeys keys, BitcoinCoin coin)
    {
        var json = new StrictObject(
            StrictJson.Parse(pending.SerializedTransaction, "the transaction"), "the transaction");
        var elements = json.Array("inputs");
        if (elements.Count > Payment.MostInputs)
        {
            throw KmsException.Refused(
                $"the transaction has {elements.Count} inputs, too many for what the gateway takes");
        }

        List<Input> inputs = [.. elements.Select((element, at) => Input.Read(element, at, coin))];
        TransactionOutput[] outputs = [.. json.Array("outputs").Select((element, at) => Output(element, $"output {at}", coin))];
        if (inputs.Count == 0 || outputs.Length == 0)
        {
            throw KmsException.Refused("the transaction has no inputs or no outputs");
        }

        var transaction = new Transaction(
            (int)json.Integer("version", int.MinValue, int.MaxValue),
            [.. inputs.Select(input => new TransactionInput(input.Outpoint, input.Sequence))],
            outputs,
            (uint)json.Integer("nLockTime", 0, uint.MaxValue));
        RequireHash(json, transaction, inputs);
        var (claimsChange, claimedOutput) = Change(json, outputs);
        long? fee = json.Optional("fee") is { } claimed ? Satoshis.Read(claimed, "the fee", coin.MoneyLimit) : null;
        json.Done();

        var withdrawal = Withdrawal.Read(pending, keys, coin);
        var withTaproot = coin.TaprootKeys is not null && (inputs.Any(input => IsTaproot(input.Output)) || (claimedOutput is { } change && IsTaproot(outputs[change])));
        var ring = withdrawal is null ? KeyRing.Of(keys, coin, withTaproot) : KeyRing.Of(withdrawal, coin, withTaproot);
        List<Spend> spends = [.. inputs.Select((input, at) => input.Spend(ring, coin, at))];
        var warnings = inputs.Select((input, at) => input.Warning(at)).OfType<string>();
        return new(transaction, spends, ring)
        {
            ClaimedFee = fee,
            Previous = inputs.Select(input => input.Previous).OfType<PreviousTransaction>().DistinctBy(previous => previous.Id).ToDictionary(previous => previous.Id),
            ClaimsChange = claimsChange,
            ClaimedChangeOutput = claimedOutput,
            IsWithdrawal = withdrawal is not null,
            Warnings = [.. warnings, .. withdrawal?.Check(transaction, spends, coin) ?? []],
        };
    }

    private static bool IsTaproot(TransactionOutput output) => Script.Kind(output.Script) is ScriptKind.Taproot;

    private static TransactionOutput Output(JsonElement element, string what, BitcoinCoin coin)
    {
        var json = new StrictObject(element, what);
        var output = new TransactionOutput(
            Satoshis.ReadAlsoText(json.Required("satoshis"), $"the amount of {what}", coin.MoneyLimit),
            Hex.Read(json.String("script"), $"the script of {what}"));
        json.Done();
        return output;
    }

    private static void RequireHash(StrictObject json, Transaction transaction, List<Input> inputs)
    {
        if (json.OptionalString("hash") is not { } claimed)
        {
            return;
        }

        var id = transaction.Id([.. inputs.Select(input => new Unlocking(input.Script, []))]);
        if (!claimed.Equals(id, StringComparison.OrdinalIgnoreCase))
        {
            throw KmsException.Refused(
                "the transaction's hash does not match its content: it was changed after it was built");
        }
    }

    private static (bool Script, int? Output) Change(StrictObject json, TransactionOutput[] outputs)
    {
        var text = json.OptionalString("changeScript");
        var index = json.OptionalInteger("changeIndex", 0, int.MaxValue);
        var script = text is null
            ? null
            : ScriptText.TryParse(text) ?? throw json.Bad("changeScript", "is not a script");
        if (index is not { } at)
        {
            return (script is not null, null);
        }

        return script is not null && at < outputs.Length && script.AsSpan().SequenceEqual(outputs[(int)at].Script)
            ? (true, (int)at)
            : throw KmsException.Refused("the output that is said to be change does not pay the script that is said to take it");
    }

    private sealed record Input(
        Outpoint Outpoint, uint Sequence, byte[] Script, string? ScriptText, TransactionOutput Output, MultisigClaim? Multisig, PreviousTransaction? Previous)
    {
        public static Input Read(JsonElement element, int at, BitcoinCoin coin)
        {
            var json = new StrictObject(element, $"input {at}");
            var outpoint = new Outpoint(
                Hex.Lower(Hex.Read(json.String("prevTxId"), $"prevTxId of input {at}", 32)),
                (uint)json.Integer("outputIndex", 0, uint.MaxValue));
            var input = new Input(
                outpoint,
                (uint)(json.OptionalInteger("sequenceNumber", 0, uint.MaxValue) ?? TransactionInput.Final),
                Hex.Read(json.OptionalString("script") ?? "", $"the script of input {at}"),
                json.OptionalString("scriptString"),
                PaymentJson.Output(json.Required("output"), $"the output that input {at} spends", coin),
                ReadMultisig(json, outpoint, at),
                json.OptionalString("prevTx") is { } previous ? PreviousTransaction.Read(Hex.Read(previous, $"prevTx of input {at}"), $"prevTx of input {at}") : null);
            json.Done();
            return input.Previous is null || input.Previous.Id == outpoint.TransactionId
                ? input
                : throw KmsException.Refused($"prevTx of input {at} is another transaction than the one it spends");
        }

        public Spend Spend(KeyRing ring, BitcoinCoin coin, int at) => (Multisig, Bitcoin.Script.Kind(Output.Script)) switch
        {
            ({ } claim, _) => new MultisigSpend(Output, claim, ring.Signers, coin, at),
            (_, ScriptKind.KeyHash or ScriptKind.PublicKey or ScriptKind.ScriptHash) => ring.Unlock(Output) ?? (Spend)new KeptSpend(Output, Script),
            (_, ScriptKind.WitnessKeyHash) when coin.Segwit => ring.Unlock(Output) ?? (Spend)new KeptSpend(Output, Script),
            (_, ScriptKind.Taproot) when coin.TaprootKeys is not null => ring.Unlock(Output) ?? (Spend)new KeptSpend(Output, Script),
            _ => throw KmsException.Refused($"input {at} spends a kind of script that cannot be signed for {coin.Code}"),
        };

        public string? Warning(int at) => ScriptText is { } text && Bitcoin.ScriptText.TryParse(text)?.AsSpan().SequenceEqual(Script) != true
            ? $"the readable form of input {at}'s script is not that script"
            : null;

        private static MultisigClaim? ReadMultisig(StrictObject json, Outpoint outpoint, int at)
        {
            var threshold = json.OptionalInteger("threshold", 1, MostMultisigKeys);
            var texts = json.OptionalArray("publicKeys");
            var signatures = json.OptionalArray("signatures");
            if (threshold is null && texts is null && signatures is null)
            {
                return null;
            }

            if (threshold is not { } needed || texts is null || texts.Count < needed || texts.Count > MostMultisigKeys)
            {
                throw KmsException.Refused(
                    $"input {at} needs a threshold and at least that many public keys, {MostMultisigKeys} at most");
            }

            List<byte[]> keys = [.. texts.Select(text => PublicKey(text, at)).OrderBy(key => Hex.Lower(key), StringComparer.Ordinal)];
            if (keys.DistinctBy(key => Hex.Lower(key)).Count() != keys.Count || (signatures is not null && signatures.Count != keys.Count))
            {
                throw KmsException.Refused(
                    $"input {at} repeats a public key, or has not one place for a signature to each");
            }

            return new(
                (int)needed, keys, [.. keys.Select((key, place) => Received(signatures?[place], key, outpoint, at))]);
        }

        private static byte[] PublicKey(JsonElement element, int at)
        {
            var text = element.ValueKind is JsonValueKind.String ? element.GetString()! : "";
            var key = Hex.Read(text, $"a public key of input {at}");
            return key is [2 or 3 or 4, ..] && Secp256k1.IsPublicKey(key)
                ? key
                : throw KmsException.Refused($"input {at} has a public key that is not a point of secp256k1");
        }

        private static byte[]? Received(JsonElement? element, byte[] publicKey, Outpoint outpoint, int at)
        {
            if (element is not { ValueKind: not JsonValueKind.Null } given)
            {
                return null;
            }

            var json = new StrictObject(given, $"a signature of input {at}");
            var fits = json.String("publicKey").Equals(Hex.Lower(publicKey), StringComparison.OrdinalIgnoreCase)
                & json.String("prevTxId").Equals(outpoint.TransactionId, StringComparison.OrdinalIgnoreCase)
                & json.Integer("outputIndex", 0, uint.MaxValue) == outpoint.Index
                & json.Integer("inputIndex", 0, int.MaxValue) == at
                & json.Integer("sigtype", 0, byte.MaxValue) == SignatureHashes.All;
            var signature = Hex.Read(json.String("signature"), $"a signature of input {at}");
            json.Done();
            return fits
                ? [.. signature, SignatureHashes.All]
                : throw KmsException.Refused($"input {at} carries a signature that was made for something else");
        }
    }
}
