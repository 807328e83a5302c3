using Azure;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Cloud;

/// <summary>
/// A short record in one blob. A write is there whole or not at all, so each one replaces everything, and it carries
/// the ETag of what it replaces: a holder that was overtaken cannot put an older one back. A local file with both
/// places may be uploaded as it is.
/// </summary>
public sealed class BlobRecord : IRecordPlaces
{
    private readonly int size;
    private readonly BlobStore store;
    private readonly Uri url;
    private byte[]? content;
    private ETag? version;

    private BlobRecord(BlobStore store, Uri url, int size)
    {
        this.store = store;
        this.url = url;
        this.size = size;
        if (Fetch() is { } there)
        {
            (content, version) = there;
        }
    }

    /// <inheritdoc/>
    public int Count => 2;

    /// <inheritdoc/>
    public bool IsAllOrNothing => true;

    /// <summary>Whether a write was refused or in doubt, so that the record must be opened again.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Opens a record; the first write makes the blob.</summary>
    /// <exception cref="KmsException">It cannot be read.</exception>
    public static BlobRecord Open(BlobStore store, Uri url, int size = 256) => new(store, url, size);

    /// <inheritdoc/>
    public byte[]? Read(int place) =>
        content?.Length >= (place + 1) * size ? content[(place * size)..((place + 1) * size)] : null;

    /// <inheritdoc/>
    public void Write(int place, ReadOnlySpan<byte> record, bool flush = true)
    {
        if (IsClosed)
        {
            throw Overtaken();
        }

        IsClosed = true; // unless what follows ends well
        var bytes = record.ToArray();
        var answer = store.Write(url, bytes, new() { HttpHeaders = new() { ContentType = "application/json" }, Conditions = BlobStore.Replacing(version) }, out var tag);
        (content, version) = answer.Status switch
        {
            200 => (bytes, tag),
            // the answer to a first attempt was lost
            409 or 412 when Fetch() is { } there && there.Content.AsSpan().SequenceEqual(bytes) => there,
            409 or 412 => throw Overtaken(),
            _ => throw BlobStore.Problem(url, answer, "the record"),
        };
        IsClosed = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private KmsException Overtaken() =>
        new(
            Failure.WalletFile,
            $"the record '{url.AbsolutePath}' was written by another instance",
            "nothing more is signed until it is opened again");

    private (byte[] Content, ETag Version)? Fetch()
    {
        var answer = store.Read(url, 2 * size, out var there);
        return answer.Status switch
        {
            200 => (there!.Bytes ?? [], there.Tag),
            404 => null,
            _ => throw BlobStore.Problem(url, answer, "the record"),
        };
    }
}
