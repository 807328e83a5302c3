using System.Diagnostics;
using System.Diagnostics.Metrics;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Wallets;

namespace KmsCloud.Signing;

/// <summary>
/// What an operator measures (docs/operations.md). Tags are chain codes and words of this file, never ids, addresses or
/// amounts.
/// </summary>
public sealed class KmsMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "KmsCloud";

    private static readonly TimeSpan LongOut = TimeSpan.FromHours(1);
    private static readonly string[] Reasons = ["policy", "input", "second-reader", "approver", "waiting", "failure"];

    private readonly TimeProvider clock;
    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> polls;
    private readonly Counter<long> signed;
    private readonly Counter<long> stopped;
    private readonly Counter<long> broadcasts;
    private readonly Counter<long> otherIds;
    private readonly Counter<long> disagreements;
    private readonly Counter<long> anomalies;
    private readonly Histogram<double> steps;
    private readonly Dictionary<string, int> pending = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long lastCycle;
    private long lastGood;
    private bool polled;

    /// <summary>Makes the instruments.</summary>
    public KmsMetrics(TimeProvider clock)
    {
        this.clock = clock;
        lastCycle = lastGood = clock.GetTimestamp();
        polls = meter.CreateCounter<long>("kms.polls", "{poll}", "Polls of the gateway by chain and outcome");
        signed = meter.CreateCounter<long>("kms.signed", "{transaction}", "Transactions signed by chain");
        stopped = meter.CreateCounter<long>(
            "kms.stopped",
            "{transaction}",
            "Transactions not signed or not handed over, by chain and reason: policy, input, second-reader, approver, "
            + "waiting, failure");
        broadcasts = meter.CreateCounter<long>(
            "kms.broadcasts",
            "{broadcast}",
            "Broadcasts by chain and outcome: accepted, rejected, ambiguous, expired, passing, incomplete, failed");
        otherIds = meter.CreateCounter<long>(
            "kms.other_ids",
            "{broadcast}",
            "Broadcasts whose answer names another transaction than what was sent, by chain");
        disagreements = meter.CreateCounter<long>(
            "kms.second_reader.disagreements",
            "{transaction}",
            "Signed transactions that the second reader did not read as shown, by chain");
        anomalies = meter.CreateCounter<long>(
            "kms.anomalies",
            "{finding}",
            "What anomaly rules found, by rule");
        steps = meter.CreateHistogram(
            "kms.step.duration",
            "s",
            "Duration of the steps of the cycle",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        meter.CreateObservableGauge(
            "kms.pending",
            Pending,
            "{transaction}",
            "Pending transactions in the last list by chain");
        meter.CreateObservableGauge(
            "kms.last_good_cycle.age",
            () => SinceGood.TotalSeconds,
            "s",
            "Seconds since a cycle in which nothing failed, or since the start");
    }

    /// <summary>Upper bounds of the histogram's buckets in seconds.</summary>
    public static IReadOnlyList<double> Buckets { get; } = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 120];

    /// <summary>Whether a poll has succeeded since the start.</summary>
    public bool IsReady
    {
        get
        {
            lock (gate)
            {
                return polled;
            }
        }
    }

    /// <summary>Time since a cycle ended, or since the start.</summary>
    public TimeSpan SinceCycle => clock.GetElapsedTime(Interlocked.Read(ref lastCycle));

    /// <summary>Time since a cycle in which nothing failed, or since the start.</summary>
    public TimeSpan SinceGood => clock.GetElapsedTime(Interlocked.Read(ref lastGood));

    /// <summary>Shows what a running service holds.</summary>
    internal void Observe(SigningServices services, Network network)
    {
        meter.CreateObservableGauge("kms.wallets", () => Wallets(services, network), "{wallet}", "Wallets by chain");
        meter.CreateObservableGauge(
            "kms.journal.entries",
            () => services.Journal.Count,
            "{transaction}",
            "Signed transactions in the journal");
        meter.CreateObservableGauge(
            "kms.out_for_long",
            () => Out(services, LongOut),
            "{transaction}",
            "Signed transactions that may be out for more than an hour");
        meter.CreateObservableGauge(
            "kms.readings_left",
            () => DecodeLimit.Left,
            "{thread}",
            "Threads that still read a request whose time is over");
        meter.CreateObservableGauge(
            "kms.out_unproved",
            () => services.Journal.Unsettled.Count(
                entry => entry.State is JournalState.Outstanding && entry.Doubt is not JournalDoubt.None),
            "{transaction}",
            "Signed transactions that the gateway alone calls expired or replaced");
        meter.CreateObservableGauge(
            "kms.frozen",
            () => services.Freeze?.Reason is null ? 0 : 1,
            null,
            "1 while signing is frozen");
    }

    /// <summary>
    /// Begins every counter of the chains with wallets at 0, so that the first refusal after a start is an increase
    /// that an alert
    /// sees, and not a new series that it does not. Call it once somebody listens.
    /// </summary>
    public void Begin(WalletStore wallets, Network network)
    {
        foreach (var rule in Anomalies.AnomalyRules.Names)
        {
            anomalies.Add(0, new KeyValuePair<string, object?>("rule", rule));
        }

        foreach (var chain in ChainCatalog.All.Keys.Where(chain => wallets.Ids(chain, network).Count > 0))
        {
            polls.Add(0, new("chain", chain), new("outcome", "ok"));
            polls.Add(0, new("chain", chain), new("outcome", "failed"));
            otherIds.Add(0, new KeyValuePair<string, object?>("chain", chain));
            disagreements.Add(0, new KeyValuePair<string, object?>("chain", chain));
            signed.Add(0, new KeyValuePair<string, object?>("chain", chain));
            foreach (var reason in Reasons)
            {
                stopped.Add(0, new("chain", chain), new("reason", reason));
            }

            foreach (var result in Enum.GetValues<SubmissionResult>())
            {
                broadcasts.Add(0, new("chain", chain), new("outcome", Outcome(result)));
            }
        }
    }

    /// <summary>A rule found something.</summary>
    internal void Found(string rule) => anomalies.Add(1, new KeyValuePair<string, object?>("rule", rule));

    /// <summary>A chain was polled.</summary>
    internal void Polled(string chain, int? listed)
    {
        polls.Add(1, new("chain", chain), new("outcome", listed is null ? "failed" : "ok"));
        lock (gate)
        {
            polled |= listed is not null;
            pending[chain] = listed ?? pending.GetValueOrDefault(chain);
        }
    }

    /// <summary>A transaction was signed.</summary>
    internal void Signed(string chain) => signed.Add(1, new KeyValuePair<string, object?>("chain", chain));

    /// <summary>A broadcast ended.</summary>
    internal void Broadcast(string chain, SubmissionResult result) =>
        broadcasts.Add(1, new("chain", chain), new("outcome", Outcome(result)));

    /// <summary>The gateway named another transaction than what was sent.</summary>
    internal void OtherId(string chain) => otherIds.Add(1, new KeyValuePair<string, object?>("chain", chain));

    /// <summary>The second reader did not read what was shown.</summary>
    internal void Disagreed(string chain) => disagreements.Add(1, new KeyValuePair<string, object?>("chain", chain));

    /// <summary>A cycle ended; it is whole when every chain is in it.</summary>
    internal void CycleDone(CycleReport report, bool isWhole)
    {
        foreach (var transaction in report.Transactions)
        {
            if (Reason(transaction) is { } reason)
            {
                stopped.Add(1, new("chain", transaction.Chain), new("reason", reason));
            }
        }

        Interlocked.Exchange(ref lastCycle, clock.GetTimestamp());
        if (isWhole && report.FailedPolls.Count + report.Count(Verdict.Failed) == 0)
        {
            Interlocked.Exchange(ref lastGood, clock.GetTimestamp());
        }
    }

    /// <summary>Measures a step until it is disposed of.</summary>
    internal Timing Step(string step) => new(this, step, clock.GetTimestamp(), KmsTrace.Step(step));

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private static int Out(SigningServices services, TimeSpan longer) =>
        services.Journal.Unsettled.Count(
            entry => entry.State is JournalState.Outstanding && services.Clock.GetUtcNow() - entry.SignedAt > longer);

    private static string Outcome(SubmissionResult result) => result.ToString().ToLowerInvariant();

    private static string? Reason(TransactionReport transaction) => transaction.Verdict switch
    {
        Verdict.Refused => Reason(transaction.Cause),
        Verdict.NotApproved => "approver",
        Verdict.Waiting => "waiting",
        Verdict.Failed => "failure",
        _ => null,
    };

    private static string Reason(RefusalCause cause) => cause switch
    {
        RefusalCause.Policy => "policy",
        RefusalCause.SecondReader => "second-reader",
        _ => "input",
    };

    private static IEnumerable<Measurement<int>> Wallets(SigningServices services, Network network) =>
        from chain in ChainCatalog.All.Keys
        let count = services.Wallets.Ids(chain, network).Count
        where count > 0
        select new Measurement<int>(count, new KeyValuePair<string, object?>("chain", chain));

    private List<Measurement<int>> Pending()
    {
        lock (gate)
        {
            return
            [
                .. pending.Select(
                    chain => new Measurement<int>(chain.Value, new KeyValuePair<string, object?>("chain", chain.Key))),
            ];
        }
    }

    /// <summary>A running measurement.</summary>
    internal readonly struct Timing(KmsMetrics metrics, string step, long from, Activity? trace) : IDisposable
    {
        public void Dispose()
        {
            metrics.steps.Record(
                metrics.clock.GetElapsedTime(from).TotalSeconds, new KeyValuePair<string, object?>("step", step));
            trace?.Dispose();
        }
    }
}
