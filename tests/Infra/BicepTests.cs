using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Infra;

/// <summary>The templates under infra/: each file parses, and the security properties are in them. Read with tree-sitter-bicep.</summary>
public static partial class BicepTests
{
    /// <summary>What a resource of a type must say. A condition's branches do not occur: every value is a literal.</summary>
    private static readonly (string Type, string Path, string Value)[] Required =
    [
        ("Microsoft.Storage/storageAccounts", "properties.allowSharedKeyAccess", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.allowBlobPublicAccess", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.allowCrossTenantReplication", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.publicNetworkAccess", "Disabled"),
        ("Microsoft.Storage/storageAccounts", "properties.networkAcls.defaultAction", "Deny"),
        ("Microsoft.Storage/storageAccounts", "properties.minimumTlsVersion", "TLS1_2"),
        ("Microsoft.Storage/storageAccounts", "properties.supportsHttpsTrafficOnly", "true"),
        ("Microsoft.Storage/storageAccounts", "properties.isLocalUserEnabled", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.encryption.requireInfrastructureEncryption", "true"),
        ("Microsoft.Storage/storageAccounts/blobServices", "properties.deleteRetentionPolicy.enabled", "true"),
        ("Microsoft.Storage/storageAccounts/blobServices", "properties.containerDeleteRetentionPolicy.enabled", "true"),
        ("Microsoft.Storage/storageAccounts/blobServices/containers", "properties.publicAccess", "None"),
        ("Microsoft.KeyVault/vaults", "properties.enableRbacAuthorization", "true"),
        ("Microsoft.KeyVault/vaults", "properties.enablePurgeProtection", "true"),
        ("Microsoft.KeyVault/vaults", "properties.softDeleteRetentionInDays", "90"),
        ("Microsoft.KeyVault/vaults", "properties.publicNetworkAccess", "Disabled"),
        ("Microsoft.KeyVault/vaults", "properties.networkAcls.defaultAction", "Deny"),
        ("Microsoft.KeyVault/vaults", "properties.enabledForTemplateDeployment", "false"),
        ("Microsoft.KeyVault/vaults/keys", "properties.kty", "RSA-HSM"),
        ("Microsoft.Web/sites", "properties.httpsOnly", "true"),
        ("Microsoft.Web/sites", "properties.publicNetworkAccess", "Disabled"),
        ("Microsoft.Web/sites", "properties.outboundVnetRouting.allTraffic", "true"),
        ("Microsoft.Web/sites", "properties.functionAppConfig.runtime.name", "dotnet-isolated"),
        ("Microsoft.Web/sites", "properties.functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity"),
        ("Microsoft.Web/sites", "properties.siteConfig.minTlsVersion", "1.2"),
        ("Microsoft.Web/sites", "properties.siteConfig.scmMinTlsVersion", "1.2"),
        ("Microsoft.Web/sites", "identity.type", "UserAssigned"),
        ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "properties.allow", "false"),
        ("Microsoft.OperationalInsights/workspaces", "properties.features.disableLocalAuth", "true"),
        ("Microsoft.Insights/components", "properties.DisableLocalAuth", "true"),
        ("Microsoft.Network/firewallPolicies", "properties.threatIntelMode", "Deny"),
        ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "properties.registrationEnabled", "false"),
        ("Microsoft.Authorization/roleAssignments", "properties.principalType", "ServicePrincipal"),
        ("Microsoft.Authorization/locks", "properties.level", "CanNotDelete"),
    ];

