using System.Text.RegularExpressions;
using KmsCloud.Chains;
using KmsCloud.Cli;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>
/// Secrets turn up only where they are asked for. The transcripts search every run of theirs; here every command meets what people and
/// hostile servers do on top: secrets in the wrong place, vaults that fail, a gateway and an approver that repeat what they were told.
/// </summary>
public sealed class CanaryTests : IDisposable
{
    private static readonly string[] Programs = ["Shared", "Online"]; // the sandbox has no secrets
    private static readonly string[] Typed =
    [
        Canaries.Mnemonic, "0x" + Canaries.Key, Canaries.Key, Canaries.Wif, Canaries.MainnetWif, Canaries.KeyInBase58, Canaries.XrpSecret, Canaries.XlmSecret,
        Convert.ToBase64String(Convert.FromHexString(Canaries.Key)), Canaries.Rolls,
    ];

    private readonly TempFolder folder = new();
    private readonly Canaries canaries = new();
    private readonly HashSet<string> ran = [];
    private readonly LoopbackServer gateway;
    private readonly LoopbackServer approver;
    private readonly Dictionary<string, string?> environment;
    private string listed = "[]";

    public CanaryTests()
    {
        gateway = new(Answer);
        approver = new(request => new(request.Path.EndsWith("good", StringComparison.Ordinal) ? 200 : 403, string.Join('\n', request.Headers.Values) + Canaries.ApprovalSecret));
        environment = new()
        {
            ["DOTNET_EnableDiagnostics"] = "0",
            ["TMPDIR"] = Directory.CreateDirectory(folder.File("tmp")).FullName,
            ["TATUM_KMS_PASSWORD"] = Canaries.Password,
            ["TATUM_API_KEY"] = Canaries.ApiKey,
            ["TATUM_API_URL"] = gateway.Url.AbsoluteUri,
            ["TATUM_KMS_AWS_REGION"] = "eu-west-1",
            ["TATUM_KMS_AWS_SECRET_NAME"] = "kms",
            ["TATUM_KMS_AWS_SECRET_KEY"] = "password",
            ["TATUM_KMS_AWS_ACCESS_KEY_ID"] = "AKIACANARY",
            ["TATUM_KMS_AWS_SECRET_ACCESS_KEY"] = Canaries.AwsSecret,
            ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "https://127.0.0.1:9",
            ["TATUM_KMS_VGS_ALIAS"] = "tok_canary",
            ["TATUM_KMS_VGS_USERNAME"] = "canary",
            ["TATUM_KMS_VGS_PASSWORD"] = Canaries.VgsPassword,
            ["TATUM_KMS_VGS_API_URL"] = "https://127.0.0.1:9",
            ["TATUM_KMS_DEBUG_MODE"] = "true",
            ["KMS_APPROVAL_SECRET"] = Canaries.ApprovalSecret,
        };
    }

