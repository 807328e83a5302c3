using KmsCloud.Errors;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>Cycles one after the other, a period apart from start to start, never overlapping.</summary>
public static class DaemonLoop
{
    /// <summary>Runs until <paramref name="stop"/> is set; the cycle under way ends first.</summary>
    public static async Task RunAsync(SigningServices services, CycleOptions options, TimeSpan period, CancellationToken stop)
    {
        var cycle = new SigningCycle(services, options);
        while (!stop.IsCancellationRequested)
        {
            var started = services.Clock.GetTimestamp();
            Reload(services);
            await cycle.RunOnceAsync(stop);
            var left = period - services.Clock.GetElapsedTime(started);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, services.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static void Reload(SigningServices services)
    {
        try
        {
            if (services.Wallets.ReloadIfReplaced())
            {
                services.Log.Reloaded(services.Wallets.Generation);
            }
        }
        catch (KmsException error)
        {
            services.Log.ReloadFailed(error.Message);
        }
    }
}
