using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace KmsCloud.Tests.Infra;

/// <summary>A YAML file as JSON.</summary>
internal static class Yaml
{
    public static JsonObject Read(string path)
    {
        using var reader = File.OpenText(path);
        var read = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().WithDuplicateKeyChecking().Build().Deserialize(reader);
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(read))!.AsObject();
    }
}
