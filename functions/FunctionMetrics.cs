using System.Diagnostics.Metrics;
using KmsCloud.Signing;

namespace KmsCloud.Functions;

/// <summary>What the function measures beside the cycle's own instruments (docs/azure.md).</summary>
internal sealed class FunctionMetrics : IDisposable
{
    private readonly Meter meter = new(KmsMetrics.MeterName);
    private readonly Counter<long> invocations;
    private readonly Histogram<double> durations;
    private readonly Counter<long> queued;

    internal FunctionMetrics()
    {
        invocations = meter.CreateCounter<long>("kms.invocations", "{invocation}", "Invocations by function and outcome: done, queued, standby, busy, disabled, stopping, failed, rejected");
        durations = meter.CreateHistogram("kms.invocation.duration", "s", "Duration of invocations by function", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = KmsMetrics.Buckets });
        queued = meter.CreateCounter<long>("kms.queued", "{message}", "Messages put into the queue by chain");
    }

    public void Dispose() => meter.Dispose();

    internal void Ended(string function, Outcome outcome, TimeSpan duration)
    {
        invocations.Add(1, new("function", function), new("outcome", outcome.Word));
        durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("function", function));
    }

    internal void Queued(string chain, int count) => queued.Add(count, new KeyValuePair<string, object?>("chain", chain));
}
