using Azure.Core;
using Azure.Core.Pipeline;

namespace KmsCloud.Cloud;

/// <summary>How every client of an Azure service behaves: a few repetitions, and nothing of requests or answers in logs and traces.</summary>
internal static class AzureClient
{
    /// <summary>Sets a client's options.</summary>
    /// <param name="options">The options, which are returned.</param>
    /// <param name="patience">Longest time for one attempt.</param>
    /// <param name="transport">Another way to the network than the default one.</param>
    internal static T Configure<T>(T options, TimeSpan patience, HttpPipelineTransport? transport)
        where T : ClientOptions
    {
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(400);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(10);
        options.Retry.NetworkTimeout = patience;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        if (transport is not null)
        {
            options.Transport = transport;
        }

        return options;
    }
}
