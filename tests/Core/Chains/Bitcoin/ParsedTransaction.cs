using NBitcoin;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>A signed transaction as NBitcoin reads it.</summary>
internal sealed record ParsedTransaction(
    int Version, IReadOnlyList<ParsedInput> Inputs, IReadOnlyList<(long Satoshis, byte[] Script)> Outputs, uint LockTime, string Id)
{
    public static ParsedTransaction Read(string hex)
    {
        var read = Transaction.Parse(hex, Network.Main); // of the network only addresses need to know
        Assert.Equal(hex, read.ToHex(), ignoreCase: true);
        return new(
            unchecked((int)read.Version),
            [.. read.Inputs.Select(ParsedInput.Of)],
            [.. read.Outputs.Select(output => (output.Value.Satoshi, output.ScriptPubKey.ToBytes()))],
            read.LockTime.Value,
            read.GetHash().ToString());
    }
}

internal sealed record ParsedInput(string TransactionId, uint Index, byte[] Script, uint Sequence, IReadOnlyList<byte[]> Witness)
{
    /// <summary>What the scriptSig pushes, and the witness.</summary>
    public IReadOnlyList<byte[]> Pushes =>
    [
        .. new Script(Script).ToOps().Select(operation => operation.PushData ?? throw new InvalidOperationException($"{operation} in a scriptSig")),
        .. Witness,
    ];

    /// <summary>Signatures with their hash type: DER, or the 65 bytes of Bitcoin Cash's Schnorr.</summary>
    public IEnumerable<byte[]> Signatures =>
        Pushes.Where(push => (push is [0x30, .., 0x01] && push.Length is > 60 and < 74) || (push.Length == 65 && push is [.., 0x41]));

    public static ParsedInput Of(TxIn input) =>
        new(input.PrevOut.Hash.ToString(), input.PrevOut.N, input.ScriptSig.ToBytes(), input.Sequence.Value, [.. input.WitScript.Pushes]);
}
