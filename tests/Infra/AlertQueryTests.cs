using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>The alert rules' queries over what the function really writes, as Application Insights would hold it.</summary>
public sealed partial class AlertQueryTests : IDisposable
{
    /// <summary>A gateway that takes what is sent, and names no other transaction.</summary>
    private static readonly Func<Received, Reply> Honest = _ => new(200, "{}");

    private readonly CloudWorld cloud = new();
    private readonly TempFolder folder = new();
    private readonly List<FunctionsHost> hosts = [];

    public void Dispose()
    {
        hosts.ForEach(host => host.Dispose());
        cloud.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_good_cycle_fires_nothing()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.OnBroadcast = Honest;
        var host = await StartAsync(("KMS_LOG_LEVEL", "warning")); // what alerts read is written at every level
        Assert.Equal(1, (await host.TickAsync()).Count("broadcast"));
        Assert.Empty(Firing());
    }

    [Fact]
    public async Task While_one_instance_signs_a_standby_fires_nothing_and_without_a_signer_the_missing_cycle_does()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.OnBroadcast = Honest;
        var (first, second) = (await StartAsync(), await StartAsync());
        await first.TickAsync();
        for (var tick = 0; tick < 4; tick++)
        {
            await second.TickAsync();
        }

        Assert.Empty(Firing());
        hosts.Remove(first); // its last quarter of an hour is over
        first.Dispose();
        Assert.Equal(["noCycle"], Firing());
    }

    [Fact]
    public async Task A_gateway_that_names_another_transaction_fires_its_alert()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.OnBroadcast = _ => new(200, """{"txId":"0xab"}""");
        var host = await StartAsync();
        await host.TickAsync();
        Assert.Equal(["otherTransaction"], Firing());
    }

    [Fact]
    public async Task Each_kind_of_trouble_fires_its_own_alert()
    {
        var policy = folder.File("policy.json");
        File.WriteAllText(policy, """{"version":1,"rules":[{"name":"btc","chains":["BTC"],"recipients":"any","assets":{"BTC":{}}},{"name":"xlm","chains":["XLM"],"recipients":"any","assets":{"XLM":{}}}]}""");
        cloud.World.Add("ETH", "native-transfer-private-key"); // no rule: policy
        cloud.World.Add("BTC", "p2wpkh-one-input-change"); // rejected by the network
        cloud.World.List("BTC", """{"id":"contradictory","chain":"BTC","serializedTransaction":"{}","hashes":["nobody"]}""");
        cloud.Upload();
        cloud.World.OnBroadcast = _ => new(403, """{"errorCode":"broadcast.failed","message":"dust"}""");
        var host = await StartAsync(("KMS_POLICY", policy));
        await host.TickAsync();
        var fired = Firing();
        Assert.Contains("policy", fired);
        Assert.Contains("refused", fired);
        Assert.Contains("rejected", fired);
        Assert.DoesNotContain("fourEye", fired);
        Assert.DoesNotContain("frozen", fired);
    }

    [Fact]
    public async Task An_approver_that_says_no_a_freeze_and_failing_invocations_fire_theirs()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        cloud.World.Approve = () => new(403);
        var host = await StartAsync();
        await host.TickAsync();
        Assert.Equal(["fourEye"], Firing());
        host.Output.Clear();
        Assert.Equal(0, Run.Kms(["freeze", "--state", cloud.State.AbsoluteUri + "/default", "--reason", "drill"], environment: cloud.Settings()).ExitCode);
        await host.RunScheduleAsync(tick => tick.Text.Contains("drill", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Contains("frozen", Firing());
        host.Output.Clear();
        cloud.World.OnAny = request => request.Path.Contains("/pending/", StringComparison.Ordinal) ? new(401) : null;
        for (var tick = 0; tick < 3; tick++)
        {
            Assert.False((await host.TickAsync()).IsSuccess);
        }

        Assert.Subset(Firing().ToHashSet(), new HashSet<string> { "failedInvocations", "noCycle" });
        Assert.DoesNotContain("failedMessages", Firing());
        for (var message = 0; message < 3; message++)
        {
            Assert.False((await host.MessageAsync("SignPending", """{"chain":"ETH","pendingId":"x","wallets":[]}""")).IsSuccess);
        }

        Assert.Contains("failedMessages", Firing());
    }

    [Fact]
    public static void Every_query_is_one_over_columns_that_there_are()
    {
        var rules = Bicep.Environments.SelectMany(environment => Bicep.OfType(environment, "Microsoft.Insights/scheduledQueryRules")).ToList();
        Assert.True(rules.Count > 25);
        string[] signs = ["kms.out_for_long", "kms.out_unproved", "kms.other_ids"]; // what the daemon's alerts read, too
        Assert.All(signs, sign => Assert.Contains(rules, rule => rule.Json.ToJsonString().Contains(sign, StringComparison.Ordinal)));
        Assert.All(rules, rule =>
        {
            var query = ArmText.Of((string)rule.Json["properties"]!["criteria"]!["allOf"]!.AsArray().Single()!["query"]!);
            Assert.Equal("[]", Peer.Call("kusto", "problems", new JsonObject { ["query"] = query })!.ToJsonString());
        });
        Assert.NotEqual("[]", Peer.Call("kusto", "problems", new JsonObject { ["query"] = "AppTraces | where Massage has 'x'" })!.ToJsonString()); // it can fail
    }

    /// <summary>One app's rows: the tests have no other's.</summary>
    [GeneratedRegex("_ResourceId =~ \"[^\"]*\" and |where _ResourceId =~ \"[^\"]*\" \\| ")]
    private static partial Regex OneApp();

    private List<string> Firing()
    {
        var traces = hosts.SelectMany(host => host.Output).Select(line => new JsonObject { ["Message"] = line });
        var shown = hosts.SelectMany(host => host.Invocations).SelectMany(item => item.Invocation.Logs).Select(line => new JsonObject { ["Message"] = line });
        var requests = hosts.SelectMany(host => host.Invocations).Select(item => new JsonObject { ["OperationName"] = item.Function, ["Success"] = item.Invocation.IsSuccess });
        var tables = new Dictionary<string, List<JsonObject>> { ["AppTraces"] = [.. traces, .. shown], ["AppRequests"] = [.. requests] };
        var fired = new List<string>();
        foreach (var rule in Bicep.OfType("prod", "Microsoft.Insights/scheduledQueryRules"))
        {
            var criterion = rule.Json["properties"]!["criteria"]!["allOf"]!.AsArray().Single()!;
            var query = OneApp().Replace(ArmText.Of((string)criterion["query"]!), "");
            if (!tables.ContainsKey(query.Split(' ')[0]))
            {
                continue; // the platform's own tables
            }

            Assert.Equal("Count", criterion["timeAggregation"]!.GetValue<string>());
            var (count, threshold) = (Kql.Count(query.Replace('"', '\''), tables), criterion["threshold"]!.GetValue<int>());
            if (criterion["operator"]!.GetValue<string>() == "LessThan" ? count < threshold : count > threshold)
            {
                fired.Add(rule.Name.Split('-')[^1]);
            }
        }

        return fired;
    }

    private async Task<FunctionsHost> StartAsync(params (string Name, string? Value)[] more)
    {
        var host = new FunctionsHost(cloud.Package(queue: true), cloud.Settings([("KMS_POLL_SCHEDULE", "* * * * * *"), ("KMS_QUEUE", "kms-pending"), .. more])); // in timer mode the queue's package signs by itself
        hosts.Add(host);
        await host.StartAsync();
        return host;
    }
}
