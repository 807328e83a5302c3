using System.Buffers.Binary;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>What a script that locks an output demands.</summary>
internal enum ScriptKind
{
    /// <summary>None of the known forms.</summary>
    Other,

    /// <summary>P2PKH: a signature by the key with this hash.</summary>
    KeyHash,

    /// <summary>P2PK: a signature by this key.</summary>
    PublicKey,

    /// <summary>P2SH (BIP-16).</summary>
    ScriptHash,

    /// <summary>P2SH32 of Bitcoin Cash (CHIP-2022-05).</summary>
    ScriptHash32,

    /// <summary>P2WPKH (BIP-141).</summary>
    WitnessKeyHash,

    /// <summary>P2WSH (BIP-141).</summary>
    WitnessScriptHash,

    /// <summary>P2TR (BIP-341).</summary>
    Taproot,

    /// <summary>A witness program nobody has given a meaning yet.</summary>
    FutureWitness,

    /// <summary>OP_RETURN: data, and coins that are lost.</summary>
    Data,
}

/// <summary>The scripts of the family: their forms, and how bytes are pushed.</summary>
internal static class Script
{
    private const byte PushData1 = 0x4c;
    private const byte PushData2 = 0x4d;
    private const byte Return = 0x6a;
    private const byte Duplicate = 0x76;
    private const byte Equal = 0x87;
    private const byte EqualVerify = 0x88;
    private const byte Hash160 = 0xa9;
    private const byte Hash256 = 0xaa;
    private const byte CheckSignature = 0xac;
    private const byte CheckMultisignature = 0xae;

    /// <summary>P2PKH.</summary>
    public static byte[] ToKeyHash(ReadOnlySpan<byte> hash) =>
        [Duplicate, Hash160, 20, .. hash, EqualVerify, CheckSignature];

    /// <summary>P2PK.</summary>
    public static byte[] ToPublicKey(ReadOnlySpan<byte> publicKey) =>
        [(byte)publicKey.Length, .. publicKey, CheckSignature];

    /// <summary>P2SH of a redeem script.</summary>
    public static byte[] ToScriptHash(ReadOnlySpan<byte> redeemScript) =>
        [Hash160, 20, .. Digests.Hash160(redeemScript), Equal];

    /// <summary>P2WPKH, or P2WSH for a hash of 32 bytes.</summary>
    public static byte[] ToWitness(ReadOnlySpan<byte> hash) => [0, (byte)hash.Length, .. hash];

    /// <summary>P2TR.</summary>
    public static byte[] ToTaproot(TaprootKey key) => [0x51, 32, .. key.Bytes];

    /// <summary>OP_m, the keys, OP_n, OP_CHECKMULTISIG; at most 16 keys.</summary>
    public static byte[] Multisig(int threshold, IReadOnlyList<byte[]> publicKeys) =>
        [SmallNumber(threshold), .. publicKeys.SelectMany(key => Push(key)), SmallNumber(publicKeys.Count), CheckMultisignature];

    /// <summary>The shortest push of bytes (BIP-62 rule 3).</summary>
    public static byte[] Push(ReadOnlySpan<byte> data)
    {
        if (data.Length < PushData1)
        {
            return [(byte)data.Length, .. data];
        }

        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)data.Length));
        return data.Length <= byte.MaxValue ? [PushData1, length[0], .. data] : [PushData2, .. length, .. data];
    }

    /// <summary>What is pushed by a script of nothing but pushes, or null for another script.</summary>
    public static List<byte[]>? Pushes(ReadOnlySpan<byte> script)
    {
        var pushes = new List<byte[]>();
        while (!script.IsEmpty)
        {
            var (start, length) = script[0] switch
            {
                < PushData1 => (1, script[0]),
                PushData1 when script.Length > 1 => (2, script[1]),
                PushData2 when script.Length > 2 => (3, BinaryPrimitives.ReadUInt16LittleEndian(script[1..])),
                _ => (script.Length, 1),
            };
            if (script.Length - start < length)
            {
                return null;
            }

            pushes.Add(script.Slice(start, length).ToArray());
            script = script[(start + length)..];
        }

        return pushes;
    }

    /// <summary>The form of a locking script.</summary>
    public static ScriptKind Kind(ReadOnlySpan<byte> script) => script switch
    {
        [Duplicate, Hash160, 20, .., EqualVerify, CheckSignature] when script.Length == 25 => ScriptKind.KeyHash,
        [Hash160, 20, .., Equal] when script.Length == 23 => ScriptKind.ScriptHash,
        [Hash256, 32, .., Equal] when script.Length == 35 => ScriptKind.ScriptHash32,
        [0, 20, ..] when script.Length == 22 => ScriptKind.WitnessKeyHash,
        [0, 32, ..] when script.Length == 34 => ScriptKind.WitnessScriptHash,
        [0x51, 32, ..] when script.Length == 34 => ScriptKind.Taproot,
        [33 or 65, .., CheckSignature] when script.Length == script[0] + 2 => ScriptKind.PublicKey,
        [>= 0x51 and <= 0x60, >= 2 and <= 40, ..] when script.Length == script[1] + 2 => ScriptKind.FutureWitness,
        [Return, ..] => ScriptKind.Data,
        _ => ScriptKind.Other,
    };

    /// <summary>The hash, key or witness program inside a script of a known form.</summary>
    public static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> script, ScriptKind kind) => kind switch
    {
        ScriptKind.KeyHash => script[3..23],
        ScriptKind.PublicKey => script[1..^1],
        ScriptKind.ScriptHash or ScriptKind.ScriptHash32 => script[2..^1],
        ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash or ScriptKind.Taproot or ScriptKind.FutureWitness => script[2..],
        ScriptKind.Data => script[1..],
        _ => script,
    };

    /// <summary>Version of a witness program.</summary>
    public static int WitnessVersion(ReadOnlySpan<byte> script) => script[0] == 0 ? 0 : script[0] - 0x50;

    private static byte SmallNumber(int number) => (byte)(0x50 + number);
}
