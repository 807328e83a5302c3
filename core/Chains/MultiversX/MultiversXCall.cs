using System.Collections.Frozen;
using System.Numerics;
using System.Text;
using KmsCloud.Errors;

namespace KmsCloud.Chains.MultiversX;

/// <summary>
/// What the data of a transaction does: a token transfer, a call, or just a note (MultiversX documentation, "ESDT").
/// </summary>
/// <param name="Kind">In a few words.</param>
internal sealed record MultiversXCall(string Kind)
{
    private const int MostTransfers = 100;
    private const string Nobody = "(destroyed)";
    // bytes: no balance needs more, and text of a larger one takes time that grows with its square
    private const int LargestNumber = 32;

    // functions of the token system that move nothing beyond the transaction's own value
    private static readonly FrozenDictionary<string, string> TokenFunctions = new Dictionary<string, string>
    {
        ["issue"] = "token creation",
        ["issueNonFungible"] = "NFT collection creation",
        ["issueSemiFungible"] = "NFT collection creation",
        ["registerMetaESDT"] = "token creation",
        ["ESDTNFTCreate"] = "NFT creation",
        ["ESDTNFTAddQuantity"] = "NFT creation",
        ["ESDTLocalMint"] = "token issue",
        ["mint"] = "token issue",
    }.ToFrozenDictionary();

    public IReadOnlyList<Transfer> Transfers { get; init; } = [];

    /// <summary>The function, where there is one.</summary>
    public string? Method { get; init; }

    /// <summary>The text, where it calls nothing.</summary>
    public string? Memo { get; init; }

    public string? Warning { get; init; }

    public bool Understood { get; init; } = true;

    public static MultiversXCall Read(string data, byte[] receiver, ReadOnlySpan<byte> sender)
    {
        var toSelf = sender.SequenceEqual(receiver);
        var parts = data.Split('@');
        var arguments = parts.Skip(1).Select(TryHex).ToList();
        var isCall = parts[0].Length > 0 && parts[0].All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            && arguments.TrueForAll(argument => argument is not null)
            && (parts.Length > 1 || toSelf || IsContract(receiver));
        if (!isCall)
        {
            return IsContract(receiver)
                ? Unknown("contract call", null, "sends data to a contract in a form that is not known here")
                : new("transfer") { Memo = data.Length > 0 ? Printable.Text(Encoding.UTF8.GetBytes(data)) : null };
        }

        byte[][] values = [.. arguments!];
        var to = MultiversXKey.Address(receiver);
        return (parts[0], values) switch
        {
            ("ESDTTransfer", [var token, var amount, .. var rest]) => Moved([Token(to, token, [], amount)], rest),
            ("ESDTNFTTransfer", [var token, var nonce, var amount, { Length: 32 } real, .. var rest]) when toSelf =>
                Moved([Token(MultiversXKey.Address(real), token, nonce, amount)], rest),
            ("MultiESDTNFTTransfer", [{ Length: 32 } real, var count, .. var rest]) when toSelf => Several(real, Number(count), rest),
            ("ESDTLocalBurn" or "ESDTBurn", [var token, var amount]) => Destroyed("token destruction", parts[0], Token(Nobody, token, [], amount)),
            ("ESDTNFTBurn", [var token, var nonce, var amount]) => Destroyed("NFT destruction", parts[0], Token(Nobody, token, nonce, amount)),
            (var name, _) when TokenFunctions.TryGetValue(name, out var kind) => new(kind) { Method = name },
            (var name, _) => Unknown("contract call", name, $"calls {name}, which is not known here"),
        };
    }

    // user addresses are public keys; contracts begin with eight zero bytes
    private static bool IsContract(ReadOnlySpan<byte> address) => !address[..8].ContainsAnyExcept((byte)0);

    private static MultiversXCall Several(byte[] real, BigInteger count, byte[][] rest)
    {
        if (count.IsZero || count > MostTransfers || rest.Length < count * 3)
        {
            return Unknown("token transfer", "MultiESDTNFTTransfer", "moves tokens in a form that cannot be read");
        }

        var to = MultiversXKey.Address(real);
        return Moved([.. rest.Take((int)count * 3).Chunk(3).Select(part => Token(to, part[0], part[1], part[2]))], [.. rest.Skip((int)count * 3)]);
    }

    // arguments behind the transfer are a call of the receiving contract
    private static MultiversXCall Moved(IReadOnlyList<Transfer> transfers, byte[][] rest) => rest.Length == 0
        ? new("token transfer") { Transfers = transfers }
        : Unknown("token transfer", Printable.Text(rest[0]), $"calls {Printable.Text(rest[0])} along with the transfer") with { Transfers = transfers };

    private static MultiversXCall Destroyed(string kind, string method, Transfer transfer) =>
        new(kind) { Method = method, Transfers = [transfer] };

    private static Transfer Token(string to, byte[] token, byte[] nonce, byte[] amount) =>
        new(
            to,
            new(Number(amount), null, Printable.Text(token) + (Number(nonce).IsZero ? "" : $" no. {Number(nonce)}")));

    private static BigInteger Number(byte[] bigEndian) => bigEndian.Length <= LargestNumber
        ? new(bigEndian, isUnsigned: true, isBigEndian: true)
        : throw KmsException.Refused($"an amount or a number in the data has more than {LargestNumber} bytes");

    private static MultiversXCall Unknown(string kind, string? method, string warning) =>
        new(kind) { Method = method, Warning = warning, Understood = false };

    private static byte[]? TryHex(string text)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out _) is System.Buffers.OperationStatus.Done ? bytes : null;
    }
}
