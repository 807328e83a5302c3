using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Bitcoin;

namespace KmsCloud.Tests.Support;

/// <summary>
/// litecoind in regtest: a real node that judges what we sign. It starts when a test first asks it something, is shared by
/// all of them, and leaves nothing behind. Litecoin's wire format and legacy and segwit rules are also Bitcoin's, and its
/// legacy rules Dogecoin's, so it judges those too.
/// </summary>
public sealed class LitecoinNode : IAsyncDisposable
{
    private const string Daemon = "/usr/bin/litecoind";
    private const int Maturity = 100;
    private const int Miners = 8;
    private const string User = "kms";
    private static readonly byte[] AnyoneScript = [0x51]; // OP_TRUE, as P2WSH so that spending it is standard
    private readonly Lock gate = new();
    private readonly HttpClient http = new();
    private readonly Queue<NodeCoin> purse = new();
    private Process? process;
    private string folder = "";

    private static byte[] Anyone => [0, 32, .. SHA256.HashData(AnyoneScript)];

    /// <summary>Where JSON-RPC is answered, for tests that talk to the node themselves; starts it.</summary>
    public Uri Start()
    {
        Assert.SkipUnless(File.Exists(Daemon), "NOT CHECKED ON A REAL NODE: litecoind is not installed; run tests/run where apt is in reach");
        lock (gate)
        {
            if (process is null)
            {
                Launch();
                FillPurse();
            }
        }

        return http.BaseAddress!;
    }

    /// <summary>Calls a method and returns its result; an error of the node throws <see cref="NodeException"/>.</summary>
    public JsonElement Call(string method, params JsonNode?[] parameters)
    {
        Start();
        return Ask(method, parameters);
    }

    /// <summary>Mines blocks, paid to nobody.</summary>
    public void Mine(int blocks = 1) => Call("generatetodescriptor", blocks, Descriptor([0x51]));

    /// <summary>Coins locked by scripts, one each and confirmed.</summary>
    internal IReadOnlyList<NodeCoin> Fund(params (byte[] Script, long Satoshis)[] outputs)
    {
        Start();
        lock (gate)
        {
            var from = purse.Dequeue();
            var rest = from.Satoshis - outputs.Sum(output => output.Satoshis) - 100_000;
            var transaction = new Transaction(
                2,
                [new(new(from.TransactionId, from.Index), TransactionInput.Final)],
                [.. outputs.Select(output => new TransactionOutput(output.Satoshis, output.Script)), new(rest, Anyone)],
                0);
            var hex = Convert.ToHexStringLower(transaction.Serialize([new([], [AnyoneScript])]));
            var sent = Ask("sendrawtransaction", hex, 0).GetString()!;
            Ask("generatetodescriptor", 1, Descriptor([0x51]));
            purse.Enqueue(new(sent, (uint)outputs.Length, rest, Anyone));
            var coins = outputs.Select((output, at) => new NodeCoin(sent, (uint)at, output.Satoshis, output.Script));
            return [.. coins.Select(coin => coin with { Source = hex })];
        }
    }

    /// <summary>Why the mempool would refuse a transaction, or null when it would take it.</summary>
    public string? Refusal(string hex)
    {
        var verdict = Call("testmempoolaccept", new JsonArray(hex), 0)[0];
        return verdict.GetProperty("allowed").GetBoolean() ? null : verdict.GetProperty("reject-reason").GetString();
    }

    /// <summary>Broadcasts a transaction and mines it; returns the id the node knows it by.</summary>
    public string SendAndMine(string hex)
    {
        var id = Call("sendrawtransaction", hex, 0).GetString()!;
        var block = Call("generatetodescriptor", 1, Descriptor([0x51]))[0].GetString();
        var mined = Call("getblock", block).GetProperty("tx").EnumerateArray().Select(entry => entry.GetString());
        Assert.Contains(id, mined);
        return id;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { } running)
        {
            try
            {
                Ask("stop");
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                await running.WaitForExitAsync(patience.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or HttpRequestException or NodeException)
            {
                running.Kill();
            }

            running.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        http.Dispose();
    }

    private void Launch()
    {
        folder = Directory.CreateTempSubdirectory("kms-litecoind").FullName;
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var port = FreePort.Next();
        process = Process.Start(new ProcessStartInfo(Daemon,
        [
            "-regtest", $"-datadir={folder}", "-listen=0", "-server", "-disablewallet", "-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"-rpcport={port}"), $"-rpcuser={User}", $"-rpcpassword={password}",
            "-printtoconsole=0", "-dbcache=16", "-par=1",
        ]))!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillIfRunning();
        http.BaseAddress = new($"http://127.0.0.1:{port}/");
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{password}")));
        for (var patience = Stopwatch.StartNew(); ; Thread.Sleep(100))
        {
            try
            {
                Ask("getblockcount");
                return;
            }
            catch (Exception error) when (error is HttpRequestException or NodeException && patience.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited)
            {
                // still starting
            }
        }
    }

    private void FillPurse()
    {
        var blocks = Ask("generatetodescriptor", Miners, Descriptor(Anyone)).EnumerateArray().Select(block => block.GetString()).ToList();
        Ask("generatetodescriptor", Maturity, Descriptor([0x51]));
        foreach (var coinbase in blocks.Select(block => Ask("getblock", block, 2).GetProperty("tx")[0]))
        {
            var satoshis = (long)(coinbase.GetProperty("vout")[0].GetProperty("value").GetDecimal() * 100_000_000);
            purse.Enqueue(new(coinbase.GetProperty("txid").GetString()!, 0, satoshis, Anyone));
        }
    }

    private string Descriptor(byte[] script) =>
        Ask("getdescriptorinfo", $"raw({Convert.ToHexStringLower(script)})").GetProperty("descriptor").GetString()!;

    private JsonElement Ask(string method, params JsonNode?[] parameters)
    {
        var request = new JsonObject { ["jsonrpc"] = "1.0", ["id"] = 1, ["method"] = method, ["params"] = new JsonArray(parameters) };
        using var message = new HttpRequestMessage(HttpMethod.Post, "")
        {
            Content = new StringContent(request.ToJsonString(), MediaTypeHeaderValue.Parse("application/json")),
        };
        using var response = http.Send(message);
        using var body = new StreamReader(response.Content.ReadAsStream());
        var text = body.ReadToEnd();
        if (text.Length == 0)
        {
            throw new NodeException($"{method}: HTTP {(int)response.StatusCode}");
        }

        using var answer = JsonDocument.Parse(text);
        return answer.RootElement.GetProperty("error") is { ValueKind: not JsonValueKind.Null } error
            ? throw new NodeException($"{method}: {error}")
            : answer.RootElement.GetProperty("result").Clone();
    }

    private void KillIfRunning()
    {
        try
        {
            process?.Kill();
        }
        catch (InvalidOperationException)
        {
            // it has ended
        }
    }
}

/// <summary>A confirmed output on the node.</summary>
internal sealed record NodeCoin(string TransactionId, uint Index, long Satoshis, byte[] Script)
{
    /// <summary>The transaction that made it, in hex; empty when nobody needs it.</summary>
    public string Source { get; init; } = "";
}

/// <summary>The node answered with an error.</summary>
internal sealed class NodeException(string message) : Exception(message);
