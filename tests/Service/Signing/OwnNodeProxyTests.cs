using KmsCloud.Chains;
using KmsCloud.Gateway;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Like the approver, the operator's own node is not answered for by a proxy of the environment. Alone: it changes the proxy of the process.</summary>
[Collection(typeof(EnvironmentUsers))]
public sealed class OwnNodeProxyTests
{
    [Fact]
    public async Task A_proxy_of_the_environment_does_not_answer_for_the_own_node()
    {
        using var proxy = new LoopbackServer(_ => new(200, """{"jsonrpc":"2.0","id":"kms","result":null}"""));
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new System.Net.WebProxy(proxy.Url);
        try
        {
            using var nodes = new SecondNodes(new Dictionary<string, Uri> { ["SOL"] = new("http://10.255.255.1:8899") });
            var second = ChainCatalog.Get("SOL").Rules.Second!;
            var answer = await nodes.AskAsync("SOL", second.Ask("ab"), TestContext.Current.CancellationToken);
            Assert.Empty(proxy.Requests);
            Assert.NotEqual(Presence.Absent, answer is null ? Presence.Unknown : second.Read(answer, "ab"));
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }
}