    public void Dispose()
    {
        gateway.Dispose();
        approver.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Every_command_keeps_its_secrets()
    {
        TranscriptPlayer.MakeWallet(folder.File(".tatumrc/wallet.dat"), Canaries.Password, "{}");
        Kms(Canaries.Mnemonic, "storemanagedwallet", "ETH", "--testnet");
        var id = Regex.Match(Kms("0x" + Canaries.Key, "storemanagedprivatekey", "ETH", "--testnet").Output, "\"signatureId\": \"([^\"]+)").Groups[1].Value;
        var pending = $$"""{"id":"good","chain":"ETH","hashes":["{{id}}"],"serializedTransaction":"{\"from\":0,\"to\":\"0x7dB98c08E0bAF33cb04FE43cC17bBeE99fFEBC6A\",\"value\":\"1\",\"nonce\":5,\"gasPrice\":\"20914161285\",\"gas\":\"21000\"}"}""";
        File.WriteAllText(folder.File("pending.json"), pending);
        File.WriteAllText(folder.File("policy.json"), """{"version":1,"rules":[{"name":"payouts","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perDay":"1"}}}]}""");
        listed = $"[{pending},{pending.Replace("\"good\"", "\"bad\"", StringComparison.Ordinal)}," + """{"id":"hostile","chain":"ETH","hashes":["nobody"],"serializedTransaction":"{\"from\":0}"},{"id":"deep","chain":"ETH","hashes":[[[[[]]]]],"serializedTransaction":""}]""";

        foreach (var secret in Typed)
        {
            Kms(secret + " x", "storemanagedwallet", "BTC");
            Kms(secret[1..], "generatemanagedwallet", "ETH", "--dice");
            Kms(null, "getaddress", secret);
            Kms(null, "getaddress", id, "--type", secret);
            Kms(null, "removewallet", secret, "--yes");
            Kms(null, "report", secret);
            Kms(null, "getmanagedwallet", secret);
            Kms(null, "getprivatekey", id, secret);
            Kms(null, "storemanagedprivatekey", secret);
            Kms(null, "storemanagedprivatekey", "ETH", secret);
            Kms(null, "generatemanagedprivatekeybatch", "ETH", secret);
            Kms(null, [.. secret.Split(' ').Prepend("storemanagedwallet").Append("--testnet")]);
            Kms(null, [.. secret.Split(' ')]);
        }

        // passwords from where there are none, or the wrong ones
        foreach (var vault in new[] { "--aws", "--vgs", "--azure" })
        {
            Assert.NotEqual(0, Kms(null, "verify", vault).ExitCode);
        }

        environment["TATUM_KMS_PASSWORD"] = null;
        Kms(null, "verify", "--password-file", Canaries.Password);
        Kms(null, "passwd", "--password-file", Canaries.Password);
        Kms(null, "export", "--file", folder.File("never.json"), "--password-file", Canaries.Password);
        Kms(Canaries.NewPassword, "verify");
        environment["TATUM_KMS_PASSWORD"] = Canaries.Password;
        Kms($"{Canaries.NewPassword}\n{Canaries.NewPassword}x", "passwd");
        File.WriteAllText(folder.File("not-a-wallet"), Canaries.Password);
        Kms(null, "migrate", folder.File("not-a-wallet"), "--path", folder.File("other.dat"));
        File.WriteAllBytes(folder.File("not-a-wallet"), LegacyWallet.Encrypt($$$"""{"a":"{{{Canaries.Key}}}","b":{"chain":"ETH","testnet":true,"mnemonic":"{{{Canaries.Mnemonic}}} x"},"c":{"chain":"BTC","testnet":true,"privateKey":"{{{Canaries.KeyInBase58}}}"},"d":{"chain":"{{{Canaries.XrpSecret}}}","testnet":true,"privateKey":"x"}}""", Canaries.Password));
        Kms(null, "migrate", folder.File("not-a-wallet"), "--path", folder.File("other.dat"));
        File.Delete(folder.File("not-a-wallet"));

        // the daemon signs, refuses and fails, saying as much as it can
        string[] daemon = ["daemon", "--testnet", "--run-once", "--verbose", "--policy", folder.File("policy.json"), "--external-url", approver.Url.AbsoluteUri];
        Assert.Equal(6, Kms(null, daemon).ExitCode);
        Assert.Contains("accepted", File.ReadAllText(folder.File(".tatumrc/state/journal.jsonl")), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File(".tatumrc/state/policy.jsonl")));
        Kms(null, [.. daemon, "--log-format", "json", "--api-key", Canaries.ApiKey, "--approval-signed", "--external-url-method", "POST"]);
        Kms(null, [.. daemon, "--chain", "BTC,ETH,XRP", "--fee-ceiling", Canaries.Key]);
        Kms(null, "daemon", "--external-url", $"http://user:{Canaries.ApprovalSecret}@example.com/");
        Kms(null, "doctor", "--testnet", "--external-url", approver.Url.AbsoluteUri, "--verbose");
        Kms(null, "policy", "check", folder.File("policy.json"), "--transaction", folder.File("pending.json"), "--testnet");
        Kms(null, "policy", "check", folder.File("pending.json"));
        Kms(null, "policy", "schema");
        Kms(null, "export", "--public");
        Kms(null, "export", "--public", "--indexes", "0");
        Kms(null, "show", folder.File("pending.json"), "--testnet");
        Kms(null, "show", folder.File("policy.json"), "--public", folder.File("pending.json"));
        Kms(null, "journal", "list");
        Kms(null, "journal", "show", "good");
        Kms($"good\n{id}", "journal", "forget", "good");
        Kms($"good\n{id}", "journal", "settle", "good", "--as", "expired");
        Kms(null, "journal", "gaps");
        Kms("1", "journal", "mend", "ETH:0x1", "--next", "1");
        Kms(null, "journal", "repair");
        Kms(null, "state", "accept-restore");
        Kms(null, "audit", "verify");
        Kms(null, "audit", "report", "--format", "csv");
        Kms(null, [.. daemon, "--keep-requests", "1"]);
        Kms(null, "requests", "list");
        Kms(null, "requests", "show", "good");
        Kms(null, "ledger", "build");
        Kms(null, "ledger", "query", "SELECT * FROM decisions");
        Kms(null, "ledger", "export", "--table", "transactions");
        Kms(null, "report", "withdrawals", "--output", "html");
        Kms(null, "freeze", "--reason", "canaries");
        Kms(null, "thaw");
        Kms(null, "checkconfig");
        Kms(null, "list");
        Kms(null, "list", "--output", "table");
        Kms(null, "man");
        Kms(null, "approver", "--allow", folder.File("nothing"));
        Kms(null, "sandbox", "--output", Canaries.Key);
        Kms(null, "sandbox", "--verbose");
        Kms(null, "completion", "bash");
        Kms(null, "version", "--json");

        // asked for: on stdout, and nowhere else
        Assert.Contains("sausage", Kms(null, "export").Output, StringComparison.Ordinal);
        Assert.Contains(Canaries.Key, Kms(null, "getmanagedwallet", id).Output, StringComparison.Ordinal);
        Assert.Contains(Canaries.Key, Kms(null, "getprivatekey", id).Output, StringComparison.Ordinal);
        Kms(Canaries.Rolls, "generatewallet", "ETH", "--dice-only");
        Assert.Equal(TranscriptTests.Leaves(KmsCloud.Cli.Program.CreateRoot()).Select(CommandPath.Of).Order(StringComparer.Ordinal), ran.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_chain_repeats_what_it_takes_or_refuses_as_a_key()
    {
        var refused = 0;
        foreach (var scheme in ChainCatalog.All.Values.Select(chain => chain.Wallets))
        {
            foreach (var (secret, network) in Typed.SelectMany(secret => new[] { (secret, Network.Mainnet), (secret, Network.Testnet) }))
            {
                foreach (var read in new Func<WalletEntry>[] { () => scheme.FromKey(SecretBytes.FromString(secret), network), () => scheme.FromMnemonic(SecretBytes.FromString(secret + "x"), network) })
                {
                    try
                    {
                        using var entry = read();
                        canaries.RequireNone($"{entry} {entry.Address}", scheme.ToString()!);
                    }
                    catch (KmsException error)
                    {
                        refused++;
                        canaries.RequireNone(error.ToString(), scheme.ToString()!);
                    }
                }
            }
        }

        Assert.True(refused > 400);
    }

    [Fact]
    public void Every_error_of_a_command_is_in_a_transcript_where_secrets_are_searched_for()
    {
        string[] unseen =
        [
            "the body is too large", // said to nobody: the approver answers the client
            "has another address in the new file", // a fault of this program
            "' does not start", // an installation with kms-sandbox missing
            "is not in the offline build", // OfflineBuildTests see it there
            "the command line is not understood", // whatever the parser may come to say, whose own words could repeat an argument
        ];
        var transcripts = string.Concat(Directory.GetFiles(TranscriptTests.Scripts, "*.txt").Select(File.ReadAllText));
        var errors = Programs
            .SelectMany(part => Directory.GetFiles(Path.Combine(Peer.SourceRoot, "cli", part), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), "(?:KmsException\\(|new\\()\\s*Failure\\.\\w+,\\s*\\$?\"((?:[^\"\\\\]|\\\\.)*)\"|Refused\\(\\s*\\$?\"((?:[^\"\\\\]|\\\\.)*)\""))
            .Select(match => match.Groups[1].Value + match.Groups[2].Value).ToList();
        Assert.True(errors.Count > 40);
        foreach (var error in errors.Where(error => !unseen.Any(error.Contains)))
        {
            var longest = Regex.Split(error, "\\{[^}]*\\}?").MaxBy(part => part.Length)!;
            Assert.True(transcripts.Contains(longest.Trim(), StringComparison.Ordinal), $"no transcript shows: {error}");
        }
    }

    private Reply Answer(Received request) => request.Path switch
    {
        "/v3/kms/pending/ETH" => new(200, listed),
        var path when path.Contains("/web3/", StringComparison.Ordinal) => new(200, """{"jsonrpc":"2.0","id":1,"result":"0xaa36a7"}"""),
        var path when path.Contains("broadcast", StringComparison.Ordinal) => new(200, """{"txId":"0x11"}"""),
        "/v3/kms/pending/BTC" => new(401, Canaries.ApiKey + string.Join('\n', request.Headers.Values)),
        _ => new(500, Canaries.ApiKey + string.Join('\n', request.Headers.Values) + request.Body),
    };

    private Run Kms(string? input, params string[] arguments)
    {
        var run = Run.Kms(arguments, input is null ? null : input + "\n", environment, folder.Root);
        var command = KmsCloud.Cli.Program.CreateRoot().Parse(arguments).CommandResult.Command;
        var where = CommandPath.Of(command) is { Length: > 0 } path ? path : "kms";
        ran.UnionWith(command.Action is null || where == "kms" ? [] : [where]);
        Assert.True(run.ExitCode != 1, $"internal error of {where}: {run.Error}");
        canaries.RequireNone(run.Error, where + " stderr");
        if (!Canaries.MayPrint("kms " + where) || run.ExitCode != 0)
        {
            canaries.RequireNone(run.Output, where + " stdout");
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("tmp")));
        canaries.RequireNoneInFiles(folder.Root, where, ["not-a-wallet"]);
        return run;
    }
}
