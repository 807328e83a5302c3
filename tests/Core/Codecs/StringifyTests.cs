using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Codecs;

public static class StringifyTests
{
    [Fact]
    public static void Escapes_what_json_stringify_escapes()
    {
        // quote, backslash and controls; nothing else, however strange
        var text = "\"\\\b\f\n\r\t\u0000\u0001\u001f é☃ 😀 \u007f\u0080\u2028\u2029\ue000\ufeff\uffff<>&'+/";
        Assert.Equal(
            "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f é☃ 😀 \u007f\u0080\u2028\u2029\ue000\ufeff\uffff<>&'+/\"",
            CompactJson.Stringify(json => json.WriteStringValue(text)));
    }

    [Fact]
    public static void Reads_back_whatever_it_wrote()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 2000; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Below(20); length > 0; length--)
            {
                text.Append(Rune.TryCreate(random.Below(random.Pick([0x30, 0x300, 0x110000])), out var rune) ? rune.ToString() : "x");
            }

            var json = CompactJson.Stringify(writer => writer.WriteStringValue(text.ToString()));
            Assert.Equal(text.ToString(), JsonNode.Parse(json)!.GetValue<string>());
            Assert.Equal(JsonSerializer.Serialize(text.ToString()), JsonSerializer.Serialize(JsonNode.Parse(json)!.GetValue<string>()));
        }
    }
}
