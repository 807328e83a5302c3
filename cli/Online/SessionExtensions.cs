using KmsCloud.Cloud;
using KmsCloud.Telemetry;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Cli;

/// <summary>What a session has where there is a network.</summary>
internal static class SessionExtensions
{
    private static readonly LineWriter Stderr = new(Console.OpenStandardError()); // one for all loggers

    /// <summary>Whether the wallet file is a blob.</summary>
    internal static bool IsInBlob(this Session session) => BlobStore.IsBlobUrl(session.WalletPath);

    /// <summary>A logger on stderr.</summary>
    internal static ILogger Log(this Session session)
    {
        var isJson = session.Arguments.GetValue(GlobalOptions.LogFormat) == "json";
        return new LineLogger(LeastLevel(session), isJson, TimeProvider.System, Stderr);
    }

    private static LogLevel LeastLevel(Session session)
    {
        if (session.Arguments.GetValue(GlobalOptions.Quiet))
        {
            return LogLevel.Error;
        }

        var isVerbose = session.Arguments.GetValue(GlobalOptions.Verbose)
            || session.Settings["TATUM_KMS_DEBUG_MODE"] is not null;
        return isVerbose ? LogLevel.Debug : LogLevel.Information;
    }
}
