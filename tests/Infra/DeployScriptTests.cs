using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Infra;

/// <summary>infra/deploy against a double of az that writes down what it is asked and answers as it was told to.</summary>
public sealed class DeployScriptTests : IDisposable
{
    private readonly AzDouble az = new();

    public void Dispose() => az.Dispose();

    /// <summary>The runs that an operator may see, word for word, with every call of az among what is said.</summary>
    public static TheoryData<string> Transcripts() => ["success", "refused-at-what-if", "failed-phase-2", "resumed", "phase-1-alone"];

    [Theory, MemberData(nameof(Transcripts))]
    public void Reads_as_written(string name)
    {
        var path = Path.Combine(Bicep.Folder, "..", "tests", "Infra", "Transcripts", name + ".txt");
        var written = File.ReadAllText(path);
        var head = written.Split('\n');
        Assert.StartsWith("$ infra/deploy ", head[0], StringComparison.Ordinal);
        var (answers, fails) = (After(head[1], "answers: "), After(head[2], "az fails at: "));
        az.Fails = fails.Length > 0 ? fails : "nothing fails";
        if (name == "phase-1-alone")
        {
            (az.Answers["network"], az.Answers["approvalEntryName"]) = ("testnet", "");
        }

        var words = head[0]["$ infra/deploy ".Length..].Split(' ');
        var run = az.Shell("exec \"$@\" >>\"$TRANSCRIPT\" 2>&1", [Path.Combine(Bicep.Folder, "deploy"), .. words], answers.Replace(", ", "\n", StringComparison.Ordinal) + "\n", az.Folder);
        var happened = string.Join('\n', [.. head[..3], az.Transcript + $"exit {run.ExitCode}", ""]);
        if (Environment.GetEnvironmentVariable("KMS_TRANSCRIPTS_TO") is { Length: > 0 } to)
        {
            File.WriteAllText(Path.Combine(to, name + ".txt"), happened);
        }

        Assert.Equal(written, happened);
    }

    private static string After(string line, string word)
    {
        Assert.StartsWith(word.TrimEnd(), line, StringComparison.Ordinal);
        return line[Math.Min(word.Length, line.Length)..];
    }

