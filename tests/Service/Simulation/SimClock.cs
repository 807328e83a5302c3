namespace KmsCloud.Tests.Simulation;

/// <summary>
/// Time that passes only when somebody waits: a pause of up to half a minute is over at once and moves the clock on, longer
/// timers are limits and ring when the clock has come to them.
/// </summary>
internal sealed class SimClock : TimeProvider
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock gate = new();
    private readonly HashSet<SimTimer> limits = [];
    private TimeSpan passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + Passed;

    public override long GetTimestamp() => Passed.Ticks;

    public TimeSpan Passed
    {
        get
        {
            lock (gate)
            {
                return passed;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        List<SimTimer> due;
        lock (gate)
        {
            passed += by;
            due = [.. limits.Where(timer => timer.Due <= passed)];
            limits.ExceptWith(due);
        }

        due.ForEach(timer => timer.Ring());
    }

    private sealed class SimTimer(SimClock clock, TimerCallback callback, object? state) : ITimer
    {
        internal TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.Zero)
            {
                Dispose();
                return true;
            }

            if (dueTime <= LongestPause)
            {
                clock.Advance(dueTime);
                Ring();
                return true;
            }

            lock (clock.gate)
            {
                Due = clock.passed + dueTime;
                clock.limits.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.limits.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Ring() => ThreadPool.QueueUserWorkItem(_ => callback(state));
    }
}
