using System.Security.Cryptography;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signed Stellar envelopes of version 1, read back from their XDR: payments, new accounts and trust lines.
/// </summary>
internal static class StellarReader
{
    private static readonly byte[] Testnet = SHA256.HashData("Test SDF Network ; September 2015"u8);

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var cursor = new Cursor(System.Convert.FromBase64String(txData));
        IndependentReader.Require(cursor.BigEndian(4) == 2, "it is not a version 1 envelope");
        var start = cursor.At;
        var source = Account(cursor);
        cursor.Take(12); // fee and sequence number
        TimeBounds(cursor);
        var memo = Memo(cursor);
        var operations = cursor.Many(cursor.BigEndian(4), Operation);
        IndependentReader.Require(cursor.BigEndian(4) == 0, "it has an extension");
        byte[] payload = [.. Testnet, 0, 0, 0, 2, .. cursor.Between(start, cursor.At)];
        var digest = SHA256.HashData(payload);
        IndependentReader.Require(cursor.BigEndian(4) == 1, "it has not one signature");
        IndependentReader.Require(source.AsSpan().EndsWith(cursor.Take(4)), "the signature's hint is another key's");
        IndependentReader.Require(
            cursor.BigEndian(4) == 64 && Ed25519.IsValid(source, digest, cursor.Take(64)), "the signature is wrong");
        cursor.End();
        return new(Hex.Lower(digest), string.Join(", ", operations) + memo, [Hex.Lower(source)]);
    }

    private static void TimeBounds(Cursor cursor)
    {
        var kind = cursor.BigEndian(4);
        IndependentReader.Require(kind < 2, "its preconditions are not known");
        cursor.Take(kind * 16);
    }

    private static string Memo(Cursor cursor) => cursor.BigEndian(4) switch
    {
        0 => "",
        1 => $", memo \"{Encoding.UTF8.GetString(Padded(cursor))}\"",
        2 => $", memo {cursor.BigEndian(8)}",
        _ => $", memo {Hex.Lower(cursor.Take(32))}",
    };

    private static byte[] Padded(Cursor cursor)
    {
        var length = cursor.BigEndian(4);
        var text = cursor.Take(length);
        cursor.Take((4 - (length % 4)) % 4);
        return text;
    }

    private static string Operation(Cursor cursor)
    {
        var from = cursor.BigEndian(4) == 1 ? $" from {Text(Account(cursor))}" : "";
        switch (cursor.BigEndian(4))
        {
            case 0:
                var created = Text(Account(cursor));
                return $"{new Amount(cursor.BigEndian(8), 7, "XLM")} to the new account {created}{from}";
            case 1:
                var to = Text(Account(cursor));
                var asset = Asset(cursor);
                return $"{new Amount(cursor.BigEndian(8), 7, asset)} to {to}{from}";
            case 6:
                var trusted = Asset(cursor);
                return $"trusts up to {new Amount(cursor.BigEndian(8), 7, trusted)}{from}";
            case var other:
                throw Errors.KmsException.Refused($"operation {other} is not known");
        }
    }

    private static byte[] Account(Cursor cursor)
    {
        IndependentReader.Require(cursor.BigEndian(4) == 0, "an account is not a plain key");
        return cursor.Take(32);
    }

    private static string Asset(Cursor cursor)
    {
        var kind = cursor.BigEndian(4);
        IndependentReader.Require(kind < 3, "an asset is not known");
        return kind == 0
            ? "XLM"
            : $"{Encoding.ASCII.GetString(cursor.Take(kind == 1 ? 4u : 12u)).TrimEnd('\0')}:{Text(Account(cursor))}";
    }

    /// <summary>SEP-23: version byte 6 &lt;&lt; 3, the key, CRC-16/XMODEM lowest byte first.</summary>
    private static string Text(byte[] key)
    {
        byte[] payload = [6 << 3, .. key];
        var crc = 0;
        foreach (var next in payload)
        {
            crc ^= next << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = ((crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021 : 0)) & 0xffff;
            }
        }

        return Base32.Encode([.. payload, (byte)(crc & 0xff), (byte)(crc >> 8)]);
    }
}
