using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signed BNB Beacon Chain transfers: amino is read, the JSON that was signed is written again from it.
/// </summary>
internal static class BnbReader
{
    private static readonly byte[] Standard = [0xf0, 0x62, 0x5d, 0xee], Send = [0x2a, 0x2c, 0x87, 0xfa], PublicKey = [0xeb, 0x5a, 0xe9, 0x87, 33];

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var bytes = Hex.Read(txData, "the transaction");
        var cursor = new Cursor(bytes);
        IndependentReader.Require(cursor.Varint() == (ulong)cursor.Remaining, "its length is wrong");
        var fields = Fields(cursor, Standard);
        var parties = Fields(new((byte[])fields.Single(field => field.Number == 1).Value), Send);
        var signed = Fields(new((byte[])fields.Single(field => field.Number == 2).Value), []);
        var memo = fields.FirstOrDefault(field => field.Number == 3).Value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : "";
        var key = new Cursor((byte[])signed.Single(field => field.Number == 1).Value);
        IndependentReader.Require(key.Take(5).SequenceEqual(PublicKey), "it has no public key");
        var publicKey = key.Take(33);
        var inputs = parties.Where(field => field.Number == 1).Select(Party).ToList();
        var outputs = parties.Where(field => field.Number == 2).Select(Party).ToList();
        IndependentReader.Require(
            inputs.All(input => input.Address == Address(Digests.Hash160(publicKey))), "the payer is not who signed");

        var json = string.Create(CultureInfo.InvariantCulture,
            $$"""{"account_number":"{{Number(signed, 3)}}","chain_id":"Binance-Chain-Ganges","data":null,"memo":"{{memo}}","msgs":[{"inputs":[{{Json(inputs)}}],"outputs":[{{Json(outputs)}}]}],"sequence":"{{Number(signed, 4)}}","source":"0"}""");
        var signature = (byte[])signed.Single(field => field.Number == 2).Value;
        IndependentReader.Require(
            Secp256k1.IsValid(publicKey, SHA256.HashData(Encoding.UTF8.GetBytes(json)), signature),
            "the signature is wrong");
        var paid = outputs.Select(output => $"{new Amount(output.Amount, 8, output.Denom)} to {output.Address}");
        return new(
            Convert.ToHexString(SHA256.HashData(bytes)),
            string.Join(", ", paid) + (memo.Length > 0 ? $", memo \"{memo}\"" : ""), [Hex.Lower(publicKey)]);
    }

    private static (string Address, string Denom, ulong Amount) Party((int Number, object Value) field)
    {
        var party = Fields(new((byte[])field.Value), []);
        var coin = Fields(new((byte[])party.Single(member => member.Number == 2).Value), []);
        return (Address((byte[])party.Single(member => member.Number == 1).Value), Encoding.ASCII.GetString((byte[])coin[0].Value), Number(coin, 2));
    }

    private static string Json(List<(string Address, string Denom, ulong Amount)> parties) => string.Join(',', parties.Select(party => string.Create(
        CultureInfo.InvariantCulture, $$"""{"address":"{{party.Address}}","coins":[{"amount":{{party.Amount}},"denom":"{{party.Denom}}"}]}""")));

    private static string Address(byte[] hash) => Bech32.EncodeBytes("tbnb", hash);

    private static ulong Number(List<(int Number, object Value)> fields, int number) =>
        fields.FirstOrDefault(field => field.Number == number).Value is ulong value ? value : 0;

    private static List<(int Number, object Value)> Fields(Cursor cursor, byte[] prefix)
    {
        IndependentReader.Require(cursor.Take((ulong)prefix.Length).SequenceEqual(prefix), "its type is not known");
        var fields = new List<(int, object)>();
        while (!cursor.IsAtEnd)
        {
            var key = cursor.Varint();
            IndependentReader.Require((key & 7) is 0 or 2, "a wire type is not known");
            fields.Add(((int)(key >> 3), (key & 7) == 0 ? cursor.Varint() : cursor.Take(cursor.Varint())));
        }

        return fields;
    }
}
