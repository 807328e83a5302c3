using System.Security.Cryptography;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>What a pending transaction says of a multisignature input.</summary>
/// <param name="Threshold">Signatures needed.</param>
/// <param name="PublicKeys">The keys, in ascending order.</param>
/// <param name="Received">
/// Signatures that have arrived, with hash type, by place of their key; null where there is none.
/// </param>
internal sealed record MultisigClaim(int Threshold, IReadOnlyList<byte[]> PublicKeys, IReadOnlyList<byte[]?> Received);

/// <summary>An input that needs several signatures: P2SH, P2WSH, or P2WSH inside P2SH.</summary>
internal sealed class MultisigSpend : Spend
{
    private const int LongestRedeemScript = 520; // BIP-16: it is one push
    private readonly MultisigClaim claim;
    private readonly byte[] script;
    private readonly bool witness;
    private readonly byte[] nested; // the witness program that a P2SH redeems, or nothing
    private readonly Dictionary<int, PublicKey> ours = [];

    public MultisigSpend(
        TransactionOutput output, MultisigClaim claim, IReadOnlyList<PublicKey> keys, BitcoinCoin coin, int input)
        : base(output)
    {
        this.claim = claim;
        script = Script.Multisig(claim.Threshold, claim.PublicKeys);
        var program = Script.ToWitness(SHA256.HashData(script));
        var isNested = coin.Segwit && output.Script.AsSpan().SequenceEqual(Script.ToScriptHash(program));
        nested = isNested ? program : [];
        witness = isNested || (coin.Segwit && output.Script.AsSpan().SequenceEqual(program));
        if (!witness && !output.Script.AsSpan().SequenceEqual(Script.ToScriptHash(script)))
        {
            throw KmsException.Refused(
                $"input {input}: its public keys and threshold do not give the script it spends");
        }

        if (witness ? claim.PublicKeys.Any(key => key.Length != Secp256k1.CompressedSize) : script.Length > LongestRedeemScript)
        {
            throw KmsException.Refused($"input {input}: no node would accept its multisignature script");
        }

        var missing = claim.Threshold - claim.Received.Count(signature => signature is not null);
        foreach (var key in keys)
        {
            var place = Place(key.Bytes);
            if (place >= 0 && missing > 0 && claim.Received[place] is null && ours.TryAdd(place, key))
            {
                missing--;
            }
        }

        if (missing != 0)
        {
            throw KmsException.Refused(missing > 0
                ? $"input {input} needs {claim.Threshold} signatures, and the keys named for this transaction leave {missing} of them missing"
                : $"input {input} carries more signatures than its script takes");
        }
    }

    public override bool CommitsToAmount => witness;

    public override int ScriptSize => (witness, nested.Length) switch
    {
        (true, 0) => 0,
        (true, _) => nested.Length + 1,
        _ => 1 + (claim.Threshold * (1 + SignatureSize)) + Script.Push(script).Length,
    };

    public override int WitnessSize =>
        witness ? 2 + (claim.Threshold * (1 + SignatureSize)) + WireWriter.SizeOf(script.Length) + script.Length : 0;

    public override void Check(SignatureHashes hashes, int input)
    {
        var digest = Digest(hashes, input);
        for (var place = 0; place < claim.Received.Count; place++)
        {
            if (claim.Received[place] is { } signature && !KeptSpend.IsSignature(signature, claim.PublicKeys[place], digest))
            {
                throw KmsException.Refused($"input {input} carries a signature of another party that is not valid");
            }
        }
    }

    public override Unlocking Unlock(SignatureHashes hashes, int input, ISigningKeys keys)
    {
        var digest = Digest(hashes, input);
        List<byte[]> signatures =
        [
            .. from place in Enumerable.Range(0, claim.PublicKeys.Count)
               where claim.Received[place] is not null || ours.ContainsKey(place)
               select claim.Received[place] ?? Sign(keys.Open(ours[place]), digest),
        ];
        // OP_CHECKMULTISIG takes one element too many, which must be empty (BIP-147)
        return witness
            ? new(nested.Length > 0 ? Script.Push(nested) : [], [[], .. signatures, script])
            : new([0, .. signatures.SelectMany(signature => Script.Push(signature)), .. Script.Push(script)], []);
    }

    private byte[] Digest(SignatureHashes hashes, int input) =>
        witness ? hashes.Segwit(input, script, Output.Satoshis) : hashes.Legacy(input, script);

    private int Place(ReadOnlySpan<byte> publicKey)
    {
        for (var place = 0; place < claim.PublicKeys.Count; place++)
        {
            if (publicKey.SequenceEqual(claim.PublicKeys[place]))
            {
                return place;
            }
        }

        return -1;
    }
}
