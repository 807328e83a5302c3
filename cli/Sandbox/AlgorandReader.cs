using System.Globalization;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Signed Algorand transactions, read back from their MessagePack.</summary>
internal static class AlgorandReader
{
    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var cursor = new Cursor(Hex.Read(txData, "the transaction"));
        IndependentReader.Require(cursor.Byte() == 0x82 && Value(cursor) is "sig", "it is not a map of sig and txn");
        var signature = (byte[])Value(cursor);
        IndependentReader.Require(Value(cursor) is "txn", "it is not a map of sig and txn");
        var start = cursor.At;
        var fields = (Dictionary<string, object>)Value(cursor);
        cursor.End();
        byte[] message = [.. "TX"u8, .. cursor.Between(start, cursor.At)];
        var sender = (byte[])fields["snd"];
        IndependentReader.Require(Ed25519.IsValid(sender, message, signature), "the signature is wrong");
        return new(Base32.Encode(Sha512Truncated.Hash(message)), Pays(fields), [Hex.Lower(sender)]);
    }

    private static string Pays(Dictionary<string, object> fields)
    {
        var note = fields.TryGetValue("note", out var text) ? $", note \"{Printable.Text((byte[])text)}\"" : "";
        return fields["type"] switch
        {
            "pay" => $"{new Amount(Number(fields, "amt"), 6, "ALGO")} to {Address(fields["rcv"])}{note}",
            "axfer" => $"{Counted.Of(Number(fields, "aamt"), "unit")} of asset {fields["xaid"]} to {Address(fields["arcv"])}{note}",
            "acfg" when fields["apar"] is Dictionary<string, object> asset =>
                string.Create(CultureInfo.InvariantCulture, $"a new asset \"{asset.GetValueOrDefault("an", "")}\" of {Counted.Of(Number(asset, "t"), "unit")}{note}"),
            var other => $"{other}{note}",
        };
    }

    private static ulong Number(Dictionary<string, object> fields, string name) => (ulong)fields.GetValueOrDefault(name, 0UL);

    private static string Address(object key) => Base32.Encode([.. (byte[])key, .. Sha512Truncated.Hash((byte[])key)[^4..]]);

    private static object Value(Cursor cursor) => cursor.Byte() switch
    {
        < 0x80 and var small => (ulong)small,
        < 0x90 and var map => Map(cursor, map - 0x80),
        >= 0xa0 and < 0xc0 and var text => Encoding.UTF8.GetString(cursor.Take(text - 0xa0u)),
        0xc2 => false,
        0xc3 => true,
        0xc4 => cursor.Take(cursor.BigEndian(1)),
        0xc5 => cursor.Take(cursor.BigEndian(2)),
        0xcc => cursor.BigEndian(1),
        0xcd => cursor.BigEndian(2),
        0xce => cursor.BigEndian(4),
        0xcf => cursor.BigEndian(8),
        0xd9 => Encoding.UTF8.GetString(cursor.Take(cursor.BigEndian(1))),
        0xde => Map(cursor, (int)cursor.BigEndian(2)),
        var other => throw Errors.KmsException.Refused($"MessagePack {other:x2} is not known"),
    };

    private static Dictionary<string, object> Map(Cursor cursor, int count)
    {
        var fields = new Dictionary<string, object>();
        for (; count > 0; count--)
        {
            fields.Add((string)Value(cursor), Value(cursor));
        }

        return fields;
    }
}
