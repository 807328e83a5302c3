namespace KmsCloud.Signing;

/// <summary>
/// Most lines a minute about what is not signed on one chain; what is beyond is counted, and said in one line.
/// </summary>
/// <param name="most">Lines a minute.</param>
internal sealed class LineLimit(int most)
{
    /// <summary>Lines a minute about what anybody can make up: no wallet of ours need be in it.</summary>
    internal const int AboutJunk = 100;

    /// <summary>Lines a minute about what names a wallet of ours and waits or is refused.</summary>
    internal const int AboutOurs = 1_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private long since;
    private int shown;
    private int skipped;
    private long? said;

    /// <summary>Whether a line may be written; if not, it is counted.</summary>
    internal bool TryTake(TimeProvider clock)
    {
        lock (gate)
        {
            if (shown == 0 || clock.GetElapsedTime(since) >= Window)
            {
                since = clock.GetTimestamp();
                shown = 0;
            }

            if (shown < most)
            {
                shown++;
                return true;
            }

            skipped++;
            return false;
        }
    }

    /// <summary>
    /// How many were only counted, to be said once for each window; 0 when there is nothing to say yet.
    /// </summary>
    internal int TakeSkipped(TimeProvider clock)
    {
        lock (gate)
        {
            if (skipped == 0 || (said is { } last && clock.GetElapsedTime(last) < Window))
            {
                return 0;
            }

            var count = skipped;
            skipped = 0;
            said = clock.GetTimestamp();
            return count;
        }
    }
}
