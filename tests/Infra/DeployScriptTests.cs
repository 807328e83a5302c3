using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Infra;

/// <summary>infra/deploy against a double of az that writes down what it is asked and answers as it was told to.</summary>
public sealed class DeployScriptTests : IDisposable
{
    private readonly TempFolder folder = new();

    public DeployScriptTests()
    {
        File.WriteAllText(folder.File("kms.zip"), "PK");
        File.WriteAllText(folder.File("calls"), "");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Deploys_asks_and_says_what_it_did()
    {
        var run = Deploy(["--package", folder.File("kms.zip")], "y\ny\n");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(
            [
                "account show", "group show", "deployment group validate kms-platform", "deployment group what-if kms-platform", "deployment group create kms-platform",
                "deployment group validate kms-app grantSecretAccess=false", "deployment group create kms-app grantSecretAccess=false", "deployment group show kms-platform vaultName",
                "deployment group show kms-platform walletAccountName", "deployment group create kms-app grantSecretAccess=true", "deployment group show kms-app functionAppName",
                "functionapp deployment source config-zip the-app", "deployment group show kms-app insightsName", "monitor app-insights query",
            ],
            Calls());
        Assert.Contains("az keyvault secret set --vault-name the-vault --name kms-api-key", run.Error, StringComparison.Ordinal);
        Assert.Contains("https://theaccount.blob.core.windows.net/kms-wallet/wallet.dat", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("+ a change\ndone: validate platform; ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("the-app signs\n", run.Output, StringComparison.Ordinal);
    }

    [Theory, InlineData("n\n"), InlineData("")]
    public void A_no_at_what_if_changes_nothing(string answer)
    {
        var run = Deploy([], answer);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("you said no", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Calls(), call => call.Contains(" create ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_if_alone_shows_both_and_changes_nothing()
    {
        var run = Deploy(["--what-if"], "");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("+ a change\n+ a change\nnothing was changed\n", run.Output);
        Assert.DoesNotContain(Calls(), call => call.Contains(" create ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_failed_phase_2_says_what_was_done_and_a_resumed_run_begins_there()
    {
        var failed = Deploy(["--yes", "--package", folder.File("kms.zip")], "", fails: "config-zip");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("failed; done before: ", failed.Error, StringComparison.Ordinal);
        Assert.Contains("app, with its secrets;", failed.Error, StringComparison.Ordinal);
        Assert.Contains("run the same command again with --phase 2", failed.Error, StringComparison.Ordinal);
        File.WriteAllText(folder.File("calls"), "");
        var resumed = Deploy(["--yes", "--phase", "2", "--package", folder.File("kms.zip")], "");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.DoesNotContain(Calls(), call => call.Contains("kms-platform", StringComparison.Ordinal));
        Assert.Equal("deployment group create kms-app grantSecretAccess=true", Calls()[2]);
    }

    [Fact]
    public void Without_a_good_cycle_it_does_not_say_done()
    {
        var run = Deploy(["--yes", "--phase", "2"], "", good: "0");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no good cycle in 0 minutes", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("--group", 2, "needs a value")]
    [InlineData("--grup x", 2, "there is no option")]
    [InlineData("--environment staging", 2, "staging.bicepparam")]
    [InlineData("--phase 3", 2, "--phase is 1 or 2")]
    [InlineData("--package nothing.zip", 2, "functions/publish nothing.zip")]
    public void Wrong_use_is_one_line_and_a_hint(string more, int code, string text)
    {
        var run = Deploy(more.Split(' '), "");
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(text, run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public void Not_signed_in_is_said()
    {
        var run = Deploy([], "", fails: "account show");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("hint: az login", run.Error, StringComparison.Ordinal);
    }

    private string[] Calls() => File.ReadAllLines(folder.File("calls"));

    private Run Deploy(IEnumerable<string> more, string input, string fails = "nothing fails", string good = "1")
    {
        var az = folder.File("az");
        File.WriteAllText(az, $$"""
            #!/bin/sh
            # writes verbs, deployment names and what is set into a line
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
            case "$call" in *"{{fails}}"*) echo "ERROR: told to fail" >&2; exit 1 ;; esac
            case "$call" in
              *what-if*) echo "+ a change" ;;
              *vaultName) echo the-vault ;;
              *walletAccountName) echo theaccount ;;
              *functionAppName) echo the-app ;;
              *insightsName) echo the-insights ;;
              *"app-insights query"*) echo {{good}} ;;
            esac
            """);
        File.SetUnixFileMode(az, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Run.Program(
            Path.Combine(Bicep.Folder, "deploy"),
            ["--group", "kms-prod", "--environment", "prod", .. more],
            input,
            new Dictionary<string, string?> { ["PATH"] = $"{folder.Root}:{Environment.GetEnvironmentVariable("PATH")}", ["KMS_DEPLOY_WAIT_MINUTES"] = good == "0" ? "0" : "1", ["KMS_DEPLOY_PAUSE_SECONDS"] = "0" },
            folder.Root);
    }
}
