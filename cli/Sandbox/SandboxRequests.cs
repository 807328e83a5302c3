using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// What a newcomer asks the sandbox's gateway for: payments of ETH from a wallet of their own, in the shape of
/// <c>POST /v3/ethereum/transaction</c>. They are pending until they are broadcast.
/// </summary>
internal sealed class SandboxRequests
{
    private const string Asking = "/v3/ethereum/transaction";
    private const string Node = "/v3/ethereum/web3/";
    private const string Broadcast = "/v3/ethereum/broadcast";
    private const string GasPrice = "20000000000";
    private const int Most = 1000;
    private static readonly BigInteger WeiPerEther = BigInteger.Pow(10, 18);

    private readonly ConcurrentDictionary<string, Request> requests = new(StringComparer.Ordinal);

    /// <summary>Whether a pending id is of a request.</summary>
    internal bool Has(string id) => requests.ContainsKey(id);

    /// <summary>The pending transactions of some wallets.</summary>
    internal IEnumerable<string> Pending(string chain, IReadOnlySet<string> wallets) =>
        from request in requests.Values
        where chain == "ETH" && wallets.Contains(request.Wallet) && !request.IsSent
        orderby request.Nonce
        select request.Pending;

    /// <summary>
    /// The answer to a request, to its broadcast, or to what is asked while it is signed; null for everything else.
    /// </summary>
    internal (int Status, string Body)? Answer(string path, string body)
    {
        if (!StrictJson.TryParse(body, out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } json)
        {
            return null;
        }

        if (path.Split('?')[0] == Asking)
        {
            return Ask(json);
        }

        if (path == Broadcast && Text(json, "signatureId") is { } id && requests.TryGetValue(id, out var request))
        {
            var bytes = Hex.Read0x(Text(json, "txData"), "txData");
            requests[id] = request with { IsSent = true };
            return (200, $$"""{"txId":"{{Hex.Lower0x(Keccak256.Hash(bytes))}}"}""");
        }

        var isOpen = requests.Values.Any(asked => !asked.IsSent);
        return isOpen && path.StartsWith(Node, StringComparison.Ordinal) ? OfNode(Text(json, "method")) : null;
    }

    private (int, string) Ask(JsonElement json)
    {
        if (Text(json, "to") is not { } to || Text(json, "signatureId") is not { } wallet || Wei(Text(json, "amount")) is not { } wei || requests.Count >= Most)
        {
            return (400, """{"errorCode":"validation.failed","message":"to, amount (text, in ETH) and signatureId are needed"}""");
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        var index = json.TryGetProperty("index", out var given) && given.TryGetInt64(out var number)
            ? number
            : (long?)null;
        var nonce = requests.Values.Count(request => request.Wallet == wallet && request.Index == index);
        var serialized = $$"""{"from":0,"to":{{Quoted(to)}},"value":"{{wei}}","nonce":{{nonce}},"gasPrice":"{{GasPrice}}","gas":"21000"}""";
        var pending = $$"""{"id":"{{id}}","chain":"ETH","hashes":[{{Quoted(wallet)}}],{{(index is null ? "" : $"\"index\":{index},")}}"serializedTransaction":{{Quoted(serialized)}}}""";
        requests[id] = new(wallet, index, nonce, pending);
        return (200, $$"""{"signatureId":"{{id}}"}""");
    }

    private static (int, string)? OfNode(string? method) => method switch
    {
        "eth_chainId" => (200, """{"jsonrpc":"2.0","id":1,"result":"0xaa36a7"}"""),
        "eth_estimateGas" => (200, """{"jsonrpc":"2.0","id":1,"result":"0x5208"}"""),
        _ => null,
    };

    private static BigInteger? Wei(string? amount) =>
        decimal.TryParse(amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ether) && ether is > 0 and < 1_000_000
            ? new BigInteger(decimal.Truncate(ether * 1_000_000_000m)) * (WeiPerEther / 1_000_000_000)
            : null;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    /// <param name="Wallet">Its signature id.</param>
    /// <param name="Index">Of a mnemonic's key.</param>
    /// <param name="Nonce">Of the key's account.</param>
    /// <param name="Pending">As it is listed.</param>
    private sealed record Request(string Wallet, long? Index, int Nonce, string Pending)
    {
        internal bool IsSent { get; init; }
    }
}
