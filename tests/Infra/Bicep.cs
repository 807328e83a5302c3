using System.Reflection;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>The Bicep compiler of Azure.Bicep.CommandLine, and the snapshots of what the example parameters deploy.</summary>
internal static class Bicep
{
    private static readonly string Program = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "BicepProgram").Value!;

    public static string Folder { get; } = Path.Combine(CloudWorld.Repository, "infra");

    /// <summary>The templates that are deployed; modules are compiled with them.</summary>
    public static IReadOnlyList<string> Templates { get; } = ["platform", "app"];

    public static IReadOnlyList<string> Environments { get; } = ["dev", "prod"];

    public static Run Call(IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        var settings = environment.ToDictionary(setting => setting.Name, setting => setting.Value);
        settings["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(Path.GetTempPath(), "kms-bicep");
        settings["BICEP_TRACING_ENABLED"] = null;
        return Run.Program(Program, arguments, environment: settings, folder: Folder);
    }

    /// <summary>Arguments of a snapshot: a subscription and groups that there are not.</summary>
    public static IReadOnlyList<string> Snapshot(string template, string environment, string mode) =>
    [
        "snapshot", $"{template}.{environment}.bicepparam", "--mode", mode, "--subscription-id", "00000000-0000-0000-0000-000000000001",
        "--tenant-id", "00000000-0000-0000-0000-000000000002", "--resource-group", "kms-" + environment, "--location", "westeurope",
    ];

    /// <summary>What an environment's two deployments make.</summary>
    public static IReadOnlyList<Deployed> Resources(string environment) =>
    [
        .. Templates.SelectMany(template => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, $"{template}.{environment}.snapshot.json")))!["predictedResources"]!.AsArray().Select(resource => new Deployed(template, resource!.AsObject()))),
    ];

    public static IEnumerable<Deployed> OfType(string environment, string type) => Resources(environment).Where(resource => resource.Type == type);
}

/// <summary>A resource as a snapshot has it: values evaluated, references to what only Azure knows left as expressions.</summary>
/// <param name="Template">platform or app.</param>
/// <param name="Json">The resource.</param>
internal sealed record Deployed(string Template, JsonObject Json)
{
    public string Type => (string)Json["type"]!;

    public string Name => (string)Json["name"]!;

    public string Id => (string)Json["id"]!;

    /// <summary>The value at a path; null when it is not there.</summary>
    public string? At(string path)
    {
        var node = path.Split('.').Aggregate((JsonNode?)Json, (current, name) => current is JsonObject json ? json[name] : null);
        return node is null ? null : node.GetValueKind() is System.Text.Json.JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
    }
}
