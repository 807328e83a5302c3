using System.Diagnostics;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cli;

/// <summary>
/// After their work is done, no program has a secret in memory that could be swapped out or dumped: the whole memory is searched for
/// words, hex, raw bytes and the password. The control: a text that is no secret is found, and so is a secret in locked memory.
/// </summary>
public sealed class MemoryScanTests : IDisposable
{
    private const string Wallets = $$$"""{"words":{"mnemonic":"{{{Canaries.Mnemonic}}}","xpub":"xpub-control-71f3","chain":"ETH","testnet":true},"key":{"privateKey":"0x{{{Canaries.Key}}}","chain":"ETH","testnet":true}}""";
    private static readonly string[] SecretMembers = ["mnemonic", "privateKey", "secret"];
    private readonly TempFolder folder = new();

    public MemoryScanTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "NOT CHECKED: only root reads the memory of a sealed process");
        File.WriteAllText(folder.File("password"), Canaries.Password + "\n");
        File.WriteAllText(folder.File("new-password"), Canaries.NewPassword + "\n");
        File.SetUnixFileMode(folder.File("password"), UnixFileMode.UserRead);
        File.SetUnixFileMode(folder.File("new-password"), UnixFileMode.UserRead);
        TranscriptPlayer.MakeWallet(folder.File("wallet.dat"), Canaries.Password, Wallets);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("getaddress key", null)]
    [InlineData("getaddress words 3", null)]
    [InlineData("verify", null)]
    [InlineData("generatemanagedwallet ETH --testnet", null)]
    [InlineData("generatemanagedwallet BTC --testnet", null)]
    [InlineData("storemanagedwallet SOL --testnet", Canaries.Mnemonic)]
    [InlineData("storemanagedwallet ADA --testnet", Canaries.Mnemonic)]
    [InlineData("storemanagedprivatekey ETH --testnet", "0x" + Canaries.Key)]
    [InlineData("storemanagedprivatekey BTC --testnet", Canaries.Wif)]
    [InlineData("storemanagedprivatekey XRP --testnet", Canaries.XrpSecret)]
    [InlineData("storemanagedprivatekey XLM --testnet", Canaries.XlmSecret)]
    [InlineData("generatemanagedprivatekeybatch ETH 3 --testnet", null)]
    [InlineData("removewallet key --yes", null)]
    [InlineData("passwd --new-password-file NEW", null)]
    [InlineData("migrate OTHER --old-password-file PASSWORD", null)]
    public void A_command_leaves_no_secret_outside_locked_memory(string command, string? input)
    {
        TranscriptPlayer.MakeWallet(folder.File("other.dat"), Canaries.Password, Wallets.Replace("\"words\"", "\"w\"", StringComparison.Ordinal).Replace("\"key\"", "\"k\"", StringComparison.Ordinal));
        string[] arguments =
        [
            .. command.Split(' ').Select(word => word switch { "NEW" => folder.File("new-password"), "OTHER" => folder.File("other.dat"), "PASSWORD" => folder.File("password"), _ => word }),
            "--path", folder.File("wallet.dat"), "--password-file", folder.File("password"),
        ];
        using var held = new HeldAtOutput(folder, arguments, input is null ? null : input + "\n", null, atError: command.StartsWith("passwd", StringComparison.Ordinal));
        RequireNoneOpen(held.Id, command, Needles());
    }

    [Fact]
    public void The_search_finds_what_a_command_is_there_to_print() // the control
    {
        using var held = new HeldAtOutput(folder, ["getprivatekey", "key", "--path", folder.File("wallet.dat"), "--password-file", folder.File("password")], null, null);
        var hits = MemoryScan.Find(held.Id, Needles());
        Assert.True(hits["key in hex in UTF-8"] is { Locked: > 0 } or { Open: > 0 }, "the key that is about to be printed was not found");
    }

    [Fact]
    public async Task A_daemon_that_signed_has_its_secrets_in_locked_memory_alone()
    {
        const string pending = """{"id":"good","chain":"ETH","hashes":["key"],"serializedTransaction":"{\"from\":0,\"to\":\"0x7dB98c08E0bAF33cb04FE43cC17bBeE99fFEBC6A\",\"value\":\"1\",\"nonce\":5,\"gasPrice\":\"20914161285\",\"gas\":\"21000\"}"}""";
        const string second = """{"id":"better","chain":"ETH","hashes":["words"],"index":3,"serializedTransaction":"{\"from\":0,\"to\":\"0x7dB98c08E0bAF33cb04FE43cC17bBeE99fFEBC6A\",\"value\":\"1\",\"nonce\":5,\"gasPrice\":\"20914161285\",\"gas\":\"21000\"}"}""";
        using var gateway = new LoopbackServer(request => new(200, request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal) ? $"[{pending},{second}]"
            : request.Path.Contains("/web3/", StringComparison.Ordinal) ? """{"jsonrpc":"2.0","id":1,"result":"0xaa36a7"}"""
            : """{"txId":"0x00"}"""));
        var start = new ProcessStartInfo(
            Run.KmsProgram,
            ["daemon", "--testnet", "--chain", "ETH", "--period", "1", "--path", folder.File("wallet.dat"), "--state", folder.File("state"), "--password-file", folder.File("password")])
        {
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Run.Environment(new Dictionary<string, string?> { ["TATUM_API_KEY"] = Canaries.ApiKey, ["TATUM_API_URL"] = gateway.Url.AbsoluteUri }, folder.Root))
        {
            start.Environment[name] = value;
        }

        using var daemon = Process.Start(start)!;
        var error = daemon.StandardError.ReadToEndAsync();
        try
        {
            var signed = SpinWait.SpinUntil(() => daemon.HasExited || gateway.Requests.Count(request => request.Path.EndsWith("/broadcast", StringComparison.Ordinal)) >= 2, TimeSpan.FromSeconds(60));
            Assert.True(signed && !daemon.HasExited, "the daemon did not sign");
            await Task.Delay(1500, TestContext.Current.CancellationToken); // a cycle more
            var hits = RequireNoneOpen(daemon.Id, "daemon", [.. Needles(), ("control", "xpub-control-71f3"u8.ToArray())]);
            Assert.True(hits["mnemonic in UTF-8"].Locked > 0, "the mnemonic of the open file was not found in locked memory");
            Assert.True(hits["key in hex in UTF-8"].Locked > 0, "the key of the open file was not found in locked memory");
            Assert.True(hits["control"].Open + hits["control"].Locked > 0, "what is no secret was not found: the search is blind");
        }
        finally
        {
            daemon.Kill();
            await daemon.WaitForExitAsync(CancellationToken.None);
            TestContext.Current.TestOutputHelper?.WriteLine(await error);
        }
    }

    [Fact]
    public async Task A_function_that_signed_has_its_keys_in_locked_memory_alone()
    {
        using var cloud = new CloudWorld();
        var keys = new List<(string Name, byte[] Bytes)>();
        foreach (var (chain, name) in new[] { ("ETH", "native-transfer-private-key"), ("BTC", "p2wpkh-one-input-change"), ("EGLD", "transfer-mnemonic-index") })
        {
            var vector = cloud.World.Add(chain, name);
            foreach (var wallet in vector.GetProperty("walletStore").EnumerateObject())
            {
                foreach (var secret in SecretMembers.Where(member => wallet.Value.TryGetProperty(member, out _)))
                {
                    keys.AddRange(MemoryScan.Text($"{chain} {secret}", wallet.Value.GetProperty(secret).GetString()!));
                }
            }
        }

        cloud.Upload();
        using var host = new FunctionsHost(cloud.Package(), cloud.Settings());
        await host.StartAsync();
        Assert.Equal(3, (await host.TickAsync()).Count("broadcast"));
        var hits = RequireNoneOpen(host.Worker.Id, "function", keys);
        Assert.True(hits.Values.Sum(hit => hit.Locked) >= 3, "the keys of the open file were not found in locked memory");
    }

    private static IReadOnlyDictionary<string, MemoryScan.Hits> RequireNoneOpen(int process, string what, IEnumerable<(string Name, byte[] Bytes)> needles)
    {
        var hits = MemoryScan.Find(process, needles);
        var open = hits.Where(hit => hit.Value.Open > 0 && hit.Key != "control").Select(hit => $"{hit.Key}: {hit.Value.Open} times in {string.Join(", ", hit.Value.Where)}");
        Assert.True(!open.Any(), $"{what} has in memory that is not locked:\n{string.Join('\n', open)}");
        return hits;
    }

    private static List<(string Name, byte[] Bytes)> Needles() =>
    [
        .. MemoryScan.Text("mnemonic", Canaries.Mnemonic), .. MemoryScan.Text("password", Canaries.Password), .. MemoryScan.Text("new password", Canaries.NewPassword),
        .. MemoryScan.Key("key", Canaries.Key), .. MemoryScan.Text("WIF", Canaries.Wif), .. MemoryScan.Text("XRP secret", Canaries.XrpSecret), .. MemoryScan.Text("XLM secret", Canaries.XlmSecret),
    ];
}
