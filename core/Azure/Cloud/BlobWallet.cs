using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Wallets;

namespace KmsCloud.Cloud;

/// <summary>
/// A wallet file in a block blob. Every write carries the ETag it replaces, so no change of another is ever lost; the
/// container's versioning keeps the old ones.
/// </summary>
public sealed class BlobWallet(BlobStore store, Uri url) : IWalletStorage
{
    private const string Missing = "No such wallet file. Nothing is at";

    /// <inheritdoc/>
    public string Name => url.AbsoluteUri;

    /// <inheritdoc/>
    public bool Exists()
    {
        var answer = store.Look(url, out _);
        return answer.Status switch
        {
            200 => true,
            404 => false,
            _ => throw BlobStore.Problem(url, answer, "the wallet file"),
        };
    }

    /// <inheritdoc/>
    public WalletBytes Read()
    {
        var answer = store.Read(url, WalletFile.LargestFile, out var there);
        if (!answer.IsDone)
        {
            throw answer.Status == 404
                ? new KmsException(Failure.WalletFile, $"{Missing} '{url}'", "check the address, or make one with: kms generatemanagedwallet")
                : BlobStore.Problem(url, answer, "the wallet file");
        }

        var bytes = there!.Bytes ?? throw WalletHeader.Damaged("it is larger than 256 MiB");
        if (bytes.Length == 0)
        {
            throw WalletHeader.Damaged("it is empty");
        }

        if (there.Hash is { Length: > 0 } md5 && !md5.AsSpan().SequenceEqual(Md5(bytes)))
        {
            throw new KmsException(
                Failure.Gateway,
                $"the wallet file '{url.AbsolutePath}' was changed on its way",
                "the next cycle reads it again");
        }

        return new(SecretBytes.Copy(bytes), there.Tag.ToString());
    }

    /// <inheritdoc/>
    public bool IsCurrent(string version)
    {
        var answer = store.Look(url, out var properties);
        return answer.IsDone
            ? properties!.ETag.ToString() == version
            : throw BlobStore.Problem(url, answer, "the wallet file");
    }

    /// <summary>Nothing to hold: the ETag condition of <see cref="Replace"/> refuses whoever comes second.</summary>
    public IDisposable Lock() => new MemoryStream();

    /// <inheritdoc/>
    public string Replace(ReadOnlySpan<byte> bytes, string? version)
    {
        var content = bytes.ToArray();
        var shape = new BlobUploadOptions
        {
            HttpHeaders = new() { ContentType = "application/octet-stream", ContentHash = Md5(content) },
            Conditions = BlobStore.Replacing(version is null ? null : new ETag(version)),
        };
        var answer = store.Write(url, content, shape, out var tag);
        return answer.Status switch
        {
            200 => tag.ToString(),
            // the answer to a first attempt was lost, and it had worked
            409 or 412 when IsOurs(content) is { } ours => ours,
            409 or 412 => throw new KmsException(Failure.WalletFile, "the wallet file was changed by somebody else in the meantime", "nothing was written; run the command again"),
            _ => throw BlobStore.Problem(url, answer, "the wallet file"),
        };
    }

    private string? IsOurs(byte[] content) =>
        store.Read(url, WalletFile.LargestFile, out var there).IsDone && there!.Bytes.AsSpan().SequenceEqual(content)
            ? there.Tag.ToString()
            : null;

#pragma warning disable CA5351 // the service's own checksum of a blob; what protects the file is its own MAC
    private static byte[] Md5(byte[] bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351
}
