namespace KmsCloud.Tests.Simulation;

/// <summary>What a node of the simulation answers; status 0 is a cut connection.</summary>
internal sealed record SimAnswer(int Status, string Body)
{
    public static SimAnswer Cut { get; } = new(0, "");

    public static SimAnswer Ok(string body) => new(200, body);
}

/// <summary>What a chain does with the bytes it is handed, whatever it answers.</summary>
internal enum SimFate
{
    Taken,
    LandsLater,
    Dropped,
    TakenAndCut,
    TakenAnd5xx,
    LostBefore,
    Unhealthy,
    Refused,
    FailsOnChain,
}

/// <summary>Dice and heights of a chain whose node is asked by the service itself. Blocks are made by the clock.</summary>
internal sealed class SimLedger(SimWorld world, string chain, ulong blocksPerSecond)
{
    private const int MostLag = 140;

    public ulong Height => 1_000_000 + (ulong)(world.Clock.Passed.TotalSeconds * blocksPerSecond);

    /// <summary>The height as a node sees it that may lag.</summary>
    public ulong Seen(string question) => Height - (world.Faults ? world.Roll($"{chain} lags: {question}", 6) switch
    {
        0 => MostLag,
        1 => (ulong)world.Roll($"{chain} lag of {question}", MostLag),
        _ => 0,
    } : 0);

    public SimFate Fate(string id)
    {
        var fate = world.Roll($"{chain} fate {id}", 24) is var roll and < 9 && world.Faults ? (SimFate)roll : SimFate.Taken;
        world.Count(fate is SimFate.Taken ? "" : $"{chain}: {fate switch
        {
            SimFate.LandsLater => "taken, included many blocks later",
            SimFate.Dropped => "taken and dropped",
            SimFate.TakenAndCut => "taken, answer lost",
            SimFate.TakenAnd5xx => "taken and 5xx",
            SimFate.LostBefore => "lost before it was taken",
            SimFate.Unhealthy => "node unhealthy",
            SimFate.Refused => "refused",
            _ => "fails on the chain",
        }}");
        return fate;
    }

    /// <summary>The block it is included in.</summary>
    public ulong Lands(SimFate fate, ulong last) => fate is SimFate.LandsLater ? Math.Min(last, Height + 1 + (ulong)world.Roll(chain + " lands", 300)) : Height;
}
