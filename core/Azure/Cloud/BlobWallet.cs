using System.Globalization;
using System.Security.Cryptography;
using Azure;
using Azure.Core;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Wallets;

namespace KmsCloud.Cloud;

/// <summary>
/// A wallet file in a block blob. Every write carries the ETag it replaces, so no change of another is ever lost; the container's
/// versioning keeps the old ones.
/// </summary>
public sealed class BlobWallet(BlobStore store, Uri url) : IWalletStorage
{
    private const string Missing = "No such wallet file. Nothing is at";

    /// <inheritdoc/>
    public string Name => url.AbsoluteUri;

    /// <inheritdoc/>
    public bool Exists()
    {
        using var response = store.Send(RequestMethod.Head, url);
        return response.Status switch
        {
            200 => true,
            404 => false,
            _ => throw BlobStore.Problem(url, response, "the wallet file"),
        };
    }

    /// <inheritdoc/>
    public WalletBytes Read()
    {
        using var response = store.Send(RequestMethod.Get, url, buffered: false);
        if (response.Status != 200)
        {
            throw response.Status == 404
                ? new KmsException(Failure.WalletFile, $"{Missing} '{url}'", "check the address, or make one with: kms generatemanagedwallet")
                : BlobStore.Problem(url, response, "the wallet file");
        }

        var bytes = Body(response);
        if (response.Headers.TryGetValue("Content-MD5", out var md5) && md5 != Md5(bytes))
        {
            throw new KmsException(Failure.Gateway, $"the wallet file '{url.AbsolutePath}' was changed on its way", "the next cycle reads it again");
        }

        return new(SecretBytes.Copy(bytes), Tag(response));
    }

    /// <inheritdoc/>
    public bool IsCurrent(string version)
    {
        using var response = store.Send(RequestMethod.Head, url, request => request.Headers.SetValue("If-None-Match", version));
        return response.Status switch
        {
            304 => true,
            200 => Tag(response) == version,
            _ => throw BlobStore.Problem(url, response, "the wallet file"),
        };
    }

    /// <summary>Nothing to hold: the ETag condition of <see cref="Replace"/> refuses whoever comes second.</summary>
    public IDisposable Lock() => new MemoryStream();

    /// <inheritdoc/>
    public string Replace(ReadOnlySpan<byte> bytes, string? version)
    {
        var content = bytes.ToArray();
        using var response = store.Send(RequestMethod.Put, url, request =>
        {
            request.Headers.SetValue("x-ms-blob-type", "BlockBlob");
            request.Headers.SetValue("Content-Type", "application/octet-stream");
            request.Headers.SetValue("Content-MD5", Md5(content));
            request.Headers.SetValue("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
            request.Headers.SetValue(version is null ? "If-None-Match" : "If-Match", version ?? "*");
            request.Content = RequestContent.Create(content);
        });
        return response.Status switch
        {
            201 => Tag(response),
            409 or 412 when IsOurs(content) is { } tag => tag, // the answer to a first attempt was lost, and it had worked
            409 or 412 => throw new KmsException(Failure.WalletFile, "the wallet file was changed by somebody else in the meantime", "nothing was written; run the command again"),
            _ => throw BlobStore.Problem(url, response, "the wallet file"),
        };
    }

    private string? IsOurs(byte[] content)
    {
        using var response = store.Send(RequestMethod.Get, url, buffered: false);
        return response.Status == 200 && Body(response).AsSpan().SequenceEqual(content) ? Tag(response) : null;
    }

    private static byte[] Body(Response response) => response.Headers.ContentLengthLong is 0
        ? throw WalletHeader.Damaged("it is empty")
        : BlobStore.Body(response, WalletFile.LargestFile) ?? throw WalletHeader.Damaged("it is larger than 256 MiB");

    private static string Tag(Response response) => BlobStore.Tag(response);

#pragma warning disable CA5351 // Content-MD5 is the service's transport checksum; what protects the file is its own MAC
    private static string Md5(byte[] bytes) => Convert.ToBase64String(MD5.HashData(bytes));
#pragma warning restore CA5351
}
