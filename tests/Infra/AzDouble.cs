using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Infra;

/// <summary>
/// An az in a folder of its own that does nothing: it answers as it was told to, and writes every call down, whole into the file
/// transcript, and by verbs, deployment name and what is set into the file calls.
/// </summary>
internal sealed class AzDouble : IDisposable
{
    /// <summary>When the newest good cycle was: after every deployment of a test.</summary>
    public const string Later = "2999-01-01T00:00:00.5Z";

    private readonly TempFolder folder = new();

    /// <summary>What outputs of deployments and queries are answered with, by the last word of a call.</summary>
    public Dictionary<string, string> Answers { get; } = new()
    {
        ["vaultName"] = "the-vault",
        ["vaultUrl"] = "https://the-vault.vault.azure.net/",
        ["walletUrl"] = "https://theaccount.blob.core.windows.net/kms-wallet/wallet.dat",
        ["walletEntryName"] = "kms-wallet-password",
        ["apiEntryName"] = "kms-api-key",
        ["approvalEntryName"] = "kms-approval",
        ["network"] = "mainnet",
        ["enabled"] = "true",
        ["functionAppName"] = "the-app",
        ["insightsName"] = "the-insights",
        ["query"] = Later, // the newest good cycle
    };

    /// <summary>A part of the call that fails.</summary>
    public string Fails { get; set; } = "nothing fails";

    /// <summary>Where kms.zip is.</summary>
    public string Folder => folder.Root;

    /// <summary>What was called, in short.</summary>
    public string[] Calls => Read("calls").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What was called, whole; and, where all was sent there, what was said.</summary>
    public string Transcript => Read("transcript").Replace(Bicep.Folder, "infra", StringComparison.Ordinal);

    public void Dispose() => folder.Dispose();

    /// <summary>Forgets what was called.</summary>
    public void Forget()
    {
        File.Delete(folder.File("calls"));
        File.Delete(folder.File("transcript"));
    }

    /// <summary>Runs a shell's line where az is this one.</summary>
    public Run Shell(string line, IEnumerable<string> arguments, string input, string inFolder, (string Name, string? Value)[]? environment = null)
    {
        var az = folder.File("az");
        File.WriteAllText(az, $$"""
            #!/bin/bash
            said="  $ az"
            for word; do
              case "$word" in *[!A-Za-z0-9_./:=-]*|'') said="$said '$word'" ;; *) said="$said $word" ;; esac
            done
            echo "$said" >>'{{folder.File("transcript")}}'
            line=""; name=""; more=""
            for word; do
              case "$word" in --*) break ;; esac
              line="$line $word"
            done
            while [ $# -gt 0 ]; do
              case "$1" in
                --name) case "$line" in " group show") ;; *) name=" $2" ;; esac ;;
                --parameters) case "$2" in grant*) more=" $2" ;; esac ;;
                --query) case "$line" in *" group show") case "$2" in *outputs*) more=" $(echo "$2" | cut -d. -f3)" ;; esac ;; esac ;;
              esac
              shift
            done
            call="${line# }$name$more"
            echo "$call" >>'{{folder.File("calls")}}'
            case "$call" in *"{{Fails}}"*) echo "ERROR: told to fail" >&2; exit 1 ;; esac
            case "$call" in
              *what-if*) echo "+ a change" ;;
            {{string.Concat(Answers.Select(answer => $"  *' {answer.Key}') echo '{answer.Value}' ;;\n"))}}esac
            """);
        File.SetUnixFileMode(az, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(folder.File("kms.zip"), "PK");
        var settings = new Dictionary<string, string?>
        {
            ["PATH"] = $"{folder.Root}:{Environment.GetEnvironmentVariable("PATH")}",
            ["KMS_DEPLOY_WAIT_MINUTES"] = Answers["query"] == Later ? "1" : "0",
            ["KMS_DEPLOY_PAUSE_SECONDS"] = "0",
            ["TRANSCRIPT"] = folder.File("transcript"),
        };
        foreach (var (name, value) in environment ?? [])
        {
            settings[name] = value;
        }

        return Run.Program("/bin/sh", ["-c", line, "sh", .. arguments], input, settings, inFolder);
    }

    private string Read(string name) => File.Exists(folder.File(name)) ? File.ReadAllText(folder.File(name)) : "";
}