    [Fact]
    public void Deploys_asks_and_says_what_it_did()
    {
        var run = Deploy(["--package", "kms.zip"], "y\ny\n", words: [("walletEntryName", "the password"), ("apiEntryName", "our-api-key"), ("approvalEntryName", "our-approval")]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(
            [
                "account show", "group show", "deployment group validate kms-platform", "deployment group what-if kms-platform", "deployment group show kms-platform vaultName",
                "deployment group what-if kms-app", "deployment group create kms-platform",
                "deployment group validate kms-app grantSecretAccess=false", "deployment group create kms-app grantSecretAccess=false", "deployment group show kms-platform vaultName",
                "deployment group show kms-platform vaultUrl", "deployment group show kms-platform walletUrl", "deployment group show kms-app walletEntryName", "deployment group show kms-app apiEntryName",
                "deployment group show kms-app approvalEntryName", "deployment group show kms-app network", "deployment group create kms-app grantSecretAccess=true",
                "deployment group show kms-app functionAppName", "functionapp deployment source config-zip the-app", "deployment group show kms-app enabled", "deployment group show kms-app insightsName", "monitor app-insights query",
            ],
            az.Calls);
        Assert.Contains("TATUM_KMS_AZURE_VAULTURL=https://the-vault.vault.azure.net/ TATUM_KMS_AZURE_SECRETNAME=the password\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("az keyvault secret set --vault-name the-vault --name our-api-key --file", run.Error, StringComparison.Ordinal);
        Assert.Contains("az keyvault secret set --vault-name the-vault --name our-approval --file", run.Error, StringComparison.Ordinal);
        Assert.Contains("kms generatemanagedwallet ETH --azure --path https://theaccount.blob.core.windows.net/kms-wallet/wallet.dat\n", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("+ a change\n+ a change\ndone: validate platform; ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("the-app signs\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_signed_approvals_no_secret_is_asked_for_them()
    {
        var run = Deploy(["--phase", "1"], "y\ny\n", words: [("approvalEntryName", ""), ("network", "testnet")]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain("approval", run.Error, StringComparison.Ordinal);
        Assert.Contains("ETH --testnet --azure", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(az.Calls, call => call.Contains("grantSecretAccess=true", StringComparison.Ordinal));
        Assert.EndsWith("go on with: infra/deploy --group kms-prod --environment prod --phase 2\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_that_are_not_yet_there_end_it_before_phase_2()
    {
        var run = Deploy(["--package", "kms.zip"], "y\nn\n");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("hint: put them there, then: infra/deploy --group kms-prod --environment prod --phase 2 --package kms.zip\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(az.Calls, call => call.Contains("grantSecretAccess=true", StringComparison.Ordinal));
    }

    [Fact]
    public void A_subscription_goes_with_every_call()
    {
        var run = Deploy(["--yes", "--package", "kms.zip", "--subscription", "sub 1"], "");
        Assert.True(run.ExitCode == 0, run.Error);
        var calls = az.Transcript.Split('\n').Where(line => line.StartsWith("  $ az ", StringComparison.Ordinal)).ToList();
        Assert.Equal(az.Calls.Length, calls.Count);
        Assert.All(calls, call => Assert.EndsWith(" --subscription 'sub 1'", call, StringComparison.Ordinal));
    }

    [Fact]
    public void Outputs_that_it_reads_are_outputs_of_the_templates()
    {
        Deploy(["--yes"], "");
        var read = az.Calls.Where(call => call.StartsWith("deployment group show ", StringComparison.Ordinal)).Select(call => call.Split(' ')[3..]).ToList();
        Assert.True(read.Count > 5);
        Assert.All(read, words => Assert.Contains($"\noutput {words[1]} {(words[1] == "enabled" ? "bool" : "string")}", File.ReadAllText(Path.Combine(Bicep.Folder, words[0]["kms-".Length..] + ".bicep")), StringComparison.Ordinal));
    }

    [Theory, InlineData("n\n"), InlineData("")]
    public void A_no_at_what_if_changes_nothing(string answer)
    {
        var run = Deploy([], answer);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("you said no", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(az.Calls, call => call.Contains(" create ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_if_alone_shows_both_and_changes_nothing()
    {
        var run = Deploy(["--what-if"], "");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("+ a change\n+ a change\nnothing was changed\n", run.Output);
        Assert.DoesNotContain(az.Calls, call => call.Contains(" create ", StringComparison.Ordinal));
        var asked = az.Transcript.Split('\n').Where(line => Regex.IsMatch(line, "^  \\$ az deployment group (validate|what-if) ")).ToList();
        Assert.Equal(3, asked.Count);
        Assert.All(asked, line => Assert.EndsWith(" --validation-level ProviderNoRbac", line, StringComparison.Ordinal)); // the workflow's reader may write nothing
    }

    [Theory, InlineData("--what-if", "nothing was changed\n"), InlineData("--phase 1", "go on with: ")]
    public void Before_there_is_a_platform_the_app_is_not_shown_and_that_is_said(string more, string end)
    {
        var run = Deploy(more.Split(' '), "y\ny\n", words: [("vaultName", "")]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("== the app cannot be shown before the platform is there", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(run.Output, "\\+ a change\n"));
        Assert.Contains(end, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_phase_2_says_what_was_done_and_a_resumed_run_begins_there()
    {
        var failed = Deploy(["--yes", "--package", "kms.zip"], "", fails: "config-zip");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("failed; done before: ", failed.Error, StringComparison.Ordinal);
        Assert.Contains("app, with its secrets;", failed.Error, StringComparison.Ordinal);
        Assert.Contains("mend it and go on with: infra/deploy --group kms-prod --environment prod --phase 2 --package kms.zip\n", failed.Error, StringComparison.Ordinal);
        az.Forget();
        var resumed = Deploy(["--yes", "--phase", "2", "--package", "kms.zip"], "");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.DoesNotContain(az.Calls, call => call.Contains("kms-platform", StringComparison.Ordinal));
        Assert.Equal("deployment group create kms-app grantSecretAccess=true", az.Calls[2]);
    }

    [Fact]
    public void A_stopped_app_is_not_waited_for()
    {
        var run = Deploy(["--yes", "--phase", "2"], "", good: "0", words: [("enabled", "false")]);
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("the-app is stopped: enabled is false in app.prod.bicepparam\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_good_cycle_it_does_not_say_done()
    {
        var run = Deploy(["--yes", "--phase", "2"], "", good: "0");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no good cycle in 0 minutes", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory, InlineData("2026-01-01T09:30:00.123Z"), InlineData("None"), InlineData("")]
    public void A_good_cycle_of_the_program_before_this_one_does_not_count(string newest)
    {
        var run = Deploy(["--yes", "--phase", "2", "--package", "kms.zip"], "", good: newest);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no good cycle in 0 minutes", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_query_failed_of_is_said()
    {
        var run = Deploy(["--yes", "--phase", "2"], "", fails: "app-insights query", good: "0");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("ERROR: told to fail\nerror: no good cycle in 0 minutes", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--group", 2, "needs a value")]
    [InlineData("--grup x", 2, "there is no option")]
    [InlineData("--environment staging", 2, "staging.bicepparam")]
    [InlineData("--app btc", 2, "app.btc.prod.bicepparam")]
    [InlineData("--phase 3", 2, "--phase is 1 or 2")]
    [InlineData("--phase 12", 2, "--phase is 1 or 2")]
    [InlineData("--package nothing.zip", 2, "functions/publish nothing.zip")]
    public void Wrong_use_is_one_line_and_a_hint(string more, int code, string text)
    {
        var run = Deploy(more.Split(' '), "");
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(text, run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(az.Calls);
    }

    [Fact]
    public void The_query_for_a_good_cycle_is_one()
    {
        var script = File.ReadAllText(Path.Combine(Bicep.Folder, "deploy"));
        var query = script[(script.IndexOf("--analytics-query '", StringComparison.Ordinal) + "--analytics-query '".Length)..].Split('\'')[0];
        Assert.StartsWith("traces | ", query, StringComparison.Ordinal);
        Assert.Equal("[]", Peer.Call("kusto", "problems", new JsonObject { ["query"] = query })!.ToJsonString());
    }

    [Fact]
    public void A_failed_phase_1_says_to_run_it_again()
    {
        var run = Deploy(["--yes"], "", fails: "create kms-platform");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error: platform failed; done before: validate platform; what would change: platform; what would change: app;\nhint: mend it and run the same command again\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vaultName", "1", "kms-platform")]
    [InlineData("walletEntryName", "1", "kms-app")]
    [InlineData("network", "1", "kms-app")]
    [InlineData("enabled", "2", "kms-app")]
    [InlineData("insightsName", "2", "kms-app")]
    public void An_output_that_cannot_be_read_ends_it_and_is_said(string output, string phase, string deployment)
    {
        var run = Deploy(["--yes", "--phase", phase], "", fails: "show " + deployment + " " + output);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"error: {output} of {deployment} cannot be read; done before: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: mend it and ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(output, az.Calls[^1], StringComparison.Ordinal);
        Assert.Empty(run.Output.Replace("+ a change\n", "", StringComparison.Ordinal));
    }

    [Theory, InlineData("true"), InlineData("false")]
    public void What_a_phase_sets_counts_above_the_parameter_file(string granted)
    {
        var run = Bicep.Call(["build-params", "app.prod.bicepparam", "--stdout"], ("BICEP_PARAMETERS_OVERRIDES", $$"""{"grantSecretAccess":{{granted}}}""")); // how az hands it to the compiler
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"\"value\": {granted}", JsonNode.Parse((string)JsonNode.Parse(run.Output)!["parametersJson"]!)!["parameters"]!["grantSecretAccess"]!.ToJsonString(new() { WriteIndented = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_file_that_leaves_the_phases_value_out_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(az.Folder, "copy"));
        foreach (var name in (string[])["deploy", "platform.prod.bicepparam", "app.prod.bicepparam"])
        {
            File.Copy(Path.Combine(Bicep.Folder, name), Path.Combine(az.Folder, "copy", name));
        }

        var file = Path.Combine(az.Folder, "copy", "app.prod.bicepparam");
        File.WriteAllText(file, File.ReadAllText(file).Replace("param grantSecretAccess = false\n", "", StringComparison.Ordinal));
        var run = az.Shell("exec \"$@\"", [Path.Combine(az.Folder, "copy", "deploy"), "--group", "kms-prod", "--environment", "prod"], "", az.Folder);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("error: app.prod.bicepparam does not set grantSecretAccess\nhint: add the line", run.Error, StringComparison.Ordinal);
        Assert.Empty(az.Calls);
    }

    [Fact]
    public void A_second_app_has_its_own_parameters_and_its_own_deployment()
    {
        Directory.CreateDirectory(Path.Combine(az.Folder, "copy"));
        foreach (var name in (string[])["deploy", "platform.prod.bicepparam", "app.prod.bicepparam"])
        {
            File.Copy(Path.Combine(Bicep.Folder, name), Path.Combine(az.Folder, "copy", name.Replace("app.", "app.btc.", StringComparison.Ordinal)));
        }

        var run = az.Shell("exec \"$@\"", [Path.Combine(az.Folder, "copy", "deploy"), "--group", "kms-prod", "--environment", "prod", "--app", "btc", "--yes", "--phase", "1"], "", az.Folder);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("deployment group create kms-app-btc grantSecretAccess=false", az.Calls);
        Assert.DoesNotContain(az.Calls, call => call.Split(' ').Contains("kms-app"));
        Assert.Contains("/app.btc.prod.bicepparam --parameters grantSecretAccess=false", az.Transcript, StringComparison.Ordinal);
        Assert.EndsWith("go on with: infra/deploy --group kms-prod --environment prod --app btc --phase 2\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Not_signed_in_is_said()
    {
        var run = Deploy([], "", fails: "account show");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("hint: az login", run.Error, StringComparison.Ordinal);
    }

    private Run Deploy(IEnumerable<string> more, string input, string fails = "nothing fails", string good = AzDouble.Later, (string Name, string Value)[]? words = null)
    {
        az.Fails = fails;
        az.Answers["query"] = good;
        foreach (var (name, value) in words ?? [])
        {
            az.Answers[name] = value;
        }

        return az.Shell("exec \"$@\"", [Path.Combine(Bicep.Folder, "deploy"), "--group", "kms-prod", "--environment", "prod", .. more], input, az.Folder);
    }
}
