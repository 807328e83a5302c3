using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains;

namespace KmsCloud.Tests.Support;

/// <summary>
/// A real EVM node: anvil of npm, in memory, on a free port of loopback, without network. Mines every transaction at once.
/// Tests that use it are skipped, loudly, where npm was out of reach.
/// </summary>
internal sealed class AnvilNode : IDisposable
{
    private const string Binary = "@foundry-rs/anvil-linux-amd64/bin/anvil";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Process process;
    private readonly HttpClient http = new();

    private AnvilNode(Process process, Uri url) => (this.process, Url) = (process, url);

    /// <summary>Where JSON-RPC is served.</summary>
    public Uri Url { get; }

    /// <summary>Starts a node, ready to answer.</summary>
    /// <param name="chainId">Transactions for another id are never mined.</param>
    public static AnvilNode Start(ulong chainId = 11155111)
    {
        // Shanghai: no floor price for data yet; no base fee: vectors pay as little as they like
        var arguments = string.Create(CultureInfo.InvariantCulture,
            $"--host 127.0.0.1 --port 0 --chain-id {chainId} --accounts 1 --threads 1 --hardfork shanghai --base-fee 0 --gas-price 2000000000");
        var process = Process.Start(new ProcessStartInfo(Peer.Program(Binary), arguments) { RedirectStandardOutput = true })!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End(process);
        const string ready = "Listening on ";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(ready, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(); // keeps the pipe empty
                return new(process, new("http://" + line[ready.Length..].Trim()));
            }
        }

        throw new InvalidOperationException("anvil ended before it listened");
    }

    /// <summary>One JSON-RPC call; an error of the node is an <see cref="AnvilException"/>.</summary>
    public JsonNode? Rpc(string method, params JsonNode?[] parameters)
    {
        var answer = JsonNode.Parse(Post(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = new JsonArray(parameters) }.ToJsonString()))!;
        return answer["error"] is { } error ? throw new AnvilException(error.ToJsonString()) : answer["result"];
    }

    public void SetBalance(string address, BigInteger wei) => Rpc("anvil_setBalance", address, Hex(wei));

    public void SetNonce(string address, ulong nonce) => Rpc("anvil_setNonce", address, Hex(nonce));

    public BigInteger Balance(string address) => Number(Rpc("eth_getBalance", address, "latest"));

    public BigInteger Nonce(string address) => Number(Rpc("eth_getTransactionCount", address, "latest"));

    /// <summary>Sends a signed transaction; the node's hash for it.</summary>
    public string SendRaw(string data) => (string)Rpc("eth_sendRawTransaction", data)!;

    /// <summary>A read-only call.</summary>
    public string Call(string to, string data) => (string)Rpc("eth_call", new JsonObject { ["to"] = to, ["data"] = data }, "latest")!;

    /// <summary>The receipt, once the transaction is mined; one that is not mined fails the test.</summary>
    public JsonNode Receipt(string hash)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience; Thread.Sleep(10))
        {
            if (Rpc("eth_getTransactionReceipt", hash) is { } receipt)
            {
                return receipt;
            }
        }

        throw new AnvilException($"{hash} was not mined");
    }

    /// <summary>
    /// The node in the place of the Tatum gateway: JSON-RPC calls go through, the routes that give a nonce and a fee are
    /// answered from it.
    /// </summary>
    public string AnswerAsGateway(NodeCall call)
    {
        if (call.Body is { } body)
        {
            return Post(body);
        }

        return call.Path.Contains("/transaction/count/", StringComparison.Ordinal)
            ? Nonce(call.Path[(call.Path.LastIndexOf('/') + 1)..]).ToString(CultureInfo.InvariantCulture)
            : $$"""{"fast":1,"medium":{{Number(Rpc("eth_gasPrice"))}},"slow":1}""";
    }

    public void Dispose()
    {
        http.Dispose();
        End(process);
        process.Dispose();
    }

    public static BigInteger Number(JsonNode? hex) => BigInteger.Parse("0" + ((string)hex!)[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Hex(BigInteger number) => "0x" + number.ToString("x", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0');

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // it is gone already
        }
    }

    private string Post(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = http.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        return reader.ReadToEnd();
    }
}

/// <summary>The node refused, or did not do what was asked.</summary>
internal sealed class AnvilException(string message) : Exception(message);
