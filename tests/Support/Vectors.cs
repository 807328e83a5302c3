using System.Text.Json;

namespace KmsCloud.Tests.Support;

/// <summary>The recorded vectors in tests/Vectors, one file per chain.</summary>
internal static class Vectors
{
    public static string Folder { get; } = Path.Combine(Peer.SourceRoot, "tests", "Vectors");

    public static JsonElement Read(string chain)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, chain + ".json")));
        return document.RootElement.Clone();
    }

    public static JsonElement Case(string chain, string list, string name) =>
        Read(chain).GetProperty(list).EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);

    public static IEnumerable<string> Names(string chain, string list) =>
        from item in Read(chain).GetProperty(list).EnumerateArray() select item.GetProperty("name").GetString()!;

    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    public static bool Flag(this JsonElement element, string name, bool otherwise = false) =>
        element.TryGetProperty(name, out var value) ? value.GetBoolean() : otherwise;
}
