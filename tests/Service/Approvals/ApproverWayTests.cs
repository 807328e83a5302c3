using KmsCloud.Approvals;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approvals;

/// <summary>The way to the approver: nobody answers in its place, and what it is told is not in a log.</summary>
public sealed class ApproverWayTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly TempFolder folder = new();

    public void Dispose()
    {
        world.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("HTTP_PROXY")]
    [InlineData("http_proxy")]
    [InlineData("ALL_PROXY")]
    [InlineData("HTTPS_PROXY")]
    public void A_proxy_of_the_environment_does_not_approve(string variable)
    {
        world.Add("ETH", "native-transfer-private-key");
        world.Approve = () => new(403);
        using var proxy = new LoopbackServer(_ => new(200, "a proxy's own page"));
        var run = Daemon([], (variable, proxy.Url.AbsoluteUri));
        Assert.Equal(6, run.ExitCode);
        Assert.Empty(proxy.Requests); // neither the approver nor the gateway, which is on loopback, is asked through it
        Assert.NotEmpty(world.Approver.Requests);
        Assert.Empty(world.Broadcasts);
    }

    [Fact]
    public void The_token_travels_in_a_header_and_in_no_log_line()
    {
        world.Add("ETH", "native-transfer-private-key");
        var run = Daemon([], ("KMS_APPROVER_TOKEN", "canary-token-1c9e"));
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("Bearer canary-token-1c9e", world.Approver.Requests.Single().Headers["Authorization"]);
        Assert.DoesNotContain("canary-token-1c9e", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("ends\n")]
    [InlineData("é")]
    public void A_token_that_no_header_takes_is_said_at_the_start(string token) =>
        Assert.Equal(Failure.Usage, Assert.Throws<KmsException>(() => ApproverToken.Read(token)).Failure);

    [Fact]
    public void A_query_in_the_address_ends_the_start()
    {
        world.Add("ETH", "native-transfer-private-key");
        var run = Daemon(["--external-url", world.Approver.Url + "approve?token=abc"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("KMS_APPROVER_TOKEN", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_proxy_carries_https_alone()
    {
        Assert.Throws<KmsException>(() => new FourEye(new("http://127.0.0.1:1/"), ApprovalBody.None, proxy: new("http://proxy:3128")));
        using var approver = new FourEye(new("https://127.0.0.1:1/"), ApprovalBody.None, proxy: new("http://proxy:3128"));
        Assert.Throws<KmsException>(() => GatewayOptions.CheckProxy("https://proxy/path", "KMS_APPROVER_PROXY"));
    }

    [Theory]
    [InlineData("http://192.168.57.63", false, true)]
    [InlineData("http://192.168.57.63", true, false)]
    [InlineData("https://192.168.57.63", false, false)]
    [InlineData("http://127.0.0.1:3010", false, false)]
    public void Unsigned_answers_over_plain_http_are_warned_about_on_mainnet(string url, bool isSigned, bool warned)
    {
        var options = new ServiceOptions(new(new(Network.Mainnet)), new(new("key")), folder.File("state")) { Approver = new(url), ApprovalSigned = isSigned };
        Assert.Equal(warned, options.ApproverWarning is not null);
        Assert.True(!warned || options.ApproverWarning!.Contains("openssl rand -hex 32", StringComparison.Ordinal) && options.ApproverWarning.Contains("--approval-signed", StringComparison.Ordinal));
        Assert.Null((options with { Cycle = new(new(Network.Testnet)) }).ApproverWarning);
    }

    private Run Daemon(string[] arguments, params (string Name, string? Value)[] environment)
    {
        var all = new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = world.Password, ["TATUM_API_KEY"] = CycleWorld.ApiKey, ["TATUM_API_URL"] = world.Gateway.Url.AbsoluteUri };
        foreach (var (name, value) in environment)
        {
            all[name] = value;
        }

        string[] approver = arguments.Length > 0 ? arguments : ["--external-url", world.Approver.Url.AbsoluteUri];
        return Run.Kms(
            ["daemon", "--testnet", "--path", world.WalletPath, "--chain", "ETH", "--run-once", "--state", folder.File("state"), .. approver],
            environment: all);
    }
}
