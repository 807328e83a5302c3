using System.Text.RegularExpressions;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>What a compiler would say about the templates, as far as it can be said without its type library.</summary>
public static partial class BicepStructureTests
{
    /// <summary>Type-checked together by the compiler's own front end before a release (shared spec azure.md, section 3); a new pair is looked up first.</summary>
    private static readonly string[] Versions =
    [
        "Microsoft.Authorization/locks@2020-05-01", "Microsoft.Authorization/roleAssignments@2022-04-01", "Microsoft.Consumption/budgets@2024-08-01", "Microsoft.Insights/actionGroups@2023-01-01",
        "Microsoft.Insights/activityLogAlerts@2026-01-01", "Microsoft.Insights/components@2020-02-02", "Microsoft.Insights/diagnosticSettings@2021-05-01-preview", "Microsoft.Insights/metricAlerts@2026-01-01",
        "Microsoft.Insights/scheduledQueryRules@2026-03-01", "Microsoft.KeyVault/vaults/keys@2024-11-01", "Microsoft.KeyVault/vaults/secrets@2024-11-01", "Microsoft.KeyVault/vaults@2024-11-01",
        "Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30", "Microsoft.Network/azureFirewalls@2025-01-01", "Microsoft.Network/firewallPolicies/ruleCollectionGroups@2025-01-01",
        "Microsoft.Network/firewallPolicies@2025-01-01", "Microsoft.Network/networkSecurityGroups@2025-01-01", "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01",
        "Microsoft.Network/privateDnsZones@2024-06-01", "Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01", "Microsoft.Network/privateEndpoints@2025-01-01",
        "Microsoft.Network/publicIPAddresses@2025-01-01", "Microsoft.Network/routeTables/routes@2025-01-01", "Microsoft.Network/routeTables@2025-01-01", "Microsoft.Network/virtualNetworks@2025-01-01",
        "Microsoft.OperationalInsights/workspaces@2025-02-01", "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-06-01",
        "Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01", "Microsoft.Storage/storageAccounts/blobServices@2025-06-01", "Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01",
        "Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01", "Microsoft.Storage/storageAccounts/queueServices@2025-06-01", "Microsoft.Storage/storageAccounts@2025-06-01",
        "Microsoft.Web/serverfarms@2024-11-01", "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01", "Microsoft.Web/sites/config@2024-11-01", "Microsoft.Web/sites@2024-11-01",
    ];

    private static readonly string[] Declarations = ["params", "variables", "resources", "modules"];
    private static readonly string[] Packages = ["", "queue"];
    private static readonly string[] Functions = ["cidrSubnet", "concat", "environment", "guid", "resourceGroup", "subscription", "subscriptionResourceId", "substring", "uniqueString"];

    /// <summary>Types that can send logs or metrics to a workspace.</summary>
    private static readonly string[] Diagnosable =
    [
        "Microsoft.KeyVault/vaults", "Microsoft.Web/sites", "Microsoft.Web/serverfarms", "Microsoft.Storage/storageAccounts/blobServices", "Microsoft.Storage/storageAccounts/queueServices",
        "Microsoft.Network/azureFirewalls", "Microsoft.Network/publicIPAddresses", "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/virtualNetworks", "Microsoft.OperationalInsights/workspaces",
    ];

