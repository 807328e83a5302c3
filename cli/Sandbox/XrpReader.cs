using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Signed XRP Ledger transactions, read back from their fields (xrpl.org "Serialization Format").</summary>
internal static class XrpReader
{
    private const string Alphabet = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
    private const int Object = 14, Array = 15, Memos = 9;
    private static readonly (int, int) TransactionType = (1, 2), DestinationTag = (2, 14), Amount = (6, 1), Limit = (6, 3);
    private static readonly (int, int) SigningKey = (7, 3), Signature = (7, 4), MemoData = (7, 13), Account = (8, 1), Destination = (8, 3);

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var blob = Hex.Read(txData, "the transaction");
        var cursor = new Cursor(blob);
        var fields = new Dictionary<(int, int), byte[]>();
        var signed = new List<byte>("STX\0"u8.ToArray());
        while (!cursor.IsAtEnd)
        {
            var start = cursor.At;
            var (name, value) = Field(cursor);
            fields.Add(name, value);
            if (name != Signature)
            {
                signed.AddRange(cursor.Between(start, cursor.At));
            }
        }

        var key = fields[SigningKey];
        IndependentReader.Require(fields[Account].SequenceEqual(Digests.Hash160(key)), "the account is not who signed");
        IndependentReader.Require(IsValid(key, [.. signed], fields[Signature]), "the signature is wrong");
        return new(System.Convert.ToHexString(Half([.. "TXN\0"u8, .. blob])), Pays(fields), [Hex.Lower(key)]);
    }

    private static bool IsValid(byte[] key, byte[] message, byte[] signature) => key[0] == 0xed
        ? Ed25519.IsValid(key.AsSpan(1), message, signature)
        : Secp256k1.TryFromDer(signature, out var compact) && Secp256k1.IsValid(key, Half(message), compact);

    private static byte[] Half(byte[] data) => SHA512.HashData(data)[..32];

    private static string Pays(Dictionary<(int, int), byte[]> fields)
    {
        var tag = fields.TryGetValue(DestinationTag, out var number)
            ? $" tag {new BigInteger(number, isUnsigned: true, isBigEndian: true)}"
            : "";
        var memo = fields.TryGetValue((Array, Memos), out var memos) && Find(memos) is { } text
            ? $", memo \"{Printable.Text(text)}\""
            : "";
        return fields[TransactionType] switch
        {
            [0, 0] => $"{Money(fields[Amount])} to {Address(fields[Destination])}{tag}{memo}",
            [0, 20] => $"trusts up to {Money(fields[Limit])}{memo}",
            var other => $"type {other[1]}{memo}",
        };
    }

    private static byte[]? Find(byte[] memos)
    {
        var inside = new Cursor(memos);
        Field(inside, out var memo);
        for (var fields = new Cursor(memo); !fields.IsAtEnd;)
        {
            if (Field(fields, out var value) == MemoData)
            {
                return value;
            }
        }

        return null;
    }

    private static (int, int) Field(Cursor cursor, out byte[] value)
    {
        (var name, value) = Field(cursor);
        return name;
    }

    private static ((int Type, int Code) Name, byte[] Value) Field(Cursor cursor)
    {
        var first = cursor.Byte();
        var type = first >> 4 is > 0 and var high ? high : cursor.Byte();
        var code = (first & 15) is > 0 and var low ? low : cursor.Byte();
        return ((type, code), type switch
        {
            1 => cursor.Take(2),
            2 => cursor.Take(4),
            3 => cursor.Take(8),
            4 => cursor.Take(16),
            5 => cursor.Take(32),
            6 => Take(cursor),
            7 or 8 => cursor.Take(Length(cursor)),
            Object or Array => Inside(cursor, (byte)((type << 4) | 1)),
            16 => cursor.Take(1),
            _ => throw Errors.KmsException.Refused($"a field of type {type} is not known"),
        });
    }

    private static byte[] Take(Cursor cursor)
    {
        var first = cursor.Byte();
        return [first, .. cursor.Take(first >= 0x80 ? 47u : 7u)];
    }

    private static ulong Length(Cursor cursor) => cursor.Byte() switch
    {
        <= 192 and var one => one,
        <= 240 and var two => 193 + ((ulong)(two - 193) << 8) + cursor.Byte(),
        _ => throw Errors.KmsException.Refused("a field is too long"),
    };

    /// <summary>The bytes of an object or array up to its end mark.</summary>
    private static byte[] Inside(Cursor cursor, byte end)
    {
        for (var start = cursor.At; ;)
        {
            var before = cursor.At;
            if (cursor.Byte() == end)
            {
                return cursor.Between(start, before);
            }

            var rest = new Cursor(cursor.Between(before, before + cursor.Remaining + 1));
            Field(rest);
            cursor.Take((ulong)rest.At - 1);
        }
    }

    private static string Address(byte[] account) => Base58.EncodeCheck([0, .. account], Alphabet);

    private static string Money(byte[] amount)
    {
        var number = new Cursor(amount).BigEndian(8);
        if (amount.Length == 8)
        {
            return new Chains.Amount(number & 0x3fffffffffffffff, 6, "XRP").ToString();
        }

        var exponent = (int)((number >> 54) & 0xff) - 97;
        BigInteger mantissa = number & ((1UL << 54) - 1);
        var currency = amount.AsSpan(8, 12).ContainsAnyExcept((byte)0)
            ? Hex.Lower(amount.AsSpan(8, 20))
            : Encoding.ASCII.GetString(amount.AsSpan(20, 3));
        var value = exponent < 0
            ? new Chains.Amount(mantissa, -exponent, currency)
            : new(mantissa * BigInteger.Pow(10, exponent), 0, currency);
        return $"{value}.{Address(amount[28..])}";
    }
}
