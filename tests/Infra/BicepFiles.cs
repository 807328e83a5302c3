using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>The templates under infra/, read once with tree-sitter-bicep.</summary>
internal static class BicepFiles
{
    public static string Folder { get; } = Path.Combine(CloudWorld.Repository, "infra");

    private static readonly Lazy<Dictionary<string, JsonNode>> ReadOnce = new(() => Directory.GetFiles(Folder, "*.bicep", SearchOption.AllDirectories)
        .ToDictionary(path => path, path => Peer.Call("bicep", "read", new JsonObject { ["path"] = path })!));

    /// <summary>What each file declares, by its path.</summary>
    public static IReadOnlyDictionary<string, JsonNode> All => ReadOnce.Value;

    /// <summary>Every resource that is made, with its file's name.</summary>
    public static IEnumerable<(string File, JsonNode Resource)> Resources =>
        from file in All from resource in file.Value["resources"]!.AsArray() where !resource!["existing"]!.GetValue<bool>() select (Path.GetFileName(file.Key), resource);

    public static JsonNode File(string name) => All.Single(item => Path.GetFileName(item.Key) == name).Value;

    public static IEnumerable<(string File, JsonNode Resource)> OfType(string type) => Resources.Where(item => TypeOf(item.Resource) == type);

    public static string TypeOf(JsonNode resource) => resource["type"]!.GetValue<string>().Split('@')[0];

    public static string NameOf(JsonNode declaration) => declaration["name"]!.GetValue<string>();

    public static IEnumerable<string> Names(JsonNode file, string kind) => file[kind]!.AsArray().Select(declaration => NameOf(declaration!));

    /// <summary>The value at a path of a resource's body; an expression begins with "=".</summary>
    public static string? At(JsonNode resource, string path)
    {
        var node = path.Split('.').Aggregate(resource["body"], (current, name) => current is JsonObject json ? json[name] : null);
        return node is null ? null : node.GetValueKind() is System.Text.Json.JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
    }
}