    private static readonly string[] Roles = ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "974c5e8b-45b9-4653-ba55-5f855dd0fb88", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "4633458b-17de-408a-b874-0445c86b69e6", "3913510d-42f4-4e42-8a64-420c390055eb", "e147488a-f6f5-4113-8e2d-b22465e65bf6"];

    [Fact]
    public static void Every_file_parses()
    {
        Assert.True(BicepFiles.All.Count >= 10);
        Assert.All(BicepFiles.All, file => Assert.Empty(file.Value["problems"]!.AsArray().Select(problem => $"{file.Key}: {problem}")));
        Assert.NotEmpty(Peer.Call("bicep", "parses", new JsonObject { ["text"] = "resource x 'A/b@1' = {\n  name: 'x'\n" })!.AsArray()); // the parser can fail
    }

    [Fact]
    public static void Every_required_property_is_set()
    {
        var resources = BicepFiles.Resources.ToList();
        foreach (var (type, path, value) in Required)
        {
            var fitting = resources.Where(item => BicepFiles.TypeOf(item.Resource) == type).ToList();
            Assert.NotEmpty(fitting);
            Assert.All(fitting, item => Assert.True(BicepFiles.At(item.Resource, path) == value, $"{item.File}: {item.Resource["name"]} {path} is {BicepFiles.At(item.Resource, path) ?? "missing"}, not {value}"));
        }
    }

    [Fact]
    public static void Wallet_storage_keeps_every_version()
    {
        var wallet = BicepFiles.Resources.Where(item => item.File == "walletstorage.bicep").Select(item => item.Resource).ToList();
        Assert.Equal("true", BicepFiles.At(wallet.Single(item => BicepFiles.TypeOf(item) == "Microsoft.Storage/storageAccounts/blobServices"), "properties.isVersioningEnabled"));
        Assert.Equal("true", BicepFiles.At(wallet.Single(item => item["name"]!.GetValue<string>() == "walletContainer"), "properties.immutableStorageWithVersioning.enabled"));
        Assert.Contains(wallet, item => BicepFiles.TypeOf(item).EndsWith("/immutabilityPolicies", StringComparison.Ordinal));
    }

    [Fact]
    public static void No_secret_is_a_parameter_an_output_or_a_setting()
    {
        foreach (var (path, file) in BicepFiles.All)
        {
            var text = File.ReadAllText(path);
            Assert.DoesNotMatch("(?i)listKeys|listAccountSas|AccountKey=|SharedAccessSignature|accessPolicies", text);
            Assert.All(file["params"]!.AsArray(), param =>
            {
                Assert.Contains("@description(", param!["notes"]!.GetValue<string>(), StringComparison.Ordinal);
                if (SecretName().IsMatch(param["name"]!.GetValue<string>()))
                {
                    // names of secrets, not secrets: nothing else may be called like one without @secure()
                    Assert.True(param["name"]!.GetValue<string>() is "walletPasswordName" or "apiKeyName" or "grantSecretAccess" || param["notes"]!.GetValue<string>().Contains("@secure()", StringComparison.Ordinal));
                }
            });
            Assert.All(file["outputs"]!.AsArray(), output => Assert.DoesNotMatch(SecretName(), output!["name"]!.GetValue<string>()));
            Assert.DoesNotMatch("'[^']*(core\\.windows\\.net|vault\\.azure\\.net)", text); // the cloud's names come from environment()
        }
    }

    [Fact]
    public static void Every_parameter_is_used_and_every_module_gets_what_it_needs()
    {
        foreach (var (path, file) in BicepFiles.All)
        {
            var used = file["identifiers"]!.AsArray().Select(name => name!.GetValue<string>()).GroupBy(name => name).ToDictionary(group => group.Key, group => group.Count());
            Assert.All(file["params"]!.AsArray(), param => Assert.True(used[param!["name"]!.GetValue<string>()] > 1, $"{path}: {param["name"]} is not used"));
            foreach (var module in file["modules"]!.AsArray())
            {
                var target = BicepFiles.All[Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, module!["file"]!.GetValue<string>()))];
                var given = module["body"]!["params"]!.AsObject().Select(member => member.Key).ToHashSet();
                Assert.Subset(target["params"]!.AsArray().Select(param => param!["name"]!.GetValue<string>()).ToHashSet(), given);
                Assert.Superset(target["params"]!.AsArray().Where(param => !param!["hasDefault"]!.GetValue<bool>()).Select(param => param!["name"]!.GetValue<string>()).ToHashSet(), given);
            }
        }
    }

    [Fact]
    public static void Roles_are_few_and_never_on_a_group()
    {
        var roles = BicepFiles.Resources.Where(item => BicepFiles.TypeOf(item.Resource) == "Microsoft.Authorization/roleAssignments").ToList();
        Assert.Equal(Roles.Length, roles.Count);
        Assert.All(roles, item =>
        {
            Assert.Matches(@"^=guid\(\w+\.id, (principalId|storagePrincipalId), '[0-9a-f-]{36}'\)$", item.Resource["body"]!["name"]!.GetValue<string>());
            Assert.Contains(Roles, role => BicepFiles.At(item.Resource, "properties.roleDefinitionId")!.Contains(role, StringComparison.Ordinal));
            Assert.DoesNotContain("resourceGroup", item.Resource["body"]!["scope"]!.GetValue<string>(), StringComparison.Ordinal);
        });
        Assert.Contains(roles, item => item.Resource["body"]!["scope"]!.GetValue<string>() == "=walletContainer");
        Assert.Contains(roles, item => item.Resource["body"]!["scope"]!.GetValue<string>() == "=entry");
    }

    [Fact]
    public static void Subnets_deny_what_is_not_allowed()
    {
        var groups = BicepFiles.Resources.Where(item => BicepFiles.TypeOf(item.Resource) == "Microsoft.Network/networkSecurityGroups").ToList();
        Assert.Equal(2, groups.Count);
        foreach (var (_, group) in groups)
        {
            var rules = group["body"]!["properties"]!["securityRules"]!.AsArray().Select(rule => rule!["properties"]!).ToList();
            Assert.Equal(rules.Count, rules.Select(rule => $"{rule["direction"]} {rule["priority"]}").Distinct().Count());
            Assert.Equal(2, rules.Count(rule => rule["priority"]!.GetValue<int>() == 4096 && rule["access"]!.GetValue<string>() == "Deny" && rule["destinationAddressPrefix"]!.GetValue<string>() == "*"));
            Assert.DoesNotContain(rules, rule => rule["direction"]!.GetValue<string>() == "Inbound" && rule["access"]!.GetValue<string>() == "Allow" && rule["sourceAddressPrefix"]?.GetValue<string>() is "*" or "Internet");
        }

        var subnets = BicepFiles.Resources.Single(item => BicepFiles.TypeOf(item.Resource) == "Microsoft.Network/virtualNetworks").Resource["body"]!["properties"]!["subnets"]!.AsArray();
        Assert.All(subnets, subnet => Assert.False(subnet!["properties"]!["defaultOutboundAccess"]!.GetValue<bool>()));
    }

    [Fact]
    public static void Every_alert_reaches_somebody()
    {
        var rules = BicepFiles.Resources.Where(item => item.File == "alerts.bicep").ToList();
        Assert.Equal(16, rules.Count);
        Assert.All(rules, item => Assert.Contains("actionGroupId", item.Resource["body"]!["properties"]!["actions"]!.ToJsonString(), StringComparison.Ordinal));
        Assert.Contains(BicepFiles.Resources, item => BicepFiles.TypeOf(item.Resource) == "Microsoft.Consumption/budgets");
    }

    [Theory]
    [InlineData("main.dev.bicepparam")]
    [InlineData("main.prod.bicepparam")]
    public static void Parameter_files_fit_the_template(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(BicepFiles.Folder, file));
        Assert.Equal("using 'main.bicep'", lines[0]);
        var given = lines.Select(line => ParamLine().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToHashSet();
        var main = BicepFiles.All[Path.Combine(BicepFiles.Folder, "main.bicep")]["params"]!.AsArray();
        Assert.Subset(main.Select(param => param!["name"]!.GetValue<string>()).ToHashSet(), given);
        Assert.Superset(main.Where(param => !param!["hasDefault"]!.GetValue<bool>()).Select(param => param!["name"]!.GetValue<string>()).ToHashSet(), given);
        foreach (var (name, literal) in lines.Select(line => ParamLiteral().Match(line)).Where(match => match.Success).Select(match => (match.Groups[1].Value, match.Groups[2].Value)))
        {
            var notes = main.Single(param => BicepFiles.NameOf(param!) == name)!["notes"]!.GetValue<string>();
            var allowed = notes.Contains("@allowed(", StringComparison.Ordinal) ? Quoted().Matches(notes[notes.IndexOf("@allowed(", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value) : [literal];
            Assert.Contains(literal, allowed);
            Assert.InRange(literal.Length, Bound(notes, "minLength", 0), Bound(notes, "maxLength", 1000));
        }
    }

    [GeneratedRegex("(?i)password|secret|apikey|token$")]
    private static partial Regex SecretName();

    private static int Bound(string notes, string name, int otherwise) =>
        Regex.Match(notes, $@"@{name}\(([0-9]+)\)") is { Success: true } match ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

    [GeneratedRegex("^param ([A-Za-z]+) = '([^']*)'$")]
    private static partial Regex ParamLiteral();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("^param ([A-Za-z]+) =")]
    private static partial Regex ParamLine();
}
