using System.Globalization;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>infra/README.md: each runbook is a numbered list, and each of its commands is one that there is.</summary>
public sealed partial class RunbookTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Bicep.Folder, "README.md"));

    /// <summary>What issue 19 asks for, and what came with it.</summary>
    private static readonly string[] Asked =
    [
        "First deployment from nothing", "Upload of wallet.dat with private endpoints only", "Rotate the password", "Rotate the API key", "Rotate the storage key", "New version", "Another app on the platform", "Roll back",
        "Stop and resume", "Restore wallet.dat from a version", "Region lost", "Tear down", "Costs",
    ];

    /// <summary>Verbs of az and what each takes, from the reference of the Azure CLI.</summary>
    private static readonly Dictionary<string, string> Az = new()
    {
        ["login"] = "",
        ["account show"] = "query output",
        ["account set"] = "subscription",
        ["bicep install"] = "version",
        ["group create"] = "name location tags",
        ["group show"] = "name output",
        ["group delete"] = "name yes no-wait",
        ["provider register"] = "namespace wait",
        ["deployment group show"] = "resource-group name query output",
        ["deployment group validate"] = "resource-group name parameters output",
        ["deployment group what-if"] = "resource-group name parameters",
        ["deployment group create"] = "resource-group name parameters output",
        ["extension add"] = "name",
        ["functionapp restart"] = "resource-group name",
        ["functionapp deployment source config-zip"] = "resource-group name src output",
        ["keyvault secret set"] = "vault-name name file encoding",
        ["keyvault secret download"] = "vault-name name version file encoding",
        ["keyvault secret list-versions"] = "vault-name name query output",
        ["keyvault secret set-attributes"] = "vault-name name version enabled",
        ["keyvault key rotate"] = "vault-name name",
        ["lock delete"] = "name resource-group resource-type resource-name",
        ["monitor app-insights query"] = "resource-group apps offset query output analytics-query",
        ["network vnet peering create"] = "resource-group vnet-name name remote-vnet allow-vnet-access",
        ["network private-endpoint create"] = "resource-group name vnet-name subnet private-connection-resource-id group-id connection-name",
        ["network private-endpoint dns-zone-group create"] = "resource-group endpoint-name name private-dns-zone zone-name",
        ["role assignment create"] = "assignee role scope",
        ["role assignment delete"] = "assignee role scope",
        ["storage account failover"] = "resource-group name yes",
        ["storage blob download"] = "auth-mode account-name container-name name version-id file",
        ["storage blob download-batch"] = "auth-mode account-name source pattern destination",
        ["storage blob delete"] = "auth-mode account-name container-name name",
        ["storage blob list"] = "auth-mode account-name container-name prefix include query output",
        ["storage blob upload"] = "auth-mode account-name container-name name file overwrite type",
        ["storage container immutability-policy show"] = "account-name container-name query output",
        ["storage container immutability-policy lock"] = "account-name container-name if-match",
    };

    private static readonly string[] Others = ["cat", "cd", "cp", "export", "git", "mkdir", "nslookup", "openssl", "printf", "read", "sha256sum", "shred", "tr", "umask", "zip"];

    public static TheoryData<string> Commands() => [.. Blocks(Page).Concat(Blocks(Cloud())).SelectMany(Split).Distinct()];

    [Fact]
    public static void Every_runbook_is_there_and_a_list_that_counts_from_one()
    {
        var runbooks = Runbooks();
        Assert.Equal(Asked, runbooks.Select(runbook => runbook.Title));
        Assert.All(runbooks.Where(runbook => runbook.Title != "Costs"), runbook =>
        {
            var numbers = Step().Matches(runbook.Text).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(Enumerable.Range(1, Math.Max(1, numbers.Count)), numbers);
            Assert.NotEmpty(Blocks(runbook.Text));
        });
    }

    [Theory, MemberData(nameof(Commands))]
    public static void Every_command_is_one_that_there_is(string command)
    {
        var words = Words(command);
        switch (words[0])
        {
            case "kms":
                Assert.Empty(KmsCloud.Cli.Program.CreateRoot().Parse(words[1..]).Errors.Select(error => error.Message));
                break;
            case "az":
                CheckAz(words[1..]);
                break;
            case "infra/deploy":
                var usage = Run.Program(Path.Combine(Bicep.Folder, "deploy"), ["--help"]).Output;
                Assert.All(words[1..].Where(word => word.StartsWith("--", StringComparison.Ordinal)), option => Assert.Contains($"\n  {option} ", usage.Replace("usage: infra/deploy --group GROUP --environment ENV", "", StringComparison.Ordinal), StringComparison.Ordinal));
                Assert.True(File.Exists(Path.Combine(Bicep.Folder, $"platform.{words[Array.IndexOf(words, "--environment") + 1]}.bicepparam")));
                break;
            case "functions/publish":
                Assert.True(File.Exists(Path.Combine(CloudWorld.Repository, words[0])));
                break;
            default:
                Assert.Contains(words[0], Others);
                break;
        }
    }

    [Fact]
    public static void What_infra_deploy_calls_is_in_the_reference_too()
    {
        var calls = Directory.GetFiles(Path.Combine(CloudWorld.Repository, "tests", "Infra", "Transcripts")).SelectMany(File.ReadLines).Where(line => line.StartsWith("  $ az ", StringComparison.Ordinal)).Distinct().ToList();
        Assert.True(calls.Count > 20);
        Assert.All(calls, call => CheckAz(Words(call.Trim())[2..]));
    }

    [Fact]
    public static void What_is_wrong_is_seen()
    {
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Every_command_is_one_that_there_is("kms freze --state x"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Every_command_is_one_that_there_is("kms freeze --sate x"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Every_command_is_one_that_there_is("az storage blob upload --account ACCOUNT"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Every_command_is_one_that_there_is("az storage blob upload --account-name ACCOUNT --container-name wallet"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Every_command_is_one_that_there_is("az deployment group show --query properties.outputs.nothing.value"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Every_command_is_one_that_there_is("infra/deploy --environment prod --phases 2"));
    }

    [Fact]
    public static void Parameters_outputs_and_alerts_that_are_named_are_there()
    {
        var there = string.Concat(Directory.GetFiles(Bicep.Folder, "*.bicep", SearchOption.AllDirectories).Select(File.ReadAllText)) + File.ReadAllText(Path.Combine(Bicep.Folder, "modules", "function.bicep"));
        var set = Assignment().Matches(Page).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(set.Count > 1);
        Assert.All(set, name => Assert.Contains($"\nparam {name} ", there, StringComparison.Ordinal));
        Assert.All(Camel().Matches(Page[..Page.IndexOf("## Declined for now", StringComparison.Ordinal)]).Select(match => match.Groups[1].Value).Distinct(), name => Assert.Contains(name, there, StringComparison.Ordinal));
        Assert.All(AlertName().Matches(Page[Page.IndexOf("# Runbooks", StringComparison.Ordinal)..]).Select(match => match.Value), name => Assert.Contains($"name: '{name}'", there, StringComparison.Ordinal));
    }

    [Fact]
    public static void Costs_count_what_is_deployed_and_add_up()
    {
        var rows = Runbooks().Single(runbook => runbook.Title == "Costs").Text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| item", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..4]).ToList();
        for (var column = 1; column <= 2; column++)
        {
            Assert.Equal(int.Parse(rows[^1][column], CultureInfo.InvariantCulture), rows[..^1].Sum(row => int.Parse(row[column], CultureInfo.InvariantCulture)));
            var environment = column == 1 ? "prod" : "dev";
            var budget = int.Parse(Assert.Single(Bicep.OfType(environment, "Microsoft.Consumption/budgets")).At("properties.amount")!, CultureInfo.InvariantCulture);
            Assert.InRange(int.Parse(rows[^1][column], CultureInfo.InvariantCulture), budget / 2, budget);
        }

        string Item(string about) => rows.Single(row => row[0].StartsWith(about, StringComparison.Ordinal))[0];
        int Count(string environment, string type) => Bicep.OfType(environment, type).Count();
        Assert.Contains($": {Count("prod", "Microsoft.Network/privateEndpoints")} ({Count("dev", "Microsoft.Network/privateEndpoints")} ", Item("private endpoints"), StringComparison.Ordinal);
        Assert.Contains($": {Count("prod", "Microsoft.Network/privateDnsZones")}, or {Count("dev", "Microsoft.Network/privateDnsZones")}, ", Item("private DNS zones"), StringComparison.Ordinal);
        Assert.Contains($": {Count("prod", "Microsoft.Insights/scheduledQueryRules")} at", Item("log alerts"), StringComparison.Ordinal);
    }

    [Fact]
    public static void All_faults_of_the_review_have_their_row()
    {
        var rows = Page[Page.IndexOf("## The faults of the first version", StringComparison.Ordinal)..Page.IndexOf("## Declined for now", StringComparison.Ordinal)].Split('\n').Where(line => line.StartsWith("| F", StringComparison.Ordinal)).ToList();
        Assert.All(rows, row => Assert.True(row.Split('|')[2].Trim().Length > 5, row));
        Assert.Equal(Enumerable.Range(1, 28), rows.SelectMany(row => Fault().Matches(row.Split('|')[1])).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.Contains($"{Bicep.OfType("prod", "Microsoft.Insights/activityLogAlerts").Count()} activity-log rules", Page, StringComparison.Ordinal);
    }

    [Fact]
    public static void The_compilers_checks_are_counted()
    {
        var (templates, deployments) = (BicepCompilerTests.Templates().Count, BicepCompilerTests.Deployments().Count);
        Assert.Contains($"\n{templates + deployments + 2} tests with {(2 * templates) + (2 * deployments) + 2} runs of the compiler take ", Page, StringComparison.Ordinal); // all files' form, and what is wrong
    }

    [Fact]
    public static void The_placeholder_is_off_for_the_reason_that_is_given()
    {
        const string Setting = "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED";
        Assert.All(Bicep.Environments, environment => Assert.Equal("0", Assert.Single(Bicep.OfType(environment, "Microsoft.Web/sites/config")).At("properties." + Setting)));
        Assert.Matches($"`{Setting}` is `0`[^#]*SIGSEGV[^#]*issue 3335", Page);
        Assert.Contains("issue 3335", File.ReadLines(Path.Combine(CloudWorld.Repository, "docs", "azure.md")).Single(line => line.StartsWith($"| `{Setting}`", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private static void CheckAz(string[] words)
    {
        var first = Array.FindIndex(words, word => word.StartsWith("--", StringComparison.Ordinal));
        var verb = string.Join(' ', first < 0 ? words : words[..first]);
        Assert.True(Az.TryGetValue(verb, out var options), $"az {verb}");
        for (var at = Math.Max(0, first); first >= 0 && at < words.Length; at++)
        {
            if (!words[at].StartsWith("--", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.Contains(words[at][2..], options!.Split(' '));
            CheckValue(verb, words[at], at + 1 < words.Length ? words[at + 1] : "");
        }
    }

    /// <summary>A name that is not the reader's own is one of what is deployed.</summary>
    private static void CheckValue(string verb, string option, string value)
    {
        if (Own().IsMatch(value))
        {
            return;
        }

        var resources = Bicep.Resources("prod").Select(resource => resource.Name.Split('/')[^1]).ToHashSet();
        switch (verb, option)
        {
            case (_, "--container-name" or "--source" or "--destination-container"):
            case ("lock delete" or "keyvault key rotate", "--name"):
                Assert.Contains(value, resources);
                break;
            case (_, "--vnet-name"):
                Assert.Contains(value, resources);
                break;
            case (_, "--subnet"):
                Assert.Contains($"\"name\": \"{value}\"", File.ReadAllText(Path.Combine(Bicep.Folder, "platform.prod.snapshot.json")), StringComparison.Ordinal);
                break;
            case (_, "--private-dns-zone"):
                Assert.Contains(value, Bicep.OfType("prod", "Microsoft.Network/privateDnsZones").Select(zone => ArmText.Of(zone.Name).Replace("‹environment›", "core.windows.net", StringComparison.Ordinal)));
                break;
            case (_, "--resource-type"):
                Assert.NotEmpty(Bicep.OfType("prod", value));
                break;
            case (_, "--namespace"):
                Assert.Contains(Bicep.Resources("prod"), resource => resource.Type.StartsWith(value + "/", StringComparison.Ordinal) || value == "Microsoft.App"); // whose subnets the plan's instances live in
                break;
            case ("keyvault secret set" or "keyvault secret download" or "keyvault secret list-versions" or "keyvault secret set-attributes", "--name"):
                Assert.Contains($"EntryName string = '{value}'", File.ReadAllText(Path.Combine(Bicep.Folder, "app.bicep")).Replace("EntryName string = ''", "EntryName string = 'kms-approval'", StringComparison.Ordinal), StringComparison.Ordinal);
                break;
            case (_, "--query") when value.StartsWith("properties.outputs.", StringComparison.Ordinal):
                Assert.Contains($"\noutput {value.Split('.')[2]} ", File.ReadAllText(Path.Combine(Bicep.Folder, "platform.bicep")) + File.ReadAllText(Path.Combine(Bicep.Folder, "app.bicep")), StringComparison.Ordinal);
                break;
            default:
                break;
        }
    }

    private static string Cloud()
    {
        var text = File.ReadAllText(Path.Combine(CloudWorld.Repository, "docs", "cloud.md"));
        return text[text.IndexOf("## An operator's copy", StringComparison.Ordinal)..text.IndexOf("## Scale out", StringComparison.Ordinal)];
    }

    private static List<(string Title, string Text)> Runbooks() =>
    [
        .. Page[Page.IndexOf("# Runbooks\n", StringComparison.Ordinal)..Page.IndexOf("# Decisions\n", StringComparison.Ordinal)].Split("\n## ")[1..].Select(text => (text[..text.IndexOf('\n', StringComparison.Ordinal)], text)),
    ];

    private static IEnumerable<string> Blocks(string text) => Fence().Matches(text).Select(match => match.Groups[1].Value);

    /// <summary>The commands of a block: a line's parts, without brackets around them.</summary>
    private static IEnumerable<string> Split(string block) =>
        block.Split('\n').SelectMany(line => Between().Split(line)).Select(part => part.Trim().TrimStart('(').TrimEnd(')')).Where(part => part.Length > 0);

    private static string[] Words(string command) => [.. Word().Matches(command).Select(match => match.Value.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal)).TakeWhile(word => word != ">")];

    [GeneratedRegex("^ *```\n(.*?)^ *```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@" && | \| |; ")]
    private static partial Regex Between();

    [GeneratedRegex("(?:[^\\s\"']|\"[^\"]*\"|'[^']*')+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^([0-9]+)\. ", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex("^[A-Z][A-Z0-9-]+(/.*)?$")]
    private static partial Regex Own();

    [GeneratedRegex("`([a-zA-Z]+) = [^`]+`")]
    private static partial Regex Assignment();

    [GeneratedRegex("`([a-z]+[A-Z][A-Za-z]+)`")]
    private static partial Regex Camel();

    [GeneratedRegex(@"\b(vault|wallet|state|package)(Changed|Others|Deleted|Denied)\b")]
    private static partial Regex AlertName();

    [GeneratedRegex("F([0-9]+)")]
    private static partial Regex Fault();
}
