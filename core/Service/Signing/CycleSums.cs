namespace KmsCloud.Signing;

/// <summary>
/// Adds up the rounds of chains that run by themselves: a sum is due when every chain has ended a round since the last
/// one, or, when a chain is slow, a period after it.
/// </summary>
internal sealed class CycleSums(IReadOnlyCollection<string> chains, TimeSpan period, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly List<ChainRound> rounds = [];
    private readonly HashSet<string> ended = new(StringComparer.Ordinal);
    private long since = clock.GetTimestamp();

    /// <summary>Adds a round.</summary>
    /// <param name="round">The round.</param>
    /// <param name="isWhole">Whether every chain is in the sum.</param>
    /// <returns>The sum when it is due, else null.</returns>
    internal CycleReport? Add(ChainRound round, out bool isWhole)
    {
        lock (gate)
        {
            rounds.Add(round);
            ended.Add(round.Chain);
            isWhole = ended.Count == chains.Count;
            if (!isWhole && clock.GetElapsedTime(since) < period + period)
            {
                return null;
            }

            var sum = Sum(rounds, rounds.Max(each => each.Duration));
            rounds.Clear();
            ended.Clear();
            since = clock.GetTimestamp();
            return sum;
        }
    }

    /// <summary>Several chains' rounds as one report.</summary>
    internal static CycleReport Sum(IReadOnlyCollection<ChainRound> rounds, TimeSpan duration) => new(
        [.. rounds.SelectMany(round => round.Transactions)],
        [.. rounds.Where(round => round.Problem is not null).Select(round => (round.Chain, round.Problem!))],
        duration);
}

/// <summary>What one round of one chain did.</summary>
/// <param name="Chain">Chain code.</param>
/// <param name="Transactions">Every transaction the gateway listed.</param>
/// <param name="Problem">Why its list could not be had, or null.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record ChainRound(
    string Chain, IReadOnlyList<TransactionReport> Transactions, string? Problem, TimeSpan Duration);
