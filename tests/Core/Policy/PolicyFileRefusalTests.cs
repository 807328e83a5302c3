using System.Text;
using KmsCloud.Errors;
using KmsCloud.Policy;

namespace KmsCloud.Tests.Policy;

/// <summary>What people write by mistake, or somebody for them, is no policy.</summary>
public static class PolicyFileRefusalTests
{
    private const string Rule = """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perDay":"1"}}}]}""";

    [Theory]
    [InlineData("\"1\"", "null", "null")]
    [InlineData("{\"perDay\":\"1\"}", "null", "null")]
    [InlineData("\"any\"", "null", "null")]
    [InlineData("\"any\"", "[null]", "null")]
    [InlineData("\"recipients\"", "\"highestFee\":null,\"recipients\"", "null")]
    [InlineData("\"recipients\"", "\"hours\":{\"from\":\"08:00\",\"to\":\"08:00\"},\"recipients\"", "the same as 'from'")]
    [InlineData("\"any\"", "[\"0x7dB98c08E0bAF33cb04FE43cC17bBeE99fFEBC6\u0430\"]", "none of an address")]
    [InlineData("\"any\"", "[\"bc1q \"]", "none of an address")]
    [InlineData("\"any\"", "[\"\"]", "none of an address")]
    public static void Refuses(string from, string to, string because)
    {
        Assert.Single(PolicyFile.Read(Encoding.UTF8.GetBytes(Rule)));
        var changed = Rule.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Rule, changed);
        Assert.Contains(because, Assert.Throws<KmsException>(() => PolicyFile.Read(Encoding.UTF8.GetBytes(changed))).Message, StringComparison.Ordinal);
    }
}
