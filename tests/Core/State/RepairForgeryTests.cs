using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Gateway;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.State;

/// <summary>A line that says that something was signed frees, too: it takes the place of an entry that is accepted.</summary>
public sealed class RepairForgeryTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly TempFolder folder = new();
    private readonly SetClock clock = new() { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
    private readonly HashSet<string> onChain = [];
    private readonly SecretBytes password;

    public RepairForgeryTests() => password = SecretBytes.FromString(world.Password);

    private string State => folder.File("state");

    private string Journal => Path.Combine(State, "journal.jsonl");

    public void Dispose()
    {
        world.Dispose();
        folder.Dispose();
        password.Dispose();
    }

    // Everybody but who writes the state folder is honest: gateway, own node, approver, operator.
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_forged_signed_line_does_not_take_the_place_of_what_was_paid(bool forge)
    {
        using var node = new LoopbackServer(request => new(200, $$"""{"jsonrpc":"2.0","id":"kms","result":{{OwnNode(request)}}}"""));
        world.Add("SOL", "native-transfer-generated-wallet");
        world.OnAny = request => Rpc(request).Method switch
        {
            "getLatestBlockhash" => new(200, """{"jsonrpc":"2.0","result":{"value":{"blockhash":"HASH","lastValidBlockHeight":1000}}}""".Replace("HASH", Base58.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), StringComparison.Ordinal)),
            "sendTransaction" => Sent(request),
            "getTransaction" => new(200, $$"""{"jsonrpc":"2.0","result":{{Found(Rpc(request).First)}}}"""),
            "getBlockHeight" => new(200, """{"jsonrpc":"2.0","result":5000}"""),
            _ => null,
        };
        await CyclesAsync(node.Url, 1);
        var before = Events();
        if (forge)
        {
            Forge();
            var done = Run.Kms(["journal", "repair", "--path", world.WalletPath, "--state", State], input: "set aside 2\n", environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password });
            Assert.True(done.ExitCode == 0, done.Error + done.Output);
        }

        await CyclesAsync(node.Url, 4);
        Assert.True(onChain.Count == 1, $"paid {onChain.Count} times; events before: {before}; now: {Events()}");
    }

    // The machine went down while the gateway had the bytes and had not answered: the last line of the journal, and one place of the head.
    [Theory, InlineData(false), InlineData(true)]
    public async Task After_a_power_cut_the_signed_line_cannot_be_taken_away(bool tamper)
    {
        using var node = new LoopbackServer(request => new(200, $$"""{"jsonrpc":"2.0","id":"kms","result":{{OwnNode(request)}}}"""));
        world.Add("SOL", "native-transfer-generated-wallet");
        var snapshot = folder.File("snapshot");
        world.OnAny = request => Rpc(request).Method switch
        {
            "getLatestBlockhash" => new(200, """{"jsonrpc":"2.0","result":{"value":{"blockhash":"HASH","lastValidBlockHeight":1000}}}""".Replace("HASH", Base58.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), StringComparison.Ordinal)),
            "sendTransaction" => Copied(snapshot, Sent(request)),
            "getTransaction" => new(200, $$"""{"jsonrpc":"2.0","result":{{Found(Rpc(request).First)}}}"""),
            "getBlockHeight" => new(200, """{"jsonrpc":"2.0","result":5000}"""),
            _ => null,
        };
        await CyclesAsync(node.Url, 1);
        Directory.Delete(State, recursive: true);
        Directory.Move(snapshot, State);
        var lines = File.ReadAllLines(Journal);
        Assert.Contains("\"signed\"", lines[^1], StringComparison.Ordinal);
        if (tamper)
        {
            File.WriteAllText(Journal, string.Concat(lines[..^1].Select(line => line + "\n")));
            var head = Path.Combine(State, "state.head");
            var bytes = File.ReadAllBytes(head);
            var newest = Enumerable.Range(0, bytes.Length / StateHead.Size).MaxBy(place =>
                System.Text.Encoding.ASCII.GetString(bytes, place * StateHead.Size, StateHead.Size).Trim('\n', ' ', '\0') is { Length: > 0 } text ? JsonDocument.Parse(text).RootElement.GetProperty("counter").GetInt64() : -1);
            bytes.AsSpan(newest * StateHead.Size, StateHead.Size).Clear();
            File.WriteAllBytes(head, bytes);
        }

        var said = "";
        try
        {
            await CyclesAsync(node.Url, 1);
        }
        catch (KmsCloud.Errors.KmsException error)
        {
            said = error.Message;
        }

        Assert.True(onChain.Count == 1, $"paid {onChain.Count} times; {said} {Events()}");
    }

    private Reply Copied(string to, Reply reply)
    {
        if (!Directory.Exists(to))
        {
            System.Diagnostics.Process.Start("cp", ["-r", State, to]).WaitForExit();
        }

        return reply;
    }

    private async Task CyclesAsync(Uri node, int count)
    {
        await world.WithServicesAsync(
            async plain =>
            {
                using var store = WalletStore.Open(world.WalletPath, password, ChainCatalog.WalletsOf);
                using var local = new LocalStateFolder(State);
                using var books = StateBooks.Open(local, store, clock);
                using var nodes = new SecondNodes(new Dictionary<string, Uri> { ["SOL"] = node });
                var cycle = new SigningCycle(plain with { SecondNodes = nodes, Journal = books.Journal, Audit = books.Audit }, world.Options with { Chains = ["SOL"] });
                for (var look = 0; look < count; look++)
                {
                    await cycle.RunOnceAsync(CancellationToken.None);
                    clock.Now += TimeSpan.FromMinutes(13);
                }

                await books.Journal.DrainAsync();
                return 0;
            },
            clock);
    }

    private void Forge()
    {
        var line = File.ReadLines(Journal).First(one => one.Contains("\"signed\"", StringComparison.Ordinal));
        var bare = System.Text.Encoding.UTF8.GetString(SealedLog.Payload(System.Text.Encoding.UTF8.GetBytes(line), out _));
        var json = System.Text.Json.Nodes.JsonNode.Parse(bare)!.AsObject();
        var data = System.Text.Json.Nodes.JsonNode.Parse(json["data"]!.GetValue<string>())!.AsObject();
        var old = json["txId"]!.GetValue<string>();
        var other = Base58.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(64));
        json["txId"] = other;
        json["data"] = data.ToJsonString().Replace(old, other, StringComparison.Ordinal);
        File.AppendAllText(Journal, json.ToJsonString() + "\nrubbish\n");
    }

    private Reply Sent(Received request)
    {
        var wire = Convert.FromBase64String(Rpc(request).First);
        var id = Base58.Encode(wire.AsSpan(1, 64));
        lock (onChain)
        {
            onChain.Add(id);
        }

        return new(200, $$"""{"jsonrpc":"2.0","result":"{{id}}"}""");
    }

    private string Found(string id)
    {
        lock (onChain)
        {
            return onChain.Contains(id) ? """{"slot":5,"meta":{"err":null}}""" : "null";
        }
    }

    private string OwnNode(Received request) => Rpc(request) switch
    {
        ("getTransaction", var id) => Found(id),
        ("getSlot", _) => "900",
        ("getBlockTime", _) => clock.Now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
        ("isBlockhashValid", _) => """{"value":false}""",
        _ => "0",
    };

    private string Events() => string.Join(',', File.ReadLines(Journal).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()));

    private static (string? Method, string First) Rpc(Received request)
    {
        if (request.Body.Length == 0 || JsonDocument.Parse(request.Body).RootElement is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty("method", out var method))
        {
            return (null, "");
        }

        var first = json.TryGetProperty("params", out var given) && given.GetArrayLength() > 0 ? given[0] : default;
        return (method.GetString(), first.ValueKind is JsonValueKind.String ? first.GetString()! : "");
    }
}