    [Fact]
    public static void Versions_are_pinned_and_known()
    {
        var types = BicepFiles.All.Values.SelectMany(file => file["resources"]!.AsArray()).Select(resource => resource!["type"]!.GetValue<string>()).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Versions.Order(StringComparer.Ordinal), types);
    }

    [Fact]
    public static void Every_name_is_declared_once_and_every_use_means_one()
    {
        foreach (var (path, file) in BicepFiles.All)
        {
            var declared = Declarations.SelectMany(kind => BicepFiles.Names(file, kind)).ToList();
            Assert.Equal(declared.Count, declared.Distinct().Count());
            var known = declared.Concat(Functions).Concat(file["loops"]!.AsArray().Select(name => name!.GetValue<string>())).ToHashSet();
            var used = file["uses"]!.AsArray().Select(name => name!.GetValue<string>()).ToHashSet();
            Assert.True(used.IsSubsetOf(known), $"{path}: {string.Join(", ", used.Except(known))} is not declared");
            Assert.All(BicepFiles.Names(file, "params").Concat(BicepFiles.Names(file, "variables")), name => Assert.True(used.Contains(name), $"{path}: {name} is not used"));
        }
    }

    [Fact]
    public static void Every_output_that_is_used_is_one_of_its_module()
    {
        var checkedOnes = 0;
        foreach (var (path, file) in BicepFiles.All)
        {
            foreach (var use in file["members"]!.AsArray())
            {
                var module = file["modules"]!.AsArray().Single(module => BicepFiles.NameOf(module!) == use![0]!.GetValue<string>())!;
                var target = BicepFiles.All[Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, module["file"]!.GetValue<string>()))];
                Assert.Contains(use![1]!.GetValue<string>(), BicepFiles.Names(target, "outputs"));
                checkedOnes++;
            }
        }

        Assert.True(checkedOnes > 20);
    }

    [Fact]
    public static void Every_resource_that_can_has_diagnostics()
    {
        var diagnosed = BicepFiles.OfType("Microsoft.Insights/diagnosticSettings").Select(item => $"{item.File} {BicepFiles.At(item.Resource, "scope")}").ToHashSet();
        var wanted = BicepFiles.Resources.Where(item => Diagnosable.Contains(BicepFiles.TypeOf(item.Resource))).Select(item => $"{item.File} ={BicepFiles.NameOf(item.Resource)}").ToHashSet();
        Assert.Equal(wanted.Order(StringComparer.Ordinal), diagnosed.Order(StringComparer.Ordinal));
        Assert.All(BicepFiles.OfType("Microsoft.Insights/diagnosticSettings"), item => Assert.NotNull(BicepFiles.At(item.Resource, "properties.logs") ?? BicepFiles.At(item.Resource, "properties.metrics")));
    }

    [Fact]
    public static void Every_private_endpoint_has_its_dns_zone_and_every_zone_its_link()
    {
        var endpoints = BicepFiles.All.SelectMany(file => file.Value["modules"]!.AsArray(), (file, module) => (File: Path.GetFileName(file.Key), Module: module!))
            .Where(item => item.Module["file"]!.GetValue<string>() == "privateEndpoint.bicep").Select(item => (item.File, Parameters: item.Module["body"]!["params"]!)).ToList();
        Assert.Equal(
            ["hoststorage.bicep blob =account.id", "hoststorage.bicep queue =account.id", "keyvault.bicep vault =vault.id", "walletstorage.bicep blob =account.id"],
            endpoints.Select(item => $"{item.File} {item.Parameters["groupId"]} {item.Parameters["targetId"]}").Order(StringComparer.Ordinal));
        var zones = BicepFiles.OfType("Microsoft.Network/privateDnsZones").ToDictionary(item => BicepFiles.NameOf(item.Resource), item => BicepFiles.At(item.Resource, "name")!);
        foreach (var (_, parameters) in endpoints)
        {
            // the module's parameter blobZoneId is the network's output blobZoneId is the id of blobZone, whose name is the sub-resource's
            var zone = parameters["zoneId"]!.GetValue<string>()[1..];
            Assert.Contains($"{zone}: vnet.outputs.{zone}", File.ReadAllText(Path.Combine(BicepFiles.Folder, "main.bicep")), StringComparison.Ordinal);
            Assert.Contains(BicepFiles.File("network.bicep")["outputs"]!.AsArray(), output => output!["text"]!.GetValue<string>() == $"output {zone} string = {zone[..^2]}.id");
            Assert.StartsWith("privatelink." + parameters["groupId"]!.GetValue<string>(), zones[zone[..^2]], StringComparison.Ordinal);
        }

        var linked = BicepFiles.OfType("Microsoft.Network/privateDnsZones/virtualNetworkLinks").Select(item => BicepFiles.At(item.Resource, "parent")![1..]);
        Assert.Equal(zones.Keys.Order(StringComparer.Ordinal), linked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public static void Wallet_storage_is_under_a_rotating_key_of_the_customer()
    {
        var account = BicepFiles.OfType("Microsoft.Storage/storageAccounts").Single(item => item.File == "walletstorage.bicep").Resource;
        Assert.Equal("Microsoft.Keyvault", BicepFiles.At(account, "properties.encryption.keySource"));
        Assert.Equal("=storageIdentityId", BicepFiles.At(account, "properties.encryption.identity.userAssignedIdentity"));
        Assert.Equal("""{"keyvaulturi":"=vaultUrl","keyname":"=storageKeyName"}""", BicepFiles.At(account, "properties.encryption.keyvaultproperties")); // no version: the newest is used
        Assert.Equal("UserAssigned", BicepFiles.At(account, "identity.type"));
        var key = Assert.Single(BicepFiles.OfType("Microsoft.KeyVault/vaults/keys")).Resource;
        Assert.Equal("""["wrapKey","unwrapKey"]""", BicepFiles.At(key, "properties.keyOps"));
        Assert.Contains(key["body"]!["properties"]!["rotationPolicy"]!["lifetimeActions"]!.AsArray(), action => action!["action"]!["type"]!.GetValue<string>() == "rotate");
        var role = BicepFiles.OfType("Microsoft.Authorization/roleAssignments").Single(item => BicepFiles.At(item.Resource, "scope") == "=storageKey").Resource;
        Assert.Equal("=storagePrincipalId", BicepFiles.At(role, "properties.principalId"));
        Assert.Contains("e147488a-f6f5-4113-8e2d-b22465e65bf6", BicepFiles.At(role, "properties.roleDefinitionId"), StringComparison.Ordinal); // Key Vault Crypto Service Encryption User
        var main = File.ReadAllText(Path.Combine(BicepFiles.Folder, "main.bicep"));
        Assert.Contains("storagePrincipalId: storageIdentity.properties.principalId", main, StringComparison.Ordinal);
        Assert.Contains("storageIdentityId: storageIdentity.id", main, StringComparison.Ordinal);
    }

    [Fact]
    public static void Locks_are_on_what_holds_keys() =>
        Assert.Equal(["keyvault.bicep =vault", "walletstorage.bicep =account"], BicepFiles.OfType("Microsoft.Authorization/locks").Select(item => $"{item.File} {BicepFiles.At(item.Resource, "scope")}").Order(StringComparer.Ordinal));

    [Fact]
    public static void Regions_and_tags_are_those_of_the_parameters()
    {
        var top = BicepFiles.Resources.Where(item => item.Resource["body"]!["parent"] is null && item.Resource["body"]!["scope"] is null && BicepFiles.TypeOf(item.Resource) != "Microsoft.Consumption/budgets").ToList();
        Assert.True(top.Count > 20);
        Assert.All(top, item => Assert.True(BicepFiles.At(item.Resource, "location") is "=location" or "global" && BicepFiles.At(item.Resource, "tags") == "=tags", $"{item.File}: {BicepFiles.NameOf(item.Resource)}"));
    }

    [Fact]
    public static void Flex_gets_no_setting_it_refuses_and_every_setting_a_function_names()
    {
        var settings = BicepFiles.OfType("Microsoft.Web/sites/config").Single().Resource["body"]!["properties"]!.AsObject().Select(member => member.Key).ToList();
        Assert.DoesNotContain(settings, name => name is "FUNCTIONS_WORKER_RUNTIME" or "FUNCTIONS_EXTENSION_VERSION" or "WEBSITE_RUN_FROM_PACKAGE" or "WEBSITE_VNET_ROUTE_ALL" || name.StartsWith("WEBSITE_CONTENT", StringComparison.Ordinal));
        var site = BicepFiles.OfType("Microsoft.Web/sites").Single().Resource["body"]!["properties"]!["siteConfig"]!.AsObject().Select(member => member.Key);
        Assert.DoesNotContain(site, name => name is "alwaysOn" or "linuxFxVersion" or "ftpsState" or "vnetRouteAllEnabled");
        var functions = ((string[])[CloudWorld.Built, CloudWorld.BuiltQueue]).Select(folder => File.ReadAllText(Path.Combine(folder, "functions.metadata"))).ToList();
        Assert.All(functions.SelectMany(text => Placeholder().Matches(text)), match => Assert.Contains(match.Groups[1].Value, settings));
        var always = BicepFiles.OfType("Microsoft.Web/sites").Single().Resource["body"]!["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!["alwaysReady"]!.AsArray();
        Assert.All(always, entry => Assert.Contains($"\"name\": \"{entry!["name"]!.GetValue<string>()["function:".Length..]}\"", functions[0], StringComparison.Ordinal));
        Assert.NotEmpty(always);
    }

    [GeneratedRegex("%([A-Z_]+)%")]
    private static partial Regex Placeholder();
}
