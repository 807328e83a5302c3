using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using KmsCloud.Errors;

namespace KmsCloud.Cloud;

/// <summary>
/// The blobs that an identity may use, by Azure's own client: bearer token, retries with Retry-After, TLS only, nothing
/// of a body in logs. Errors come out as what they mean to an operator.
/// </summary>
public sealed class BlobStore
{
    private readonly ConcurrentDictionary<string, BlobServiceClient> accounts = new(StringComparer.Ordinal);
    private readonly TokenCredential credential;
    private readonly BlobClientOptions options;

    /// <summary>A client for every account the identity may use.</summary>
    /// <param name="credential">Who asks.</param>
    /// <param name="transport">Another way to the network than the default one.</param>
    public BlobStore(TokenCredential credential, HttpPipelineTransport? transport = null)
    {
        this.credential = credential;
        options = AzureClient.Configure(
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04), TimeSpan.FromSeconds(30), transport);
        options.AddPolicy(new BareErrors(), HttpPipelinePosition.BeforeTransport);
    }

    /// <summary>Whether a path names a blob rather than a file.</summary>
    public static bool IsBlobUrl(string path) => path.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks a blob's or container's address.</summary>
    /// <exception cref="KmsException">
    /// It is not https, or holds a user, query (such as a SAS token) or fragment.
    /// </exception>
    public static Uri CheckUrl(string text, string what) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && url.Query.Length == 0
        && url.Fragment.Length == 0 && url.AbsolutePath.Trim('/').Length > 0
            ? url
            : throw new KmsException(Failure.Usage, $"{what} is not the address of a blob or container", "write it like https://account.blob.core.windows.net/container/wallet.dat, without a SAS token");

    /// <summary>The address of a blob below another.</summary>
    public static Uri Below(Uri container, string name) => new(container.AbsoluteUri.TrimEnd('/') + "/" + name);

    /// <summary>A blob that is written whole.</summary>
    internal BlockBlobClient Block(Uri url)
    {
        var (container, name) = Place(url);
        return container.GetBlockBlobClient(name);
    }

    /// <summary>A blob that only grows.</summary>
    internal AppendBlobClient Append(Uri url)
    {
        var (container, name) = Place(url);
        return container.GetAppendBlobClient(name);
    }

    /// <summary>Makes a call and tells how the service answered it.</summary>
    /// <exception cref="KmsException">It did not answer.</exception>
    internal static BlobAnswer Ask(Uri url, Action call)
    {
        try
        {
            call();
            return BlobAnswer.Done;
        }
        catch (RequestFailedException error) when (error.Status != 0)
        {
            return new(error.Status, error.ErrorCode);
        }
        catch (Exception error) when (Explain(url, error) is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>The same without holding a thread.</summary>
    /// <exception cref="KmsException">It did not answer.</exception>
    internal static async Task<BlobAnswer> AskAsync(Uri url, Func<Task> call)
    {
        try
        {
            await call();
            return BlobAnswer.Done;
        }
        catch (RequestFailedException error) when (error.Status != 0)
        {
            return new(error.Status, error.ErrorCode);
        }
        catch (Exception error) when (Explain(url, error) is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>A blob's properties.</summary>
    internal BlobAnswer Look(Uri url, out BlobProperties? properties)
    {
        BlobProperties? found = null;
        var answer = Ask(url, () => found = Block(url).GetProperties().Value);
        properties = found;
        return answer;
    }

    /// <summary>A whole blob of bounded size.</summary>
    /// <param name="url">The blob.</param>
    /// <param name="most">Most bytes.</param>
    /// <param name="content">It; null when the answer is an error.</param>
    internal BlobAnswer Read(Uri url, long most, out BlobContent? content)
    {
        BlobContent? read = null;
        var answer = Ask(url, () =>
        {
            using var result = Block(url).DownloadStreaming().Value;
            read = new(Body(result, most), result.Details.ETag, result.Details.ContentHash);
        });
        content = read;
        return answer;
    }

    /// <summary>Writes a whole blob.</summary>
    /// <param name="url">The blob.</param>
    /// <param name="bytes">What it holds from then on.</param>
    /// <param name="shape">Type and conditions.</param>
    /// <param name="tag">Its tag from then on, when it was written.</param>
    internal BlobAnswer Write(Uri url, byte[] bytes, BlobUploadOptions shape, out ETag tag)
    {
        var written = default(ETag);
        // in one piece: it is there whole or not at all
        shape.TransferOptions = new() { InitialTransferSize = long.MaxValue };
        var answer = Ask(
            url, () => written = Block(url).Upload(new MemoryStream(bytes, writable: false), shape).Value.ETag);
        tag = written;
        return answer;
    }

    /// <summary>What must hold for a write to be done: that it replaces exactly that, or nothing.</summary>
    internal static BlobRequestConditions Replacing(ETag? tag) =>
        tag is { } known ? new() { IfMatch = known } : new() { IfNoneMatch = ETag.All };

    /// <summary>What an answer nobody hoped for means.</summary>
    internal static KmsException Problem(Uri url, BlobAnswer answer, string what)
    {
        var hint = (answer.Status, answer.Code) switch
        {
            (403, "AuthorizationPermissionMismatch") => "the identity lacks the role on this container: see infra/README.md",
            (403, _) => "the account's network rules or the identity's roles do not let it in",
            (401, _) => "the token is not one of this account's tenant",
            (404, _) => "check the address; containers are made by infra/, not by the program",
            (409, "BlobImmutableDueToPolicy") => "the container keeps its blobs unchanged for a while: see infra/README.md",
            (429 or 503, _) => "the account is busy; the next cycle tries again",
            _ => null,
        };
        return new(Failure.Gateway, $"{what} '{url.AbsolutePath}' on {url.Host}: HTTP {answer.Status}{(answer.Code is null ? "" : " " + answer.Code)}", hint);
    }

    /// <summary>What an error below the service's answers means; null for a bug.</summary>
    internal static KmsException? Explain(Uri url, Exception error) => error switch
    {
        AuthenticationFailedException => new(Failure.Gateway, "there is no token for storage: the identity was refused or is not there", "check AZURE_CLIENT_ID and the app's identity, or sign in with: az login", error),
        RequestFailedException or AggregateException or IOException => new(Failure.Gateway, $"the storage account {url.Host} cannot be reached", "check the network, the private endpoint and its DNS", error),
        OperationCanceledException => new(Failure.Gateway, $"the storage account {url.Host} does not answer", "check the network", error),
        _ => null,
    };

    private static byte[]? Body(BlobDownloadStreamingResult result, long most)
    {
        if (result.Details.ContentLength > most)
        {
            return null;
        }

        using var body = new MemoryStream();
        var piece = new byte[64 * 1024];
        for (int count; (count = result.Content.Read(piece)) > 0;)
        {
            if (body.Length + count > most)
            {
                return null;
            }

            body.Write(piece, 0, count);
        }

        return body.ToArray();
    }

    // one client an account: tokens and connections are shared by all of its blobs
    private (BlobContainerClient Container, string Name) Place(Uri url)
    {
        var parts = new BlobUriBuilder(url);
        var account = accounts.GetOrAdd(
            url.GetLeftPart(UriPartial.Authority), authority => new(new Uri(authority), credential, options));
        return (account.GetBlobContainerClient(parts.BlobContainerName), parts.BlobName);
    }
}

/// <summary>How the service answered.</summary>
/// <param name="Status">HTTP status; 200 for every success.</param>
/// <param name="Code">The service's own error code, where it gave one.</param>
internal readonly record struct BlobAnswer(int Status, string? Code)
{
    /// <summary>It did what was asked.</summary>
    internal static BlobAnswer Done { get; } = new(200, null);

    /// <summary>Whether it did what was asked.</summary>
    internal bool IsDone => Status == 200;
}

/// <summary>A blob that was read.</summary>
/// <param name="Bytes">Its bytes; null when it has more than were asked for.</param>
/// <param name="Tag">What a later write must name to replace exactly this.</param>
/// <param name="Hash">MD5 of the content as the service keeps it, or null.</param>
internal sealed record BlobContent(byte[]? Bytes, ETag Tag, byte[]? Hash);
