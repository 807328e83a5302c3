using Microsoft.Extensions.Logging;

namespace KmsCloud.Functions;

/// <summary>The lines of the function itself; those of the cycle are in core/Service/Telemetry.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(101, LogLevel.Information, "Opened {Wallets} wallets of generation {Generation}.")]
    internal static partial void Opened(this ILogger log, int wallets, long generation);

    [LoggerMessage(102, LogLevel.Information, "The wallet file was replaced and read again: generation {Generation}.")]
    internal static partial void WalletReloaded(this ILogger log, long generation);

    [LoggerMessage(103, LogLevel.Warning, "The wallet file could not be read again: {Problem}")]
    internal static partial void WalletNotReloaded(this ILogger log, string problem);

    [LoggerMessage(104, LogLevel.Error, "Nothing could be signed: {Problem}")]
    internal static partial void NotReady(this ILogger log, string problem);

    [LoggerMessage(105, LogLevel.Warning, "The lease on the state was lost; it is opened again.")]
    internal static partial void LeaseLost(this ILogger log);

    [LoggerMessage(107, LogLevel.Information, "Standby: {Reason}")]
    internal static partial void StandsBy(this ILogger log, string reason);

    [LoggerMessage(106, LogLevel.Error, "{Chain}: {Problem}")]
    internal static partial void ListFailed(this ILogger log, string chain, string problem);
}
