using Azure.Core;
using Azure.Core.Pipeline;

namespace KmsCloud.Cloud;

/// <summary>
/// Drops the body of an error: status and <c>x-ms-error-code</c> say what is wanted, and what a proxy or a broken
/// service puts there is of any size and form, which the client's parser takes for granted.
/// </summary>
internal sealed class BareErrors : HttpPipelinePolicy
{
    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        Drop(message);
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ProcessNext(message, pipeline);
        Drop(message);
    }

    private static void Drop(HttpMessage message)
    {
        if (message.HasResponse && message.Response is { Status: >= 300, ContentStream: { } body })
        {
            message.Response.ContentStream = null;
            body.Dispose();
        }
    }
}
