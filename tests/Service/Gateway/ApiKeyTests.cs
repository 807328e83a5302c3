using KmsCloud.Errors;
using KmsCloud.Gateway;

namespace KmsCloud.Tests.Gateway;

/// <summary>A key of the gateway is one header value: what no header takes is said when the key is read, and never with the key in the message.</summary>
public static class ApiKeyTests
{
    [Theory, InlineData(""), InlineData("t-1 2"), InlineData("t-12\n"), InlineData("t-12\r\nx-kms: 1"), InlineData("t-é"), InlineData("\ufefft-12")]
    public static void Refuses_what_no_header_takes(string text)
    {
        var refused = Assert.Throws<KmsException>(() => ApiKey.Read(text));
        Assert.Equal(Failure.Usage, refused.Failure);
        Assert.DoesNotContain("t-", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Takes_a_key() => Assert.Equal("t-65f0a1_~", ApiKey.Read("t-65f0a1_~").Value);
}
