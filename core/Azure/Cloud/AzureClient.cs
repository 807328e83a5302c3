using Azure.Core;
using Azure.Core.Pipeline;

namespace KmsCloud.Cloud;

/// <summary>
/// How every client of an Azure service behaves: a few repetitions, and nothing of requests or answers in logs and
/// traces.
/// </summary>
internal static class AzureClient
{
    /// <summary>Error code of an answer that <see cref="BoundedAnswers"/> cut off.</summary>
    internal const string TooLong = "AnswerTooLong";

    /// <summary>Most bytes of an answer that holds one secret or token: Key Vault's largest secret has 25 KB.</summary>
    internal const int SmallAnswer = 256 * 1024;

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

    /// <summary>Lets a client read no more than an answer with one secret or token has.</summary>
    internal static T ReadingLittle<T>(T options)
        where T : ClientOptions
    {
        options.AddPolicy(new BoundedAnswers(SmallAnswer), HttpPipelinePosition.BeforeTransport);
        return options;
    }
}
