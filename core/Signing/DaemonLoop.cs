using KmsCloud.Errors;
using KmsCloud.Policy;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>Cycles one after the other, a period apart from start to start, never overlapping.</summary>
public static class DaemonLoop
{
    /// <summary>Runs until <paramref name="stop"/> is set; the cycle under way ends first.</summary>
    /// <param name="services">What it works with.</param>
    /// <param name="options">What it looks at.</param>
    /// <param name="period">From the start of one cycle to the start of the next.</param>
    /// <param name="hurry">Released by SIGHUP: the next cycle begins at once, and reads <paramref name="policy"/> again.</param>
    /// <param name="policy">Reads the policy file, or null when there is none.</param>
    /// <param name="stop">Set by SIGTERM and SIGINT.</param>
    public static async Task RunAsync(
        SigningServices services, CycleOptions options, TimeSpan period, SemaphoreSlim hurry, Func<IReadOnlyList<PolicyRule>>? policy, CancellationToken stop)
    {
        Anchor(services);
        var cycle = new SigningCycle(services, options);
        while (!stop.IsCancellationRequested)
        {
            var started = services.Clock.GetTimestamp();
            Reload(services);
            await cycle.RunOnceAsync(stop);
            var left = period - services.Clock.GetElapsedTime(started);
            await PauseAsync(services, left > TimeSpan.Zero ? left : TimeSpan.Zero, hurry, policy, stop); // a SIGHUP counts under full load too
        }

        Anchor(services);
        services.Log.Stopped();
    }

    /// <summary>The hash of the state's head, for a log that is kept elsewhere.</summary>
    private static void Anchor(SigningServices services)
    {
        if (services.Head is { } head)
        {
            services.Log.StateHead(head.Hash);
        }
    }

    private static async Task PauseAsync(SigningServices services, TimeSpan left, SemaphoreSlim hurry, Func<IReadOnlyList<PolicyRule>>? policy, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var pause = Task.Delay(left, services.Clock, over.Token);
        var signal = hurry.WaitAsync(over.Token);
        await Task.WhenAny(pause, signal);
        await over.CancelAsync();
        await Task.WhenAll(pause, signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (signal.IsCompletedSuccessfully && policy is not null)
        {
            ReloadPolicy(services, policy);
        }
    }

    private static void ReloadPolicy(SigningServices services, Func<IReadOnlyList<PolicyRule>> policy)
    {
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

    private static void Reload(SigningServices services)
    {
        try
        {
            if (services.Wallets.ReloadIfReplaced())
            {
                services.Head?.Saw(services.Wallets.Generation);
                services.Log.Reloaded(services.Wallets.Generation);
            }
        }
        catch (KmsException error)
        {
            services.Log.ReloadFailed(error.Message);
        }
    }
}
