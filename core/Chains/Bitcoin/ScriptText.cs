using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// Scripts in the words of the gateway's builder: <c>OP_NAME</c>; a length and <c>0x</c> hex for a
/// push; <c>OP_PUSHDATA1</c>, a length and hex; <c>0x</c> and a byte for an operation without a name.
/// </summary>
internal static class ScriptText
{
    private const byte PushData1 = 0x4c;
    private const byte PushData2 = 0x4d;
    private const byte PushData4 = 0x4e;
    private const int LongestPush = 1 << 20;

    private static readonly FrozenDictionary<string, byte> Operations = Names();

    /// <summary>The script, or null when the text is none.</summary>
    public static byte[]? TryParse(string text)
    {
        if (text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        var script = new List<byte>();
        var words = text.Split(' ');
        for (var at = 0; at < words.Length;)
        {
            var push = !Operations.TryGetValue(words[at], out var operation);
            if (push && words[at].StartsWith("0x", StringComparison.Ordinal))
            {
                if (Data(words[at++]) is not [var unnamed])
                {
                    return null;
                }

                script.Add(unnamed);
                continue;
            }

            var explicitLength = operation is PushData1 or PushData2 or PushData4;
            at += push ? 0 : 1;
            if (!push)
            {
                script.Add(operation);
            }

            if (!push && !explicitLength)
            {
                continue;
            }

            if (at + 2 > words.Length || Length(words[at], operation) is not { } length || Data(words[at + 1]) is not { } data || data.Length != length)
            {
                return null;
            }

            script.AddRange([.. Prefix(length, operation), .. data]);
            at += 2;
        }

        return [.. script];
    }

    private static int? Length(string word, byte operation) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= operation switch
        {
            PushData1 => byte.MaxValue,
            PushData2 => ushort.MaxValue,
            PushData4 => LongestPush,
            _ => PushData1 - 1,
        }
            ? length
            : null;

    private static byte[]? Data(string word)
    {
        var bytes = new byte[Math.Max(0, (word.Length - 2) / 2)];
        return word.Length % 2 == 0 && word.StartsWith("0x", StringComparison.Ordinal)
            && Convert.FromHexString(word.AsSpan(2), bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? bytes
            : null;
    }

    private static byte[] Prefix(int length, byte operation)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes[..(operation is PushData4 ? 4 : operation is PushData2 ? 2 : 1)];
    }

    private static FrozenDictionary<string, byte> Names()
    {
        const string FromNop = """
            NOP VER IF NOTIF VERIF VERNOTIF ELSE ENDIF VERIFY RETURN TOALTSTACK FROMALTSTACK 2DROP 2DUP 3DUP 2OVER 2ROT 2SWAP IFDUP
            DEPTH DROP DUP NIP OVER PICK ROLL ROT SWAP TUCK CAT SUBSTR LEFT RIGHT SIZE INVERT AND OR XOR EQUAL EQUALVERIFY RESERVED1
            RESERVED2 1ADD 1SUB 2MUL 2DIV NEGATE ABS NOT 0NOTEQUAL ADD SUB MUL DIV MOD LSHIFT RSHIFT BOOLAND BOOLOR NUMEQUAL
            NUMEQUALVERIFY NUMNOTEQUAL LESSTHAN GREATERTHAN LESSTHANOREQUAL GREATERTHANOREQUAL MIN MAX WITHIN RIPEMD160 SHA1 SHA256
            HASH160 HASH256 CODESEPARATOR CHECKSIG CHECKSIGVERIFY CHECKMULTISIG CHECKMULTISIGVERIFY NOP1 CHECKLOCKTIMEVERIFY
            CHECKSEQUENCEVERIFY NOP4 NOP5 NOP6 NOP7 NOP8 NOP9 NOP10
            """;
        var names = new Dictionary<string, byte>(StringComparer.Ordinal)
        {
            ["OP_FALSE"] = 0,
            ["OP_0"] = 0,
            ["OP_PUSHDATA1"] = PushData1,
            ["OP_PUSHDATA2"] = PushData2,
            ["OP_PUSHDATA4"] = PushData4,
            ["OP_1NEGATE"] = 0x4f,
            ["OP_RESERVED"] = 0x50,
            ["OP_TRUE"] = 0x51,
            ["OP_NOP2"] = 0xb1,
            ["OP_NOP3"] = 0xb2,
            ["OP_PUBKEYHASH"] = 0xfd,
            ["OP_PUBKEY"] = 0xfe,
            ["OP_INVALIDOPCODE"] = 0xff,
        };
        for (var number = 1; number <= 16; number++)
        {
            names[string.Create(CultureInfo.InvariantCulture, $"OP_{number}")] = (byte)(0x50 + number);
        }

        var words = FromNop.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        for (var at = 0; at < words.Length; at++)
        {
            names["OP_" + words[at]] = (byte)(0x61 + at);
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
