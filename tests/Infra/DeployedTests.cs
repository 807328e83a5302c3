using System.Text.RegularExpressions;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>What the two templates deploy with the example parameters, held against what must be so.</summary>
public static partial class DeployedTests
{
    /// <summary>What every resource of a type says.</summary>
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
        ("Microsoft.Web/sites", "properties.functionAppConfig.runtime.name", "dotnet-isolated"),
        ("Microsoft.Web/sites", "properties.functionAppConfig.runtime.version", "10.0"),
        ("Microsoft.Web/sites", "properties.functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity"),
        ("Microsoft.Web/sites", "properties.siteConfig.minTlsVersion", "1.2"),
        ("Microsoft.Web/sites", "properties.siteConfig.scmMinTlsVersion", "1.2"),
        ("Microsoft.Web/sites", "identity.type", "UserAssigned"),
        ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "properties.allow", "false"),
        ("Microsoft.OperationalInsights/workspaces", "properties.features.disableLocalAuth", "true"),
        ("Microsoft.Insights/components", "properties.DisableLocalAuth", "true"),
        ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "properties.registrationEnabled", "false"),
        ("Microsoft.Authorization/roleAssignments", "properties.principalType", "ServicePrincipal"),
        ("Microsoft.Authorization/locks", "properties.level", "CanNotDelete"),
    ];

    private static readonly string[] Diagnosable =
    [
        "Microsoft.KeyVault/vaults", "Microsoft.Web/sites", "Microsoft.Storage/storageAccounts/blobServices", "Microsoft.Storage/storageAccounts/queueServices",
        "Microsoft.Network/azureFirewalls", "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/virtualNetworks", "Microsoft.OperationalInsights/workspaces",
    ];

    public static TheoryData<string> Environments() => [.. Bicep.Environments];

    [Theory, MemberData(nameof(Environments))]
    public static void Every_required_property_is_set(string environment)
    {
        foreach (var (type, path, value) in Required)
        {
            var fitting = Bicep.OfType(environment, type).ToList();
            Assert.NotEmpty(fitting);
            Assert.All(fitting, resource => Assert.True(resource.At(path) == value, $"{resource.Name} {path} is {resource.At(path) ?? "missing"}, not {value}"));
        }
    }

    [Fact]
    public static void Production_has_a_firewall_that_denies_what_is_known_as_bad() =>
        Assert.Equal("Deny", Assert.Single(Bicep.OfType("prod", "Microsoft.Network/firewallPolicies")).At("properties.threatIntelMode"));

    [Theory, MemberData(nameof(Environments))]
    public static void Wallet_storage_keeps_every_version_under_a_rotating_key_of_the_customers(string environment)
    {
        var account = Bicep.OfType(environment, "Microsoft.Storage/storageAccounts").Single(resource => resource.Template == "platform");
        Assert.Equal("Microsoft.Keyvault", account.At("properties.encryption.keySource"));
        Assert.Null(account.At("properties.encryption.keyvaultproperties.keyversion")); // the newest is used
        var service = Bicep.OfType(environment, "Microsoft.Storage/storageAccounts/blobServices").Single(resource => resource.Template == "platform");
        Assert.Equal("true", service.At("properties.isVersioningEnabled"));
        Assert.Equal("true", Bicep.Resources(environment).Single(resource => resource.Name.EndsWith("/kms-wallet", StringComparison.Ordinal)).At("properties.immutableStorageWithVersioning.enabled"));
        Assert.Single(Bicep.OfType(environment, "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"));
        var key = Assert.Single(Bicep.OfType(environment, "Microsoft.KeyVault/vaults/keys"));
        Assert.Equal("""["wrapKey","unwrapKey"]""", key.At("properties.keyOps"));
        Assert.Contains("rotate", key.At("properties.rotationPolicy.lifetimeActions"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Environments))]
    public static void Roles_are_few_and_never_on_a_group(string environment)
    {
        var roles = Bicep.OfType(environment, "Microsoft.Authorization/roleAssignments").ToList();
        Assert.InRange(roles.Count, 6, 8);
        Assert.All(roles, role => Assert.Matches("/providers/Microsoft\\.(Storage|KeyVault|Insights)/.+/providers/Microsoft\\.Authorization/roleAssignments/", role.Id));
        Assert.Contains(roles, role => role.Id.Contains("/containers/kms-wallet/", StringComparison.Ordinal) && role.At("properties.roleDefinitionId")!.EndsWith("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", StringComparison.Ordinal)); // reads
        Assert.Contains(roles, role => role.Id.Contains("/containers/kms-state/", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Environments))]
    public static void Subnets_deny_what_is_not_allowed(string environment)
    {
        foreach (var group in Bicep.OfType(environment, "Microsoft.Network/networkSecurityGroups"))
        {
            var rules = group.Json["properties"]!["securityRules"]!.AsArray().Select(rule => rule!["properties"]!).ToList();
            Assert.Equal(rules.Count, rules.Select(rule => $"{rule["direction"]} {rule["priority"]}").Distinct().Count());
            Assert.Equal(2, rules.Count(rule => rule["priority"]!.GetValue<int>() == 4096 && (string)rule["access"]! == "Deny" && (string)rule["destinationAddressPrefix"]! == "*"));
            Assert.DoesNotContain(rules, rule => (string)rule["direction"]! == "Inbound" && (string)rule["access"]! == "Allow" && (string?)rule["sourceAddressPrefix"] is "*" or "Internet");
        }

        var subnets = Assert.Single(Bicep.OfType(environment, "Microsoft.Network/virtualNetworks")).Json["properties"]!["subnets"]!.AsArray();
        Assert.All(subnets, subnet => Assert.False(subnet!["properties"]!["defaultOutboundAccess"]!.GetValue<bool>()));
    }

    [Fact]
    public static void With_a_firewall_the_default_route_is_in_the_table_itself()
    {
        var route = Assert.Single(Assert.Single(Bicep.OfType("prod", "Microsoft.Network/routeTables")).Json["properties"]!["routes"]!.AsArray())!["properties"]!;
        Assert.Equal("0.0.0.0/0", (string)route["addressPrefix"]!);
        Assert.Equal("VirtualAppliance", (string)route["nextHopType"]!);
    }

    [Theory, MemberData(nameof(Environments))]
    public static void Every_resource_that_can_has_diagnostics(string environment)
    {
        var diagnosed = Bicep.OfType(environment, "Microsoft.Insights/diagnosticSettings").Select(resource => resource.Id.Split("/providers/Microsoft.Insights/")[0]).ToHashSet();
        Assert.All(Bicep.Resources(environment).Where(resource => Diagnosable.Contains(resource.Type)), resource => Assert.Contains(resource.Id, diagnosed));
    }

    [Theory, MemberData(nameof(Environments))]
    public static void Every_private_endpoint_has_its_zone(string environment)
    {
        var endpoints = Bicep.OfType(environment, "Microsoft.Network/privateEndpoints").Select(resource => resource.Name).ToList();
        Assert.Equal(endpoints.Order(), Bicep.OfType(environment, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Select(resource => resource.Name.Split('/')[0]).Order());
        foreach (var wanted in new[] { "-pe-site", "-pe-host-blob", "-pe-host-queue", "-pe-vault", "-pe-wallet-blob" })
        {
            Assert.Contains(endpoints, name => name.EndsWith(wanted, StringComparison.Ordinal));
        }

        var zones = Bicep.OfType(environment, "Microsoft.Network/privateDnsZones").Select(resource => ArmText.Of(resource.Name)).ToList();
        Assert.Contains("privatelink.azurewebsites.net", zones);
        var links = Bicep.OfType(environment, "Microsoft.Network/privateDnsZones/virtualNetworkLinks").Select(resource => ArmText.Of(resource.Name).Split('/')[0]).ToHashSet();
        Assert.All(zones, zone => Assert.Contains(zone, links));
        Assert.DoesNotContain(Bicep.OfType(environment, "Microsoft.Insights/diagnosticSettings"), resource => resource.Id.Contains("/natGateways/", StringComparison.Ordinal)); // has no metric that can be exported
    }

    [Fact]
    public static void Telemetry_of_the_operators_networks_does_not_go_through_our_link_scope()
    {
        var links = Bicep.OfType("prod", "Microsoft.Network/privateDnsZones/virtualNetworkLinks").Where(link => link.At("properties.virtualNetwork.id")!.EndsWith("/operators", StringComparison.Ordinal)).Select(link => ArmText.Of(link.Name).Split('/')[0]).ToList();
        Assert.Equal(4, links.Count);
        Assert.All(links, zone => Assert.Matches("^privatelink\\.(vaultcore|blob|queue|azurewebsites)\\.", zone));
    }

    [Theory, MemberData(nameof(Environments))]
    public static void Locks_are_on_what_holds_keys(string environment)
    {
        var locked = Bicep.OfType(environment, "Microsoft.Authorization/locks").Select(resource => resource.Id.Split("/providers/Microsoft.Authorization/")[0]).ToList();
        Assert.Equal(environment == "prod" ? 2 : locked.Count, locked.Count);
        Assert.All(locked, id => Assert.Matches("Microsoft\\.(KeyVault/vaults|Storage/storageAccounts)/", id));
    }

    [Theory, MemberData(nameof(Environments))]
    public static void Everything_has_the_tags(string environment) =>
        Assert.All(Bicep.Resources(environment).Where(resource => resource.Json["tags"] is not null), resource => Assert.Equal("kmscloud", resource.At("tags.system")));

    [Theory, MemberData(nameof(Environments))]
    public static void Every_alert_reaches_somebody_and_has_a_runbook(string environment)
    {
        var page = File.ReadAllText(Path.Combine(CloudWorld.Repository, "docs", "azure.md"));
        var rules = Bicep.Resources(environment).Where(resource => resource.Type is "Microsoft.Insights/scheduledQueryRules" or "Microsoft.Insights/metricAlerts" or "Microsoft.Insights/activityLogAlerts").ToList();
        Assert.True(rules.Count > 30);
        Assert.All(rules, rule => Assert.Contains("actionGroup", rule.At("properties.actions"), StringComparison.OrdinalIgnoreCase));
        var links = rules.SelectMany(rule => Runbook().Matches(rule.Json.ToJsonString())).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(page.Split('\n').Any(line => line.StartsWith("### ", StringComparison.Ordinal) && line[4..].Equals(link, StringComparison.OrdinalIgnoreCase)), $"docs/azure.md has no runbook {link}"));
    }

    [Fact]
    public static void Every_alert_over_logs_has_the_severity_that_its_heading_says()
    {
        var page = File.ReadAllText(Path.Combine(CloudWorld.Repository, "docs", "azure.md"));
        var rules = Bicep.OfType("prod", "Microsoft.Insights/scheduledQueryRules").ToList();
        Assert.Equal(["0", "1", "2"], rules.Select(rule => rule.At("properties.severity")!).Distinct().Order());
        Assert.All(rules, rule =>
        {
            var said = Regex.Match(page, $"^### {rule.Name.Split('-')[^1]}\n[^(]*\\((?:severity )?([0-4])\\)", RegexOptions.Multiline);
            Assert.True(said.Success && said.Groups[1].Value == rule.At("properties.severity"), $"{rule.Name} {rule.At("properties.severity")}");
        });
    }

    [Theory, MemberData(nameof(Environments))]
    public static void An_operators_stop_is_a_parameter_and_no_secret_is_in_a_setting(string environment)
    {
        var settings = Assert.Single(Bicep.OfType(environment, "Microsoft.Web/sites/config")).Json["properties"]!.AsObject();
        Assert.Equal("true", (string)settings["KMS_ENABLED"]!);
        Assert.Equal("0", (string)settings["DOTNET_EnableDiagnostics"]!);
        Assert.DoesNotContain(settings, setting => setting.Key is "FUNCTIONS_WORKER_RUNTIME" or "FUNCTIONS_EXTENSION_VERSION" or "WEBSITE_RUN_FROM_PACKAGE" or "WEBSITE_VNET_ROUTE_ALL"); // Flex refuses them
        Assert.DoesNotMatch("(?i)AccountKey=|SharedAccessSignature|listKeys", settings.ToJsonString());
        Assert.All(settings.Where(setting => SecretName().IsMatch(setting.Key)), setting => Assert.StartsWith("[format('@Microsoft.KeyVault(", (string)setting.Value!, StringComparison.Ordinal));
        var functions = ((string[])[CloudWorld.Built, CloudWorld.BuiltQueue]).Select(folder => File.ReadAllText(Path.Combine(folder, "functions.metadata"))).ToList();
        Assert.All(functions.SelectMany(text => Placeholder().Matches(text)), match => Assert.Contains(match.Groups[1].Value, settings.Select(setting => setting.Key)));
        var always = Assert.Single(Bicep.OfType(environment, "Microsoft.Web/sites")).Json["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!["alwaysReady"]!.AsArray();
        Assert.All(always, entry => Assert.Contains($"\"name\": \"{((string)entry!["name"]!)["function:".Length..]}\"", functions[0], StringComparison.Ordinal));
        Assert.NotEmpty(always);
    }

    [Fact]
    public static void The_clouds_names_come_from_the_environment()
    {
        foreach (var path in Directory.GetFiles(Bicep.Folder, "*.bicep", SearchOption.AllDirectories))
        {
            Assert.DoesNotMatch("(?i)listKeys\\(|listAccountSas\\(|'[^']*(core\\.windows\\.net|vault\\.azure\\.net)", File.ReadAllText(path));
        }
    }

    [GeneratedRegex("(?i)_(PASSWORD|SECRET|TOKEN)$")]
    private static partial Regex SecretName();

    [GeneratedRegex("%([A-Z_]+)%")]
    private static partial Regex Placeholder();

    [GeneratedRegex("docs/azure\\.md#([a-z0-9-]+)")]
    private static partial Regex Runbook();
}
