using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Policy;

/// <summary>A place in the limits, held while a transaction is on its way.</summary>
/// <param name="Key">Pending id and content: what is charged once.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Time">When.</param>
/// <param name="Paid">Amounts by asset.</param>
public sealed record Reservation(string Key, string Rule, string Chain, DateTimeOffset Time, IReadOnlyDictionary<string, ExactSum> Paid);

/// <summary>
/// The policy at work: checks and reserves in one step, so that transactions side by side cannot exceed a limit together, and
/// keeps what was signed in <c>policy.jsonl</c>, so that a restart does not forget it.
/// </summary>
public sealed class PolicyGate
{
    /// <summary>After so many new lines the log is looked at, and made shorter when most of it is old.</summary>
    public const int LinesBetweenLooks = 10_000;

    private readonly TimeProvider clock;
    private readonly GroupCommit<ReadOnlyMemory<byte>> commits;
    private readonly Dictionary<(string Rule, string Chain, string Asset), PolicyWindow> windows = [];
    private readonly Lock gate = new();
    private readonly IAppendLog log;
    private readonly int between;
    private volatile IReadOnlyList<PolicyRule> rules;
    private int lines; // since the last look

    private PolicyGate(IReadOnlyList<PolicyRule> rules, IAppendLog log, TimeProvider clock, int between) =>
        (this.rules, this.log, this.clock, this.between, commits) = (rules, log, clock, between, new(WriteAsync));

    /// <summary>Takes up the counters where they were left.</summary>
    /// <param name="rules">The policy.</param>
    /// <param name="log">What was signed before; old lines are dropped where the log can do that.</param>
    /// <param name="clock">The time.</param>
    /// <param name="between">Lines between two looks at the log's length.</param>
    /// <exception cref="KmsException">A line is damaged.</exception>
    public static PolicyGate Open(IReadOnlyList<PolicyRule> rules, IAppendLog log, TimeProvider clock, int between = LinesBetweenLooks)
    {
        var opened = new PolicyGate(rules, log, clock, between);
        var number = 0;
        foreach (var (_, line) in log.ReadLines())
        {
            number++;
            try
            {
                opened.Charge(Read(line));
            }
            catch (KmsException error)
            {
                throw new KmsException(Failure.WalletFile, $"line {number} of policy.jsonl is damaged: {error.Message}", "restore it, or move it away to begin with empty windows", error);
            }
        }

        opened.lines = number;
        opened.Shrink();
        return opened;
    }

    /// <summary>Whether a rule for the chain wants fees proved.</summary>
    public bool WantsProof(string chain) => rules.Any(rule => rule.RequireVerifiedFee && rule.Chains.Contains(chain));

    /// <summary>Puts another policy in force; the windows stay.</summary>
    public void Replace(IReadOnlyList<PolicyRule> with) => rules = with;

    /// <summary>Checks a transaction and, when it is allowed, holds its place in the limits until it is kept or given back.</summary>
    public (PolicyVerdict Verdict, Reservation? Held) Reserve(string key, TransactionSummary summary, IReadOnlyList<string> wallets, bool filled)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var verdict = PolicyCheck.Verdict(rules, summary, wallets, (rule, asset) => Window(rule.Name, summary.Chain, asset).At(now, key), now, filled);
            if (verdict.Rule is null)
            {
                return (verdict, null);
            }

            var held = new Reservation(key, verdict.Rule.Name, summary.Chain, now, PolicyCheck.Charges(summary, verdict.Rule));
            Charge(held);
            return (verdict, held);
        }
    }

    /// <summary>Limits of a reservation's rule that are used to so many percent and more with it, in words.</summary>
    public IReadOnlyList<string> Near(Reservation held, int percent)
    {
        lock (gate)
        {
            return rules.FirstOrDefault(rule => rule.Name == held.Rule) is { } rule
                ? [.. PolicyCheck.Near(rule, held.Paid, asset => Window(held.Rule, held.Chain, asset).At(clock.GetUtcNow(), held.Key), percent)]
                : [];
        }
    }

    /// <summary>Gives a place back: nothing was signed.</summary>
    public void Release(Reservation held)
    {
        lock (gate)
        {
            foreach (var asset in held.Paid.Keys)
            {
                Window(held.Rule, held.Chain, asset).Remove(held.Key);
            }
        }
    }

    /// <summary>Makes a charge durable. Only after this may the transaction be signed.</summary>
    /// <exception cref="KmsException">It could not be written.</exception>
    public Task KeepAsync(Reservation held) => commits.AddAsync(CompactJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteString("time", held.Time);
        json.WriteString("key", held.Key);
        json.WriteString("rule", held.Rule);
        json.WriteString("chain", held.Chain);
        json.WriteStartObject("paid");
        foreach (var (asset, amount) in held.Paid)
        {
            json.WriteString(asset, amount.ToString());
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }));

    /// <summary>Gives back, durably, what was made durable: what was signed was thrown away in memory. A charge of the same key takes the first one's place.</summary>
    /// <exception cref="KmsException">It could not be written; the charge stands.</exception>
    public async Task GiveBackAsync(Reservation kept)
    {
        await KeepAsync(kept with { Paid = kept.Paid.ToDictionary(paid => paid.Key, _ => default(ExactSum)) });
        Release(kept);
    }

    /// <summary>Never runs twice at once, so that nothing is appended while the log is replaced.</summary>
    private async Task<long[]> WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> added)
    {
        var positions = await log.AppendAsync(added);
        lines += added.Count;
        Shrink();
        return positions;
    }

    private void Shrink()
    {
        if (lines < between || log is not IShrinkingLog shrinking)
        {
            return;
        }

        var oldest = clock.GetUtcNow() - PolicyWindow.Kept;
        var (all, live) = (0, new List<ReadOnlyMemory<byte>>());
        foreach (var (_, line) in log.ReadLines())
        {
            all++;
            if (Read(line).Time > oldest)
            {
                live.Add(line);
            }
        }

        lines = 0;
        if (live.Count > all / 2)
        {
            return;
        }

        try
        {
            shrinking.Replace(live);
        }
        catch (KmsException)
        {
            // no room for a second file, or the folder's flush failed: what was written stands, and what comes is refused if it cannot be durable
        }
    }

    private static Reservation Read(ReadOnlyMemory<byte> line)
    {
        var json = new StrictObject(StrictJson.Parse(line, "the line"), "the line");
        var time = DateTimeOffset.TryParse(json.String("time"), CultureInfo.InvariantCulture, out var known) ? known : throw json.Bad("time", "is no time");
        var paid = json.Object("paid");
        return new(
            json.String("key"), json.String("rule"), json.String("chain"), time,
            paid.Names.ToDictionary(asset => asset, asset => ExactSum.TryRead(paid.String(asset)) ?? throw json.Bad("paid", "holds no amount")));
    }

    private void Charge(Reservation held)
    {
        foreach (var (asset, amount) in held.Paid)
        {
            Window(held.Rule, held.Chain, asset).Add(held.Key, held.Time, amount);
        }
    }

    private PolicyWindow Window(string rule, string chain, string asset)
    {
        if (!windows.TryGetValue((rule, chain, asset), out var window))
        {
            windows[(rule, chain, asset)] = window = new();
        }

        return window;
    }
}
