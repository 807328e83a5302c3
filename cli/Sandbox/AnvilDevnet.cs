using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>anvil with Sepolia's chain id, in memory and without network: nonce, gas and prices come from it, and it mines what is signed.</summary>
internal sealed class AnvilDevnet : IDevnetNode
{
    private const int MostLooks = 100;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);
    private const string Web3 = $"/v3/ethereum/web3/{SandboxGateway.ApiKey}";
    private const string Count = "/v3/ethereum/transaction/count/";
    private const string Recipient = "0x3535353535353535353535353535353535353535";
    private const string Route = "/v3/ethereum/broadcast";
    private const string OneByteContract = "0x6001600c60003960016000f300"; // its code is one STOP
    private readonly DevnetRpc node;

    private AnvilDevnet(DevnetRpc node)
    {
        this.node = node;
        var secret = RandomNumberGenerator.GetBytes(Secp256k1.SecretKeySize);
        var key = ("0x" + Convert.ToHexStringLower(secret), Secp256k1.PublicKey(secret));
        var address = "0x" + Convert.ToHexStringLower(Keccak256.Hash(Secp256k1.PublicKey(secret, compressed: false).AsSpan(1))[12..]);
        node.Call("anvil_setBalance", $"\"{address}\",\"0x8ac7230489e80000\""); // 10 ETH
        Scenarios =
        [
            SandboxScenario.Made("ETH", "devnet: transfer, nonce and price from anvil", $$"""{"from":0,"to":"{{Recipient}}","value":"1500000000000000000"}""", Route, key),
            SandboxScenario.Made("ETH", "devnet: type 2, the next nonce", $$"""{"from":0,"type":2,"to":"{{Recipient}}","value":"250000000000000000","maxFeePerGas":"3000000000","maxPriorityFeePerGas":"1000000000"}""", Route, key),
            SandboxScenario.Made("ETH", "devnet: a contract is created", $$"""{"from":0,"data":"{{OneByteContract}}"}""", Route, key),
        ];
    }

    public string Name => "anvil, an Ethereum node";

    public IReadOnlyList<SandboxScenario> Scenarios { get; }

    /// <summary>Starts it on a free port of loopback.</summary>
    internal static AnvilDevnet Start(string path)
    {
        // Shanghai has no floor price for data; no base fee, so that any price is enough
        const string arguments = "--host 127.0.0.1 --port 0 --chain-id 11155111 --accounts 1 --threads 1 --hardfork shanghai --base-fee 0 --gas-price 2000000000";
        var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true })!;
        var node = new DevnetRpc(process);
        const string ready = "Listening on ";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(ready, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(); // keeps the pipe empty
                node.Url = new("http://" + line[ready.Length..].Trim());
                return new(node);
            }
        }

        node.Dispose();
        throw new KmsException(Failure.Gateway, "anvil ended before it listened");
    }

    public (int Status, string Body)? Answer(string method, string path, string body) => path switch
    {
        Web3 => (200, node.Post(body)),
        "/v3/blockchain/fee/ETH" => (200, $$"""{"fast":3000000000,"medium":{{Number("eth_gasPrice")}},"slow":1000000000}"""),
        _ when path.StartsWith(Count, StringComparison.Ordinal) => (200, Number("eth_getTransactionCount", $"\"{path[Count.Length..]}\",\"latest\"").ToString(CultureInfo.InvariantCulture)),
        _ => null,
    };

    public (int Status, string Body) Broadcast(SandboxScenario scenario, string txData)
    {
        try
        {
            return (200, $$"""{"txId":{{node.Call("eth_sendRawTransaction", $"\"{txData}\"").GetRawText()}}}""");
        }
        catch (KmsException)
        {
            return (403, """{"errorCode":"eth.broadcast.failed","message":"the node refused the transaction"}""");
        }
    }

    public string Outcome(SandboxScenario scenario, Reading reading)
    {
        var receipt = Receipt(reading.TransactionId);
        IndependentReader.Require(receipt.ValueKind is System.Text.Json.JsonValueKind.Object, "anvil did not mine it");
        IndependentReader.Require(receipt.GetProperty("status").GetString() == "0x1", "anvil mined it, but executing it failed");
        return $"mined by anvil in block {Parse(receipt.GetProperty("blockNumber").GetString()!)}, status 1";
    }

    public void Dispose() => node.Dispose();

    /// <summary>anvil mines at once, but not before it has answered: the receipt may be a moment late.</summary>
    private System.Text.Json.JsonElement Receipt(string transactionId)
    {
        for (var attempt = 0; ; attempt++)
        {
            var receipt = node.Call("eth_getTransactionReceipt", $"\"{transactionId}\"");
            if (receipt.ValueKind is System.Text.Json.JsonValueKind.Object || attempt == MostLooks)
            {
                return receipt;
            }

            Thread.Sleep(LookAgain);
        }
    }

    private BigInteger Number(string method, string parameters = "") => Parse(node.Call(method, parameters).GetString()!);

    private static BigInteger Parse(string hex) => BigInteger.Parse("0" + hex[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
