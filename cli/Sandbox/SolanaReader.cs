using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>Solana transactions as they were handed to the node, in base64: system and token transfers and memos are told in words.</summary>
internal static class SolanaReader
{
    private const string System = "11111111111111111111111111111111";
    private const string Token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    private const string Memo = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";

    /// <summary>The id: the first signature.</summary>
    internal static string Id(string submitted)
    {
        var cursor = new Cursor(Convert.FromBase64String(submitted));
        IndependentReader.Require(cursor.Varint() > 0, "it has no signature");
        return Base58.Encode(cursor.Take(64));
    }

    internal static Reading Read(string submitted, SandboxScenario scenario)
    {
        var cursor = new Cursor(Convert.FromBase64String(submitted));
        var signatures = cursor.Many(cursor.Varint(), each => each.Take(64));
        var start = cursor.At;
        IndependentReader.Require(cursor.Byte() == signatures.Count, "it has not one signature for each signer");
        cursor.Take(2); // how many accounts are only read
        var accounts = cursor.Many(cursor.Varint(), each => each.Take(32));
        var blockhash = cursor.Take(32);
        IndependentReader.Require(blockhash.AsSpan().ContainsAnyExcept((byte)0), "it has no blockhash");
        string[] names = [.. accounts.Select(key => Base58.Encode(key))];
        var told = cursor.Many(cursor.Varint(), each => Instruction(each, names));
        cursor.End();
        var message = cursor.Between(start, cursor.At);
        IndependentReader.Require(signatures.Index().All(pair => Ed25519.IsValid(accounts[pair.Index], message, pair.Item)), "a signature is wrong");
        return new(Base58.Encode(signatures[0]), string.Join(", ", told), [.. accounts.Take(signatures.Count).Select(key => Hex.Lower(key))]);
    }

    private static string Instruction(Cursor cursor, string[] accounts)
    {
        var program = accounts[cursor.Byte()];
        var used = cursor.Take(cursor.Varint()).Select(at => accounts[at]).ToArray();
        var data = cursor.Take(cursor.Varint());
        return (program, data) switch
        {
            (System, [2, 0, 0, 0, ..]) => $"{new Amount(new Cursor(data[4..]).LittleEndian(8), 9, "SOL")} from {used[0]} to {used[1]}",
            (Token, [3, ..]) => $"{Counted.Of(new Cursor(data[1..]).LittleEndian(8), "token unit")} from account {used[0]} to account {used[1]}",
            (Memo, _) => $"memo \"{Printable.Text(data)}\"",
            _ => $"{Counted.Of(data.Length, "byte")} to program {program}",
        };
    }
}
