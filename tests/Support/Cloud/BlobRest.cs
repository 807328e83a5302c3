using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>The blob service's plain REST API, for tests that do to a container what somebody else could: without the product's client.</summary>
internal sealed class BlobRest(TokenCredential credential, HttpPipelineTransport transport)
{
    private readonly HttpPipeline pipeline = HttpPipelineBuilder.Build(new Options { Transport = transport }, new BearerTokenAuthenticationPolicy(credential, "https://storage.azure.com/.default"));

    public Response Send(RequestMethod method, Uri url, Action<Request>? shape = null)
    {
        var message = pipeline.CreateMessage(); // lives on in the response, which the caller disposes of
        message.Request.Method = method;
        message.Request.Uri.Reset(url);
        message.Request.Headers.SetValue("x-ms-version", "2024-11-04");
        shape?.Invoke(message.Request);
        pipeline.Send(message, CancellationToken.None);
        return message.Response;
    }

    private sealed class Options : ClientOptions;
}
