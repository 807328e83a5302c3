using System.Globalization;
using KmsCloud.Approvals;
using KmsCloud.Cloud;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Functions;

/// <summary>Policy and four-eye in the function, and what it measures.</summary>
public sealed class FunctionDecisionTests : IDisposable
{
    private const string Secret = "canary-approval-secret-5d20";
    private readonly CloudWorld cloud = new();
    private readonly TempFolder folder = new();
    private FunctionsHost? host;

    public void Dispose()
    {
        host?.Dispose();
        cloud.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task The_policy_refuses_one_transaction_and_the_other_is_signed()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.World.Add("BTC", "p2wpkh-one-input-change");
        cloud.Upload();
        var package = cloud.Package();
        await File.WriteAllTextAsync(Path.Combine(package, "policy.json"), """{"version":1,"rules":[{"name":"btc","chains":["BTC"],"recipients":"any","assets":{"BTC":{"perTransaction":"1000"}}}]}""", TestContext.Current.CancellationToken);
        await StartAsync(package, ("KMS_POLICY", "policy.json")); // a relative path is in the package
        var tick = await host!.TickAsync();
        Assert.True(tick.Count("broadcast") == 1, tick.Text);
        Assert.Equal(1, tick.Count("refused"));
        Assert.Contains("no rule of the policy", tick.Text, StringComparison.Ordinal);
        Assert.Contains("/bitcoin/", Assert.Single(cloud.World.Broadcasts).Path, StringComparison.Ordinal);
        Assert.Single(cloud.World.Approver.Requests); // the refused one was not shown
        Assert.Contains("\"decision\":\"refused\"", cloud.Audit(), StringComparison.Ordinal);
        Assert.NotEmpty(cloud.Azurite.Text(BlobStore.Below(cloud.State, "default/policy.jsonl.00000")));
    }

    [Fact]
    public async Task With_KMS_APPROVAL_SIGNED_only_a_signed_yes_counts()
    {
        var id = cloud.World.Add("ETH", "native-transfer-private-key").GetProperty("pending").GetProperty("id").GetString()!;
        cloud.Upload();
        await StartAsync(cloud.Package(), ("KMS_APPROVAL_SECRET", Secret), ("KMS_APPROVAL_SIGNED", "true"));
        var unsigned = await host!.TickAsync(); // the approver says 200, as a login page would
        Assert.Equal(1, unsigned.Count("waiting"));
        Assert.Empty(cloud.World.Broadcasts);
        cloud.World.Approve = () => Signed(id, cloud.World.Approver.Requests.Last());
        var signed = await host.TickAsync();
        Assert.True(signed.Count("broadcast") == 1, signed.Text);
        Assert.All(cloud.World.Approver.Requests, request => Assert.True(request.Headers.ContainsKey("x-kms-signature")));
        Assert.DoesNotContain(Secret, string.Concat(host.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Measurements_go_out_by_OTLP_too_when_an_endpoint_is_set()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        using var collector = new LoopbackServer(_ => new(200, ""));
        await StartAsync(cloud.Package(), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url.AbsoluteUri), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        Assert.Equal(1, (await host!.TickAsync()).Count("broadcast"));
        Assert.Equal(200, await host.StopAsync()); // what is left goes out at the end
        var sent = string.Concat(collector.Requests.Where(request => request.Path == "/v1/metrics").Select(request => request.Body));
        foreach (var name in new[] { "kms.invocations", "kms.signed", "kms.broadcasts", "kms.polls", "kms-functions" })
        {
            Assert.Contains(name, sent, StringComparison.Ordinal);
        }
    }

    private static Reply Signed(string id, Received request)
    {
        using var signing = new ApprovalSigning(SecretBytes.FromString(Secret), TimeProvider.System);
        var expires = (signing.Now + 60).ToString(CultureInfo.InvariantCulture);
        return new(200)
        {
            Headers = new Dictionary<string, string>
            {
                [ApprovalSigning.ExpiresHeader] = expires,
                [ApprovalSigning.ApprovalHeader] = signing.Answer(id, request.Headers[ApprovalSigning.DigestHeader], request.Headers[ApprovalSigning.NonceHeader], expires),
            },
        };
    }

    private async Task StartAsync(string package, params (string Name, string? Value)[] more)
    {
        host = new(package, cloud.Settings(more));
        await host.StartAsync();
    }
}
