using System.Buffers.Binary;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signed transactions of the Bitcoin family with P2PKH, P2WPKH and P2SH-P2WPKH inputs, read back from their bytes; those of
/// BCH with its own digest and Schnorr signatures.
/// </summary>
internal static class BitcoinReader
{
    private const int LongestPush = 75; // whose opcode is its length
    private const byte AllSigned = 1;
    private const byte CashSigned = 0x41; // with the fork id

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var transaction = Parse(Hex.Read(txData, "the transaction"));
        var pending = scenario.Pending.GetProperty("serializedTransaction").GetString()!;
        var signers = scenario.Chain == "BCH" ? CashSigners(transaction, pending) : Signers(transaction, pending);
        var pays = transaction.Outputs.Select(output => $"{new Amount(output.Satoshis, 8, scenario.Chain)} to {Recipient(output.Script, scenario.Chain)}");
        return new(Hex.Lower([.. Digests.Sha256d(Serialize(transaction)).Reverse()]), string.Join(", ", pays), signers);
    }

    private static List<string> Signers(Parsed transaction, string pending)
    {
        using var json = JsonDocument.Parse(pending);
        var spent = json.RootElement.GetProperty("inputs");
        return [.. transaction.Inputs.Select((_, at) => CheckInput(transaction, at, spent[at].GetProperty("output")))];
    }

    /// <summary>A pending of BCH says what each coin is worth, as <c>hex:[amount, …]</c>, but not who owns it.</summary>
    private static List<string> CashSigners(Parsed transaction, string pending)
    {
        using var amounts = JsonDocument.Parse(pending[(pending.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        return [.. transaction.Inputs.Select((input, at) =>
        {
            var (signature, publicKey) = Pushes(input.Script);
            byte[] code = [0x76, 0xa9, 0x14, .. Digests.Hash160(publicKey), 0x88, 0xac];
            var digest = SegwitDigest(transaction, at, code, amounts.RootElement[at].GetInt64(), CashSigned);
            IndependentReader.Require(
                signature.Length == 65 && signature[64] == CashSigned && BchSchnorr.IsValid(publicKey, digest, signature.AsSpan(..64)),
                $"the signature of input {at} is wrong");
            return Hex.Lower(publicKey);
        })];
    }

    /// <summary>Verifies one input's signature against the output it spends; returns the public key.</summary>
    private static string CheckInput(Parsed transaction, int at, JsonElement spent)
    {
        var script = Hex.Read(spent.GetProperty("script").GetString()!, "the spent script");
        var amount = spent.GetProperty("satoshis").GetInt64();
        var input = transaction.Inputs[at];
        var segwit = input.Witness.Count > 0;
        var (signature, publicKey) = segwit ? (input.Witness[0], input.Witness[1]) : Pushes(input.Script);
        var owner = Digests.Hash160(publicKey);
        byte[] p2pkh = [0x76, 0xa9, 0x14, .. owner, 0x88, 0xac];
        byte[] p2wpkh = [0x00, 0x14, .. owner];
        byte[] nested = [0xa9, 0x14, .. Digests.Hash160(p2wpkh), 0x87];
        IndependentReader.Require(
            segwit
                ? (script.SequenceEqual(p2wpkh) && input.Script.Length == 0) || (script.SequenceEqual(nested) && input.Script is [22, .. var redeem] && redeem.SequenceEqual(p2wpkh))
                : script.SequenceEqual(p2pkh),
            "the key does not own the coin it spends");
        var digest = segwit ? SegwitDigest(transaction, at, p2pkh, amount, AllSigned) : LegacyDigest(transaction, at, script);
        IndependentReader.Require(
            signature[^1] == AllSigned && Secp256k1.TryFromDer(signature.AsSpan(..^1), out var compact) && Secp256k1.IsValid(publicKey, digest, compact),
            $"the signature of input {at} is wrong");
        return Hex.Lower(publicKey);
    }

    private static byte[] LegacyDigest(Parsed transaction, int at, byte[] script)
    {
        var alone = transaction with { Inputs = [.. transaction.Inputs.Select((input, i) => input with { Script = i == at ? script : [], Witness = [] })] };
        return Digests.Sha256d([.. Serialize(alone), 1, 0, 0, 0]);
    }

    private static byte[] SegwitDigest(Parsed transaction, int at, byte[] code, long amount, byte type)
    {
        var input = transaction.Inputs[at];
        byte[] message =
        [
            .. Number(transaction.Version),
            .. Digests.Sha256d([.. transaction.Inputs.SelectMany(each => each.Outpoint)]),
            .. Digests.Sha256d([.. transaction.Inputs.SelectMany(each => Number(each.Sequence))]),
            .. input.Outpoint, (byte)code.Length, .. code, .. Amount(amount), .. Number(input.Sequence),
            .. Digests.Sha256d([.. transaction.Outputs.SelectMany(OutputBytes)]),
            .. Number(transaction.LockTime), type, 0, 0, 0,
        ];
        return Digests.Sha256d(message);
    }

    private static (byte[] Signature, byte[] PublicKey) Pushes(byte[] script)
    {
        var first = script[0];
        IndependentReader.Require(first is > 0 and <= LongestPush && script[1 + first] == script.Length - first - 2, "an input is not unlocked by a signature and a key");
        return (script[1..(1 + first)], script[(2 + first)..]);
    }

    private static string Recipient(byte[] script, string chain) => (script, chain) switch
    {
        ([0x00, 0x14, ..], "BTC" or "LTC") => Bech32.Encode(chain == "BTC" ? "tb" : "tltc", [0, .. Bech32.ToFiveBits(script.AsSpan(2))]),
        ([0x76, 0xa9, 0x14, ..], "BCH") => CashAddr.Encode("bchtest", 0, script.AsSpan(3, 20)),
        ([0x76, 0xa9, 0x14, ..], "DOGE") => Base58.EncodeCheck([0x71, .. script[3..23]]),
        ([0x76, 0xa9, 0x14, ..], _) => Base58.EncodeCheck([0x6f, .. script[3..23]]),
        ([0xa9, 0x14, ..], "LTC") => Base58.EncodeCheck([0x3a, .. script[2..22]]),
        ([0xa9, 0x14, ..], _) => Base58.EncodeCheck([0xc4, .. script[2..22]]),
        ([0x6a, var length, .. var text], _) when text.Length == length => $"data \"{Printable.Text(text)}\"",
        _ => "script " + Hex.Lower(script),
    };

    private static Parsed Parse(byte[] bytes)
    {
        var at = 4;
        var segwit = bytes[4] == 0;
        IndependentReader.Require(!segwit || bytes[5] == 1, "the segwit flag is not known");
        at += segwit ? 2 : 0;
        var inputs = new List<Input>();
        for (var left = Varint(bytes, ref at); left > 0; left--)
        {
            var outpoint = Take(bytes, ref at, 36);
            var script = Take(bytes, ref at, Varint(bytes, ref at));
            inputs.Add(new(outpoint, script, BinaryPrimitives.ReadUInt32LittleEndian(Take(bytes, ref at, 4)), []));
        }

        var outputs = new List<Output>();
        for (var left = Varint(bytes, ref at); left > 0; left--)
        {
            var satoshis = BinaryPrimitives.ReadInt64LittleEndian(Take(bytes, ref at, 8));
            outputs.Add(new(satoshis, Take(bytes, ref at, Varint(bytes, ref at))));
        }

        for (var i = 0; segwit && i < inputs.Count; i++)
        {
            var items = new List<byte[]>();
            for (var left = Varint(bytes, ref at); left > 0; left--)
            {
                items.Add(Take(bytes, ref at, Varint(bytes, ref at)));
            }

            inputs[i] = inputs[i] with { Witness = items };
        }

        var lockTime = BinaryPrimitives.ReadUInt32LittleEndian(Take(bytes, ref at, 4));
        IndependentReader.Require(at == bytes.Length, "bytes behind the transaction");
        return new(BinaryPrimitives.ReadUInt32LittleEndian(bytes), inputs, outputs, lockTime);
    }

    private static byte[] Serialize(Parsed transaction) =>
    [
        .. Number(transaction.Version), (byte)transaction.Inputs.Count,
        .. transaction.Inputs.SelectMany<Input, byte>(input =>
            [.. input.Outpoint, (byte)input.Script.Length, .. input.Script, .. Number(input.Sequence)]),
        (byte)transaction.Outputs.Count, .. transaction.Outputs.SelectMany(OutputBytes),
        .. Number(transaction.LockTime),
    ];

    private static byte[] OutputBytes(Output output) => [.. Amount(output.Satoshis), (byte)output.Script.Length, .. output.Script];

    private static int Varint(byte[] bytes, ref int at) => bytes[at] < 0xfd ? bytes[at++] : BinaryPrimitives.ReadUInt16LittleEndian(Take(bytes, ref at, 3).AsSpan(1));

    private static byte[] Take(byte[] bytes, ref int at, int length) => bytes[at..(at += length)];

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Amount(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    private sealed record Input(byte[] Outpoint, byte[] Script, uint Sequence, List<byte[]> Witness);

    private sealed record Output(long Satoshis, byte[] Script);

    private sealed record Parsed(uint Version, IReadOnlyList<Input> Inputs, IReadOnlyList<Output> Outputs, uint LockTime);
}
