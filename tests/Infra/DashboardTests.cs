using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>What operators look at: infra/workbook.json over the function's lines, infra/grafana.json over the daemon's metrics.</summary>
public sealed partial class DashboardTests : IDisposable
{
    private static readonly JsonObject Workbook = JsonNode.Parse(File.ReadAllText(Path.Combine(Bicep.Folder, "workbook.json")))!.AsObject();
    private static readonly JsonObject Grafana = JsonNode.Parse(File.ReadAllText(Path.Combine(Bicep.Folder, "grafana.json")))!.AsObject();

    /// <summary>What issue 19 asks for, in words that both must show.</summary>
    private static readonly string[] Asked = ["last good cycle", "Frozen", "out for more than an hour", "Signed by chain", "Refused by chain", "Waiting by chain", "Rejected by the network", "Seconds of a step", "Top recipients"];

    private readonly CloudWorld cloud = new();
    private readonly TempFolder folder = new();

    public void Dispose()
    {
        cloud.Dispose();
        folder.Dispose();
    }

    [Fact]
    public static void Both_show_what_operators_ask_for() => Assert.All(Asked, asked =>
    {
        Assert.Contains(Panels(), panel => panel.Title.Contains(asked, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(GrafanaPanels(), panel => ((string)panel["title"]!).Contains(asked, StringComparison.OrdinalIgnoreCase));
    });

    [Fact]
    public static void The_workbook_is_one_and_is_deployed_over_its_workspace()
    {
        Assert.Equal("Notebook/1.0", (string)Workbook["version"]!);
        Assert.All(Workbook["items"]!.AsArray(), item => Assert.Contains((int)item!["type"]!, (int[])[3, 9]));
        var names = Workbook["items"]!.AsArray().Select(item => (string)item!["name"]!).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.All(Workbook["items"]!.AsArray().Where(item => (int)item!["type"]! == 3), item =>
        {
            Assert.Equal("KqlItem/1.0", (string)item!["content"]!["version"]!);
            Assert.Contains((string)item["content"]!["visualization"]!, (string[])["tiles", "timechart", "barchart", "table"]);
            Assert.Equal("""["%WORKSPACE%"]""", item["content"]!["crossComponentResources"]!.ToJsonString());
        });
        foreach (var environment in Bicep.Environments)
        {
            var deployed = Assert.Single(Bicep.OfType(environment, "Microsoft.Insights/workbooks"));
            Assert.Contains("/workspaces/kms" + environment + "-log", deployed.At("properties.sourceId"), StringComparison.Ordinal);
            Assert.DoesNotContain("%WORKSPACE%", deployed.At("properties.serializedData"), StringComparison.Ordinal);
            Assert.Contains("KqlItem/1.0", deployed.At("properties.serializedData"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public static void Every_query_of_the_workbook_is_one_over_columns_that_there_are()
    {
        var parameters = Workbook["items"]!.AsArray().Where(item => (int)item!["type"]! == 9).SelectMany(item => item!["content"]!["parameters"]!.AsArray()).ToList();
        var queries = Panels().Select(panel => panel.Query).Concat(parameters.Select(parameter => (string?)parameter!["query"]).OfType<string>()).ToList();
        Assert.True(queries.Count > 12);
        Assert.All(queries, query =>
        {
            Assert.All(Parameter().Matches(query), match => Assert.Contains(match.Groups[1].Value, parameters.Select(parameter => (string)parameter!["name"]!)));
            Assert.Equal("[]", Peer.Call("kusto", "problems", new JsonObject { ["query"] = Filled(query) })!.ToJsonString());
        });
    }

    [Fact]
    public async Task Every_panel_of_the_workbook_finds_what_the_function_writes()
    {
        var policy = folder.File("policy.json");
        File.WriteAllText(policy, """{"version":1,"rules":[{"name":"xlm","chains":["XLM"],"recipients":"any","assets":{"XLM":{}}},{"name":"btc","chains":["BTC"],"recipients":"any","assets":{"BTC":{}}}]}""");
        cloud.World.Add("ETH", "native-transfer-private-key"); // no rule: policy
        cloud.World.Add("BTC", "p2wpkh-one-input-change"); // rejected by the network
        cloud.Upload();
        cloud.World.OnBroadcast = _ => new(403, """{"errorCode":"broadcast.failed","message":"dust"}""");
        using var host = new FunctionsHost(cloud.Package(queue: false), cloud.Settings([("KMS_POLL_SCHEDULE", "* * * * * *"), ("KMS_POLICY", policy)]));
        await host.StartAsync();
        await host.TickAsync();
        Assert.Equal(0, Run.Kms(["freeze", "--state", cloud.State.AbsoluteUri + "/default", "--reason", "drill"], environment: cloud.Settings()).ExitCode);
        await host.RunScheduleAsync(tick => tick.Text.Contains("drill", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var lines = host.Output.Concat(host.Invocations.SelectMany(item => item.Invocation.Logs)).Select(line => new JsonObject { ["Message"] = line }).ToList();
        var tables = new Dictionary<string, List<JsonObject>> { ["AppTraces"] = lines };
        string[] zero = ["outForLong", "outUnproved"]; // nothing is out for an hour in a test: the gauge is there, at 0
        var panels = Panels().Where(panel => panel.Query.StartsWith("AppTraces\n", StringComparison.Ordinal)).ToList();
        Assert.True(panels.Count > 10);
        Assert.All(panels, panel =>
        {
            var stages = panel.Query.Split("\n| ").Where(stage => !stage.Contains("{App}", StringComparison.Ordinal)).TakeWhile(stage => !stage.StartsWith("summarize", StringComparison.Ordinal));
            var query = string.Join(" | ", stages).Replace('"', '\'');
            var isMetric = query.Contains("metric.name", StringComparison.Ordinal) && !zero.Contains(panel.Name);
            Assert.True(Kql.Count(query + (isMetric ? " | where todouble(metric.value) > 0" : ""), tables) > 0, panel.Name);
        });
    }

    [Fact]
    public static void Both_read_the_report_of_kms_audit_report()
    {
        var header = File.ReadLines(Path.Combine(CloudWorld.Repository, "tests/Cli/Scripts/audit-report.txt")).First(line => line.StartsWith("> record,", StringComparison.Ordinal))[2..].Split(',').ToList();
        var query = Panels().Single(panel => panel.Name == "recipients").Query;
        var read = Cell().Matches(query).Select(match => header[int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)]).ToList();
        Assert.Equal(["record", "count", "amount", "chain", "asset", "recipient"], read);
        var target = GrafanaPanels().Single(panel => (string)panel["type"]! == "table")["targets"]![0]!;
        Assert.All(target["columns"]!.AsArray(), column => Assert.Contains((string)column!["selector"]!, header));
        Assert.Contains("'withdrawal'", (string)target["filterExpression"]!, StringComparison.Ordinal);
    }

    [Fact]
    public static void Every_metric_and_label_of_Grafana_is_one_that_the_daemon_exports()
    {
        var documented = Documented().Matches(File.ReadAllText(Path.Combine(CloudWorld.Repository, "docs", "operations.md"))) // which DaemonProcessTests holds against the daemon
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Split(", ").Select(label => label.Trim()).ToHashSet());
        var expressions = GrafanaPanels().SelectMany(panel => panel["targets"]!.AsArray()).Select(target => (string?)target!["expr"]).OfType<string>()
            .Concat(Grafana["annotations"]!["list"]!.AsArray().Select(annotation => (string)annotation!["expr"]!)).ToList();
        Assert.True(expressions.Count > 15);
        Assert.All(expressions, expression =>
        {
            Assert.Equal(expression.Count(one => one == '('), expression.Count(one => one == ')'));
            var selectors = Selector().Matches(expression);
            Assert.NotEmpty(selectors);
            foreach (Match selector in selectors)
            {
                var name = Series().Replace(selector.Groups[1].Value, "");
                Assert.True(documented.TryGetValue(name, out var labels), name);
                var asked = Label().Matches(selector.Groups[2].Value).Select(match => match.Groups[1].Value).Where(label => label != "instance"); // Prometheus's own
                var grouped = By().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(", ")).Where(label => label != "le");
                Assert.Subset(labels!, asked.Concat(grouped).ToHashSet());
                var isCounter = name.EndsWith("_total", StringComparison.Ordinal) || name != selector.Groups[1].Value;
                Assert.Equal(isCounter, expression[(selector.Index + selector.Length)..].StartsWith("[$__rate_interval]", StringComparison.Ordinal));
            }
        });
        var used = expressions.SelectMany(expression => Selector().Matches(expression)).Select(match => Series().Replace(match.Groups[1].Value, "")).ToHashSet();
        Assert.Equal(documented.Keys.Order(), used.Order()); // nothing that is measured is left out
    }

    [Fact]
    public static void Grafanas_panels_lie_beside_each_other_and_ask_sources_that_are_variables()
    {
        var variables = Grafana["templating"]!["list"]!.AsArray().Select(variable => (string)variable!["name"]!).ToList();
        Assert.All(Variable().Matches(Grafana["panels"]!.ToJsonString()).Select(match => match.Groups[1].Value), name => Assert.Contains(name, variables));
        var taken = new HashSet<(int, int)>();
        Assert.Equal(GrafanaPanels().Count, GrafanaPanels().Select(panel => (int)panel["id"]!).Distinct().Count());
        Assert.All(GrafanaPanels(), panel =>
        {
            var at = panel["gridPos"]!;
            Assert.InRange((int)at["x"]! + (int)at["w"]!, 1, 24);
            for (var x = (int)at["x"]!; x < (int)at["x"]! + (int)at["w"]!; x++)
            {
                for (var y = (int)at["y"]!; y < (int)at["y"]! + (int)at["h"]!; y++)
                {
                    Assert.True(taken.Add((x, y)), (string)panel["title"]!);
                }
            }
        });
    }

    private static List<(string Name, string Title, string Query)> Panels() =>
    [
        .. Workbook["items"]!.AsArray().Where(item => (int)item!["type"]! == 3)
            .Select(item => ((string)item!["name"]!, (string)item["content"]!["title"]!, (string)item["content"]!["query"]!)),
    ];

    private static List<JsonObject> GrafanaPanels() => [.. Grafana["panels"]!.AsArray().Select(panel => panel!.AsObject())];

    /// <summary>As the portal fills it in.</summary>
    private static string Filled(string query) => query.Replace("{App}", "'*'", StringComparison.Ordinal).Replace("{TimeRange:grain}", "30m", StringComparison.Ordinal)
        .Replace("{Report}", "record,time,chain\nwithdrawal,2026-11-01,BTC", StringComparison.Ordinal);

    [GeneratedRegex(@"\{([A-Z][A-Za-z]+)(?::[a-z]+)?\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"cell\[([0-9]+)\]")]
    private static partial Regex Cell();

    [GeneratedRegex(@"^\| `(kms_[a-z_]+)` \| ([a-z, ]*)\|", RegexOptions.Multiline)]
    private static partial Regex Documented();

    [GeneratedRegex(@"(kms_[a-z_]+)\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Series();

    [GeneratedRegex(@"([a-z_]+)=~?""")]
    private static partial Regex Label();

    [GeneratedRegex(@"by \(([a-z, ]+)\)")]
    private static partial Regex By();

    [GeneratedRegex(@"\$\{([a-z]+)\}")]
    private static partial Regex Variable();
}
