using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using KmsCloud.Errors;

namespace KmsCloud.Cloud;

/// <summary>
/// The Blob REST API over Azure.Core's pipeline: bearer token, retries with Retry-After, TLS only. Only the calls wallet file,
/// journal and audit log need; bodies are never logged.
/// </summary>
public sealed class BlobStore
{
    private const string ApiVersion = "2024-11-04";
    private const string Scope = "https://storage.azure.com/.default";
    private readonly HttpPipeline pipeline;

    /// <summary>A client for every account the identity may use.</summary>
    /// <param name="credential">Who asks.</param>
    /// <param name="transport">Another way to the network than the default one.</param>
    public BlobStore(TokenCredential credential, HttpPipelineTransport? transport = null)
    {
        pipeline = HttpPipelineBuilder.Build(AzureClient.Configure(new Options(), TimeSpan.FromSeconds(30), transport), new BearerTokenAuthenticationPolicy(credential, Scope));
    }

    /// <summary>Whether a path names a blob rather than a file.</summary>
    public static bool IsBlobUrl(string path) => path.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks a blob's or container's address.</summary>
    /// <exception cref="KmsException">It is not https, or holds a user, query (such as a SAS token) or fragment.</exception>
    public static Uri CheckUrl(string text, string what) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && url.Query.Length == 0
        && url.Fragment.Length == 0 && url.AbsolutePath.Trim('/').Length > 0
            ? url
            : throw new KmsException(Failure.Usage, $"{what} is not the address of a blob or container", "write it like https://account.blob.core.windows.net/container/wallet.dat, without a SAS token");

    /// <summary>The address of a blob below another.</summary>
    public static Uri Below(Uri container, string name) => new(container.AbsoluteUri.TrimEnd('/') + "/" + name);

    /// <summary>One call, waiting for it.</summary>
    internal Response Send(RequestMethod method, Uri url, Action<Request>? shape = null, bool buffered = true)
    {
        var message = Message(method, url, shape, buffered); // lives on in the response, which the caller disposes
        return Guard(url, () =>
        {
            pipeline.Send(message, CancellationToken.None);
            return message.Response;
        });
    }

    /// <summary>One call.</summary>
    internal async Task<Response> SendAsync(RequestMethod method, Uri url, Action<Request>? shape, CancellationToken cancel)
    {
        var message = Message(method, url, shape, buffered: true);
        try
        {
            await pipeline.SendAsync(message, cancel);
            return message.Response;
        }
        catch (Exception error) when (Explain(url, error) is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>What an answer nobody hoped for means.</summary>
    internal static KmsException Problem(Uri url, Response response, string what)
    {
        var code = response.Headers.TryGetValue("x-ms-error-code", out var known) ? known : null;
        var hint = (response.Status, code) switch
        {
            (403, "AuthorizationPermissionMismatch") => "the identity lacks the role on this container: see infra/README.md",
            (403, _) => "the account's network rules or the identity's roles do not let it in",
            (401, _) => "the token is not one of this account's tenant",
            (404, _) => "check the address; containers are made by infra/, not by the program",
            (409, "BlobImmutableDueToPolicy") => "the container keeps its blobs unchanged for a while: see infra/README.md",
            (429 or 503, _) => "the account is busy; the next cycle tries again",
            _ => null,
        };
        return new(Failure.Gateway, $"{what} '{url.AbsolutePath}' on {url.Host}: HTTP {response.Status}{(code is null ? "" : " " + code)}", hint);
    }

    /// <summary>A whole body, or null when it is longer than allowed.</summary>
    internal static byte[]? Body(Response response, long most)
    {
        if (response.Headers.ContentLengthLong > most)
        {
            return null;
        }

        using var body = new MemoryStream();
        using var stream = response.ContentStream ?? Stream.Null;
        var piece = new byte[64 * 1024];
        for (int count; (count = stream.Read(piece)) > 0;)
        {
            if (body.Length + count > most)
            {
                return null;
            }

            body.Write(piece, 0, count);
        }

        return body.ToArray();
    }

    /// <summary>What a later write must name to replace exactly this.</summary>
    internal static string Tag(Response response) =>
        response.Headers.ETag?.ToString() ?? throw new KmsException(Failure.Gateway, "the storage account sent no ETag");

    private HttpMessage Message(RequestMethod method, Uri url, Action<Request>? shape, bool buffered)
    {
        var message = pipeline.CreateMessage();
        message.BufferResponse = buffered;
        message.Request.Method = method;
        message.Request.Uri.Reset(url);
        message.Request.Headers.SetValue("x-ms-version", ApiVersion);
        shape?.Invoke(message.Request);
        return message;
    }

    private static Response Guard(Uri url, Func<Response> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (Explain(url, error) is { } problem)
        {
            throw problem;
        }
    }

    private static KmsException? Explain(Uri url, Exception error) => error switch
    {
        AuthenticationFailedException => new(Failure.Gateway, "there is no token for storage: the identity was refused or is not there", "check AZURE_CLIENT_ID and the app's identity, or sign in with: az login", error),
        RequestFailedException or AggregateException or IOException => new(Failure.Gateway, $"the storage account {url.Host} cannot be reached", "check the network, the private endpoint and its DNS", error),
        OperationCanceledException => new(Failure.Gateway, $"the storage account {url.Host} does not answer", "check the network", error),
        _ => null,
    };

    private sealed class Options : ClientOptions;
}
