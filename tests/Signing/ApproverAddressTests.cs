using KmsCloud.Errors;
using KmsCloud.Gateway;

namespace KmsCloud.Tests.Signing;

/// <summary>Plain http goes to loopback and private addresses; a name can be made to point anywhere, so it needs https.</summary>
public static class ApproverAddressTests
{
    [Theory]
    [InlineData("https://approver.example.com/kms?a=1")]
    [InlineData("https://8.8.8.8")]
    [InlineData("http://localhost:3010")]
    [InlineData("http://loopback")] // dialled as localhost
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.255.255.254:1/x")]
    [InlineData("http://2130706433")] // 127.0.0.1, and dialled as that
    [InlineData("http://[::1]:3010")]
    [InlineData("http://[::ffff:127.0.0.1]")]
    [InlineData("http://10.0.0.1")]
    [InlineData("http://172.16.0.1")]
    [InlineData("http://172.31.255.254")]
    [InlineData("http://192.168.0.1")]
    [InlineData("http://[::ffff:10.1.2.3]")]
    [InlineData("http://[fc00::1]")]
    [InlineData("http://[fdff:ffff::1]")]
    public static void Allows(string url) => Assert.NotNull(GatewayOptions.CheckUrl(url, "--external-url"));

    [Theory]
    [InlineData("http://approver.example.com")]
    [InlineData("http://localhost.example.com")]
    [InlineData("http://localhost.")]
    [InlineData("http://127.0.0.1.example.com")]
    [InlineData("http://10.0.0.1.example.com")]
    [InlineData("http://10-0-0-1.example.com")]
    [InlineData("http://approver.internal")]
    [InlineData("http://8.8.8.8")]
    [InlineData("http://0.0.0.0")]
    [InlineData("http://11.0.0.1")]
    [InlineData("http://134744072")] // 8.8.8.8
    [InlineData("http://172.15.255.255")]
    [InlineData("http://172.32.0.1")]
    [InlineData("http://192.167.0.1")]
    [InlineData("http://192.169.0.1")]
    [InlineData("http://169.254.169.254")] // a cloud's metadata service
    [InlineData("http://100.64.0.1")]
    [InlineData("http://[2001:db8::1]")]
    [InlineData("http://[fe80::1]")]
    [InlineData("http://[::]")]
    [InlineData("http://[::ffff:8.8.8.8]")]
    [InlineData("http://[64:ff9b::a00:1]")]
    [InlineData("http://user:password@127.0.0.1")]
    [InlineData("https://user@example.com")]
    [InlineData("https://example.com/#x")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("127.0.0.1:3010")]
    [InlineData("//127.0.0.1")]
    [InlineData("")]
    public static void Refuses(string url) => Assert.Throws<KmsException>(() => GatewayOptions.CheckUrl(url, "--external-url"));
}
