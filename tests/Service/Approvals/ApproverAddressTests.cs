using System.Net;
using KmsCloud.Approvals;
using KmsCloud.Errors;

namespace KmsCloud.Tests.Approvals;

/// <summary>Plain http goes to loopback and private addresses; what a name is at is looked up at every connection.</summary>
public static class ApproverAddressTests
{
    [Theory]
    [InlineData("https://approver.example.com/kms")]
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
    [InlineData("http://100.64.0.1")]
    [InlineData("http://169.254.10.1")]
    [InlineData("http://[fe80::1]")]
    [InlineData("http://approver:3000")] // names, looked up when they are connected to
    [InlineData("http://host.docker.internal/kms")]
    [InlineData("http://approver.kms.svc.cluster.local")]
    public static void Allows(string url) => Assert.NotNull(ApproverUrl.Check(url, "--external-url"));

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.31.0.1,192.168.1.1,fd00::1,127.0.0.1,::1,100.127.255.255,fe80::2,::ffff:10.0.0.1", true)]
    [InlineData("10.1.2.3,8.8.8.8", false)]
    [InlineData("100.128.0.0", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("0.0.0.0", false)]
    public static void A_name_is_connected_to_only_where_every_address_it_has_is_private(string addresses, bool allowed)
    {
        var refused = Record.Exception(() => PrivateConnection.CheckPrivate("approver", [.. addresses.Split(',').Select(IPAddress.Parse)]));
        Assert.Equal(allowed, refused is null);
        Assert.True(allowed || (refused is KmsException { Message: var message } && message.Contains(addresses.Split(',')[^1], StringComparison.OrdinalIgnoreCase))); // what was found is said
    }

    [Theory]
    [InlineData("http://8.8.8.8")]
    [InlineData("http://0.0.0.0")]
    [InlineData("http://11.0.0.1")]
    [InlineData("http://134744072")] // 8.8.8.8
    [InlineData("http://172.15.255.255")]
    [InlineData("http://172.32.0.1")]
    [InlineData("http://192.167.0.1")]
    [InlineData("http://192.169.0.1")]
    [InlineData("http://[2001:db8::1]")]
    [InlineData("http://[::]")]
    [InlineData("http://[::ffff:8.8.8.8]")]
    [InlineData("http://[64:ff9b::a00:1]")]
    [InlineData("http://user:password@127.0.0.1")]
    [InlineData("https://user@example.com")]
    [InlineData("https://example.com/#x")]
    [InlineData("https://example.com/approve?token=abc")] // the id would be put behind the query
    [InlineData("https://example.com/approve?")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("127.0.0.1:3010")]
    [InlineData("//127.0.0.1")]
    [InlineData("")]
    public static void Refuses(string url) => Assert.Throws<KmsException>(() => ApproverUrl.Check(url, "--external-url"));
}
