using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// An input that another party has signed already: P2PKH or P2PK. It is kept as it is, once its signature is verified.
/// </summary>
internal sealed class KeptSpend(TransactionOutput output, byte[] script) : Spend(output)
{
    public override bool CommitsToAmount => false;

    public override int ScriptSize => script.Length;

    public override void Check(SignatureHashes hashes, int input)
    {
        var kind = Script.Kind(Output.Script);
        var pushes = Script.Pushes(script);
        var publicKey = (kind, pushes) switch
        {
            (ScriptKind.KeyHash, [_, var key]) when Script.ToKeyHash(Digests.Hash160(key)).AsSpan().SequenceEqual(Output.Script) => key,
            (ScriptKind.PublicKey, [_]) => Script.Payload(Output.Script, kind).ToArray(),
            _ => throw KmsException.Refused($"input {input} is not signed, and none of the keys named for this transaction owns it"),
        };
        byte[] shortest = [.. pushes.SelectMany(push => Script.Push(push))]; // nodes relay no other pushes
        if (!shortest.AsSpan().SequenceEqual(script) || !IsSignature(pushes[0], publicKey, hashes.Legacy(input, Output.Script)))
        {
            throw KmsException.Refused($"input {input} carries a signature of another party that is not valid");
        }
    }

    public override Unlocking Unlock(SignatureHashes hashes, int input, ISigningKeys keys) => new(script, []);

    /// <summary>
    /// Whether bytes from outside are a signature over all of the transaction, in the form that nodes relay.
    /// </summary>
    public static bool IsSignature(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest) =>
        signature is [.., SignatureHashes.All] && Secp256k1.TryFromDer(signature[..^1], out var plain)
        && Secp256k1.IsValid(publicKey, digest, plain);
}
