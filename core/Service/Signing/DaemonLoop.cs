using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>
/// A loop for each chain: it polls, works and pauses by itself, a period apart from start to start, so that no chain waits for another.
/// Beside them one loop looks after what is common: freezing, the wallet file, the policy.
/// </summary>
public sealed class DaemonLoop : IDisposable
{
    private const int Flood = 500; // refused in one round
    private const int PauseOfFlood = 9; // rounds' lengths: a flooded chain takes a tenth of one processor at most

    private static readonly TimeSpan BetweenNotices = TimeSpan.FromMinutes(1);

    private readonly SigningServices services;
    private readonly Network network;
    private readonly IReadOnlyList<string> chains;
    private readonly TimeSpan period;
    private readonly SemaphoreSlim hurry;
    private readonly Func<IReadOnlyList<PolicyRule>>? policy;
    private readonly SigningCycle cycle;
    private readonly CycleSums sums;
    private readonly SemaphoreSlim rounds; // whoever holds all of them is alone with the wallets
    private long? saidWaiting; // when it was last said that there are no wallets
    private CancellationTokenSource quiet = new(); // set: rounds begin nothing new, as at a stop
    private TaskCompletionSource wake = NewWake();

    private DaemonLoop(SigningServices services, CycleOptions options, TimeSpan period, SemaphoreSlim hurry, Func<IReadOnlyList<PolicyRule>>? policy)
    {
        this.services = services;
        this.period = period;
        this.hurry = hurry;
        this.policy = policy;
        chains = options.Chains;
        network = options.Context.Network;
        cycle = new(services, options);
        sums = new(chains, period, services.Clock);
        rounds = new(chains.Count);
    }

    /// <summary>Runs until <paramref name="stop"/> is set; the rounds under way end first.</summary>
    /// <param name="services">What it works with.</param>
    /// <param name="options">What it looks at.</param>
    /// <param name="period">From the start of one round of a chain to the start of its next.</param>
    /// <param name="hurry">Released by SIGHUP: the next rounds begin at once, and <paramref name="policy"/> is read again.</param>
    /// <param name="policy">Reads the policy file, or null when there is none.</param>
    /// <param name="stop">Set by SIGTERM and SIGINT.</param>
    public static async Task RunAsync(
        SigningServices services, CycleOptions options, TimeSpan period, SemaphoreSlim hurry, Func<IReadOnlyList<PolicyRule>>? policy, CancellationToken stop)
    {
        using var loop = new DaemonLoop(services, options, period, hurry, policy);
        TellHead(services);
        await loop.LookAfterAsync();
        await Task.WhenAll([loop.HouseAsync(stop), .. loop.chains.Select(chain => loop.ChainAsync(chain, stop))]);
        DecodeLimit.IsClosed = false; // it is the process's
        TellHead(services);
        services.Log.Stopped();
    }

    /// <summary>The hash of the state's head, for a log that is kept elsewhere.</summary>
    public static void TellHead(SigningServices services)
    {
        if (services.Head is { } head)
        {
            services.Log.StateHead(head.Id, head.Hash);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        quiet.Dispose();
        rounds.Dispose();
    }

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ChainAsync(string chain, CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            var called = Volatile.Read(ref wake).Task;
            var started = services.Clock.GetTimestamp();
            var refused = await RoundAsync(chain, stop);
            var took = services.Clock.GetElapsedTime(started);
            var start = refused > Flood ? TimeSpan.FromTicks(Math.Max(period.Ticks, took.Ticks * (PauseOfFlood + 1))) : period;
            var left = start - took;
            await PauseAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, called, stop);
        }
    }

    private async Task<int> RoundAsync(string chain, CancellationToken stop)
    {
        await rounds.WaitAsync(CancellationToken.None);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, quiet.Token);
            var round = await cycle.RunChainAsync(chain, either.Token);
            if (sums.Add(round, out var isWhole) is { } sum)
            {
                cycle.Ended(sum, isWhole);
            }

            return round.Transactions.Count(transaction => transaction.Verdict is Verdict.Refused);
        }
        finally
        {
            rounds.Release();
        }
    }

    private async Task HouseAsync(CancellationToken stop)
    {
        var signal = hurry.WaitAsync(stop);
        while (!stop.IsCancellationRequested)
        {
            await PauseAsync(period, signal, stop);
            await LookAfterAsync();
            if (!signal.IsCompletedSuccessfully)
            {
                continue;
            }

            ReloadPolicy();
            ReloadApprovers();
            Interlocked.Exchange(ref wake, NewWake()).SetResult();
            signal = hurry.WaitAsync(stop);
        }

        await signal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PauseAsync(TimeSpan left, Task called, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var pause = Task.Delay(left, services.Clock, over.Token);
        await Task.WhenAny(pause, called);
        await over.CancelAsync();
        await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LookAfterAsync()
    {
        await cycle.NoticeFreezeAsync();
        var isReplaced = IsReplaced();
        DecodeLimit.IsClosed = isReplaced && DecodeLimit.Left > 0; // a thread that was left alone may still look at keys: let no other follow it
        if (isReplaced && DecodeLimit.Left == 0)
        {
            await ReloadAsync();
        }

        NoticeNoWallets();
    }

    /// <summary>Says about once a minute that nothing can be signed, so that nobody takes the silence for health.</summary>
    private void NoticeNoWallets()
    {
        if (chains.Any(chain => services.Wallets.Ids(chain, network).Count > 0))
        {
            saidWaiting = null;
            return;
        }

        if (saidWaiting is { } told && services.Clock.GetElapsedTime(told) < BetweenNotices)
        {
            return;
        }

        saidWaiting = services.Clock.GetTimestamp();
        services.Log.NoWallets(network.ToString().ToLowerInvariant());
    }

    private bool IsReplaced()
    {
        try
        {
            return services.Wallets.IsReplaced;
        }
        catch (KmsException error)
        {
            services.Log.ReloadFailed(error.Message);
            return false;
        }
    }

    /// <summary>The rounds under way hand over what is signed and begin nothing new; then the wallets change, and all go on.</summary>
    private async Task ReloadAsync()
    {
        await quiet.CancelAsync();
        foreach (var _ in chains)
        {
            await rounds.WaitAsync();
        }

        try
        {
            if (DecodeLimit.Left == 0 && services.ReloadWallets())
            {
                services.Log.Reloaded(services.Wallets.Generation);
            }
        }
        catch (KmsException error)
        {
            services.Log.ReloadFailed(error.Message);
        }
        finally
        {
            Interlocked.Exchange(ref quiet, new()).Dispose();
            rounds.Release(chains.Count);
        }
    }

    private void ReloadPolicy()
    {
        if (policy is null)
        {
            return;
        }

        try
        {
            var rules = policy();
            services.Policy!.Replace(rules);
            services.Log.PolicyReloaded(rules.Count);
        }
        catch (KmsException error)
        {
            services.Log.PolicyReloadFailed(error.Message);
        }
    }

    private void ReloadApprovers()
    {
        if (services.Approver?.Approvers is not { } approvers)
        {
            return;
        }

        try
        {
            approvers.Reload();
            services.Log.ApproversReloaded(approvers.Current.People.Count, approvers.Current.Digest);
        }
        catch (KmsException error)
        {
            services.Log.ApproversReloadFailed(error.Message);
        }
    }
}
