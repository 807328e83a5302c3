using System.Text;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>
/// Every command and many error paths with recognisable secrets: none may turn up in stderr, in stdout where it was not asked for,
/// or in any file but the encrypted one.
/// </summary>
public sealed class CanaryTests : IDisposable
{
    private const string Password = "canary-password-5f1d0c";
    private const string Mnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    private const string PrivateKey = "ca9a2b5c00000000000000000000000000000000000000000000000000000001";
    private const string ApiKey = "canary-api-key-90ab";
    private static readonly string[] Canaries = [Password, "sausage", "ca9a2b5c", ApiKey, "canary-aws-secret", "canary-vgs"];

    private readonly TempFolder folder = new();
    private readonly Dictionary<string, string?> environment = new()
    {
        ["TATUM_KMS_PASSWORD"] = Password,
        ["TATUM_API_KEY"] = ApiKey,
        ["TATUM_KMS_AWS_SECRET_ACCESS_KEY"] = "canary-aws-secret",
        ["TATUM_KMS_VGS_PASSWORD"] = "canary-vgs",
        ["TATUM_KMS_DEBUG_MODE"] = "true",
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Secrets_appear_only_where_they_are_asked_for()
    {
        using var gateway = new LoopbackServer(request => request.Path.EndsWith("ETH", StringComparison.Ordinal)
            ? new(200, """[{"id":"hostile","chain":"ETH","hashes":["nobody"],"serializedTransaction":"{\"from\":0}"},{"id":"deep","chain":"ETH","hashes":[[[[[]]]]],"serializedTransaction":""}]""")
            : new(500, ApiKey));
        environment["TATUM_API_URL"] = gateway.Url.AbsoluteUri;
        var path = folder.File("wallet.dat");
        Quiet(["storemanagedwallet", "ETH", "--testnet", "--path", path], Mnemonic + "\n");
        var id = Quiet(["storemanagedprivatekey", "ETH", "--testnet", "--path", path], "0x" + PrivateKey + "\n").Output.Split('"')[3];
        Quiet(["storemanagedwallet", "ETH", "--path", path], Mnemonic.Replace("sausage", "sausages", StringComparison.Ordinal) + "\n");
        Quiet(["storemanagedwallet", "ETH", "--path", path], Mnemonic + " sausage\n");
        Quiet(["storemanagedprivatekey", "ETH", "--path", path], PrivateKey + "00\n");
        Quiet(["storemanagedprivatekey", "BTC", "--path", path], PrivateKey[..^1] + "\n");
        Quiet(["getaddress", id, "--path", path]);
        Quiet(["getaddress", "nobody", "--path", path]);
        Quiet(["verify", "--path", path]);
        Quiet(["report", id, "--path", path]);
        Quiet(["checkconfig", "--path", path]);
        Quiet(["doctor", "--testnet", "--path", path]);
        Quiet(["daemon", "--testnet", "--run-once", "--path", path, "--verbose"]);
        Quiet(["daemon", "--testnet", "--run-once", "--path", path, "--log-format", "json", "--verbose"]);
        Quiet(["daemon", "--path", path]);
        Quiet(["journal", "list", "--path", path]);
        Quiet(["journal", "show", "nobody", "--path", path]);
        Quiet(["audit", "verify", "--path", path]);
        Quiet(["audit", "report", "--path", path]);
        Quiet(["freeze", "--reason", "canaries", "--path", path]);
        Quiet(["thaw", "--path", path]);
        Quiet(["removewallet", "nobody", "--path", path, "--yes"]);
        Quiet(["generatemanagedprivatekeybatch", "ETH", "2", "--path", path]);
        Quiet(["completion", "bash"]);
        Quiet(["version", "--json"]);
        Quiet(["passwd", "--path", path, "--new-password-file", folder.File("nothing")]);
        File.WriteAllText(folder.File("not-a-wallet"), Password);
        Quiet(["migrate", folder.File("not-a-wallet"), "--path", path]);
        File.Delete(folder.File("not-a-wallet"));
        Quiet(["export", "--path", folder.Root]);

        // asked for: on stdout, and not on stderr
        var export = Run.Kms(["export", "--path", path], environment: environment, folder: folder.Root);
        Assert.Contains("sausage", export.Output, StringComparison.Ordinal);
        Clean(export.Error, "export's stderr");
        foreach (var file in Directory.GetFiles(folder.Root, "*", SearchOption.AllDirectories))
        {
            Clean(Encoding.Latin1.GetString(File.ReadAllBytes(file)), file);
        }
    }

    private Run Quiet(string[] arguments, string? input = null)
    {
        var run = Run.Kms(arguments, input, environment, folder.Root);
        Clean(run.Output, string.Join(' ', arguments) + ": stdout");
        Clean(run.Error, string.Join(' ', arguments) + ": stderr");
        Assert.NotEqual(1, run.ExitCode);
        return run;
    }

    private static void Clean(string text, string where) =>
        Assert.All(Canaries, canary => Assert.False(text.Contains(canary, StringComparison.OrdinalIgnoreCase), $"a secret in {where}"));
}
