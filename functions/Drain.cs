using Microsoft.Extensions.Hosting;

namespace KmsCloud.Functions;

/// <summary>
/// Ends with the host. A stop (SIGTERM, or the host's own message) begins nothing new and waits for what is being
/// broadcast; and a worker whose host is gone stops by itself, since no host takes its lease away and nobody reads its
/// log.
/// </summary>
internal sealed class Drain(SigningWorker worker, IHostApplicationLifetime lifetime) : BackgroundService
{
    /// <summary>How long a stop may take: the host kills five seconds after it said so.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(4.5);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await worker.DrainAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var host = ParentProcess.Id();
        while (ParentProcess.Id() == host)
        {
            await Task.Delay(Look, stoppingToken);
        }

        lifetime.StopApplication();
    }
}
