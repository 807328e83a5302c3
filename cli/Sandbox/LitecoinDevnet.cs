using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// litecoind in regtest, in a folder of its own and without network. Its scripts and wire format are also Bitcoin's,
/// and its
/// legacy ones Dogecoin's, so it judges those too; their addresses are not its.
/// </summary>
internal sealed class LitecoinDevnet : IDevnetNode
{
    private const int Maturity = 100;
    private const long Fee = 100_000;
    private static readonly byte[] Anyone = [0x51];
    private readonly DevnetRpc node;
    private readonly string folder;

    private LitecoinDevnet(DevnetRpc node, string folder)
    {
        this.node = node;
        this.folder = folder;
        var (key, other) = (Key(), Key());
        var (segwit, legacy) = (Segwit(key.Public), Legacy(other.Public));
        List<Coin> coins = [.. new[] { segwit, legacy, segwit, legacy }.Select(Fund)];
        Mine(Anyone, Maturity);
        Scenarios =
        [
            Payment("LTC", "devnet: segwit and legacy coins", "/v3/litecoin/broadcast", coins[..2], key, other),
            Payment("BTC", "devnet: a segwit coin", "/v3/bitcoin/broadcast", coins[2..3], key),
            Payment("DOGE", "devnet: a legacy coin", "/v3/dogecoin/broadcast", coins[3..], other),
        ];
    }

    public string Name => "litecoind in regtest, for the wire format of LTC, BTC and DOGE";

    public IReadOnlyList<SandboxScenario> Scenarios { get; }

    /// <summary>Starts it on a free port of loopback.</summary>
    internal static LitecoinDevnet Start(string path)
    {
        var folder = Directory.CreateTempSubdirectory("kms-litecoind-").FullName;
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(path,
        [
            "-regtest", $"-datadir={folder}", "-listen=0", "-server", "-disablewallet", "-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"-rpcport={port}"), "-rpcuser=kms", $"-rpcpassword={password}",
            "-printtoconsole=0", "-dbcache=16", "-par=1",
        ])
        {
            Environment = { ["HOME"] = folder }, // Debian's wrapper writes there
        })!;
        var node = new DevnetRpc(process)
        {
            Url = new($"http://127.0.0.1:{port}/"),
            Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"kms:{password}"))),
        };
        for (var patience = Stopwatch.StartNew(); ; Thread.Sleep(100))
        {
            try
            {
                node.Call("getblockcount");
                return new(node, folder);
            }
            catch (KmsException) when (patience.Elapsed < TimeSpan.FromSeconds(60) && !node.HasEnded)
            {
                // still starting
            }
        }
    }

    public (int Status, string Body)? Answer(string method, string path, string body) => null;

    public (int Status, string Body) Broadcast(SandboxScenario scenario, string txData)
    {
        try
        {
            return (200, $$"""{"txId":{{node.Call("sendrawtransaction", $"\"{txData}\"").GetRawText()}}}""");
        }
        catch (KmsException)
        {
            return (403, """{"errorCode":"broadcast.failed","message":"the node refused the transaction"}""");
        }
    }

    public string Outcome(SandboxScenario scenario, Reading reading)
    {
        var block = Mine(Anyone, 1);
        var mined = node.Call("getblock", $"\"{block}\"");
        IndependentReader.Require(
            mined.GetProperty("tx").EnumerateArray().Any(id => id.GetString() == reading.TransactionId), "litecoind took it, but did not mine it");
        return $"mined by litecoind in block {mined.GetProperty("height").GetInt64()}";
    }

    public void Dispose()
    {
        node.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static SandboxScenario Payment(
        string chain, string name, string route, List<Coin> coins, params (byte[] Secret, byte[] Public)[] keys)
    {
        var inputs = coins.Select(coin =>
            $$$"""{"prevTxId":"{{{coin.Id}}}","outputIndex":0,"sequenceNumber":4294967295,"script":"","scriptString":"","output":{"satoshis":{{{coin.Satoshis}}},"script":"{{{Hex.Lower(coin.Script)}}}"}}""");
        var all = coins.Sum(coin => coin.Satoshis) - Fee;
        var paid = Hex.Lower(Legacy(Key().Public));
        var serialized = $$"""
            {"version":2,"inputs":[{{string.Join(',', inputs)}}],"outputs":[{"satoshis":{{all / 4}},"script":"{{paid}}"},{"satoshis":{{all - (all / 4)}},"script":"{{Hex.Lower(coins[0].Script)}}"}],"nLockTime":0}
            """;
        var prefix = (byte)(chain == "DOGE" ? 0xf1 : 0xef);
        return SandboxScenario.Made(
            chain,
            name,
            serialized,
            route,
            [.. keys.Select(key => (Base58.EncodeCheck([prefix, .. key.Secret, 1]), key.Public))]);
    }

    /// <summary>A mined coin, to be spent once a hundred blocks lie above it.</summary>
    private Coin Fund(byte[] script)
    {
        var coinbase = node.Call("getblock", $"\"{Mine(script, 1)}\",2").GetProperty("tx")[0];
        var satoshis = (long)(coinbase.GetProperty("vout")[0].GetProperty("value").GetDecimal() * 100_000_000);
        return new(coinbase.GetProperty("txid").GetString()!, satoshis, script);
    }

    private string Mine(byte[] script, int blocks)
    {
        var descriptor = node.Call("getdescriptorinfo", $"\"raw({Hex.Lower(script)})\"").GetProperty("descriptor").GetRawText();
        return node.Call("generatetodescriptor", string.Create(CultureInfo.InvariantCulture, $"{blocks},{descriptor}"))[0].GetString()!;
    }

    private static (byte[] Secret, byte[] Public) Key()
    {
        var secret = RandomNumberGenerator.GetBytes(Secp256k1.SecretKeySize);
        return (secret, Secp256k1.PublicKey(secret));
    }

    private static byte[] Segwit(byte[] publicKey) => [0x00, 0x14, .. Digests.Hash160(publicKey)];

    private static byte[] Legacy(byte[] publicKey) => [0x76, 0xa9, 0x14, .. Digests.Hash160(publicKey), 0x88, 0xac];

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private sealed record Coin(string Id, long Satoshis, byte[] Script);
}
