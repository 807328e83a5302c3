using System.Collections.Concurrent;
using System.Diagnostics;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>One trace for each pending transaction, with its steps, and nothing in it that says who pays whom what.</summary>
[Collection(nameof(KmsTraceTests))]
[CollectionDefinition(nameof(KmsTraceTests), DisableParallelization = true)] // the source is the process's
public sealed class KmsTraceTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly ConcurrentQueue<Activity> ended = new();
    private readonly ActivityListener listener;
    private readonly KmsMetrics metrics = new(TimeProvider.System);

    public KmsTraceTests()
    {
        listener = new()
        {
            ShouldListenTo = source => source.Name == KmsTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        world.Metrics = metrics;
    }

    public void Dispose()
    {
        listener.Dispose();
        metrics.Dispose();
        world.Dispose();
    }

    [Fact]
    public async Task The_steps_of_one_are_in_its_trace_and_another_has_its_own()
    {
        world.Policy = """{"version":1,"requireValid":false,"rules":[{"name":"r","chains":["TRON"],"recipients":"any","assets":{"TRX":{}}}]}""";
        world.Add("TRON", "trx-transfer");
        world.Add("TRON", "trc20-transfer"); // the policy refuses it
        using var around = new Activity("invocation").Start();
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Accepted));
        Assert.Same(around, Activity.Current);
        var roots = ended.Where(activity => activity.OperationName == "pending").OrderBy(activity => Tag(activity, "kms.verdict")).ToList();
        Assert.Equal(["accepted", "refused"], roots.Select(root => Tag(root, "kms.verdict")));
        Assert.Equal(2, roots.Select(root => root.TraceId).Distinct().Count());
        Assert.All(roots, root => Assert.Equal(default, root.ParentSpanId));
        Assert.All(roots, root => Assert.Equal(around.TraceId, Assert.Single(root.Links).Context.TraceId));
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error], roots.Select(root => root.Status));
        Assert.Equal(["approve", "broadcast", "decode", "fill", "journal", "policy", "sign"], Steps(roots[0]));
        Assert.Equal(["decode"], Steps(roots[1]));
        Assert.Contains(ended, activity => activity.OperationName == "poll" && activity.TraceId == around.TraceId);
    }

    [Fact]
    public async Task Tags_are_chain_id_and_verdict_and_without_a_listener_there_is_nothing()
    {
        world.Add("TRON", "trx-transfer");
        await world.RunAsync();
        Assert.Equal(
            ["kms.chain TRON", "kms.pending_id f0a08ef5d956ada3689bd9c6", "kms.verdict accepted"],
            ended.SelectMany(activity => activity.TagObjects).Select(tag => $"{tag.Key} {tag.Value}").Order(StringComparer.Ordinal));
        listener.Dispose();
        ended.Clear();
        await world.RunAsync();
        Assert.Empty(ended);
    }

    private IEnumerable<string> Steps(Activity root) =>
        ended.Where(activity => activity.ParentSpanId == root.SpanId).Select(activity => activity.OperationName).Distinct().Order(StringComparer.Ordinal);

    private static string? Tag(Activity activity, string name) => activity.GetTagItem(name) as string;
}
