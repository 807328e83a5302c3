using System.Globalization;
using Azure.Core;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Cloud;

/// <summary>A note in a blob, looked at once a second at the most: every signature asks for it.</summary>
public sealed class BlobNote(BlobStore store, Uri url, TimeProvider clock) : IStateNote
{
    private const int LargestNote = 64 * 1024;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private Func<byte[]?>? last;
    private long looked;

    /// <inheritdoc/>
    public byte[]? Read()
    {
        lock (gate)
        {
            if (last is null || clock.GetElapsedTime(looked) >= Fresh)
            {
                last = Look();
                looked = clock.GetTimestamp(); // after the answer: those who waited for it share it
            }

            return last();
        }
    }

    /// <inheritdoc/>
    public void Write(byte[] content)
    {
        using var response = store.Send(RequestMethod.Put, url, request =>
        {
            request.Headers.SetValue("x-ms-blob-type", "BlockBlob");
            request.Headers.SetValue("Content-Type", "application/json");
            request.Headers.SetValue("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
            request.Content = RequestContent.Create(content);
        });
        if (response.Status != 201)
        {
            throw BlobStore.Problem(url, response, "the note");
        }
    }

    /// <inheritdoc/>
    public bool Remove()
    {
        using var response = store.Send(RequestMethod.Delete, url);
        return response.Status switch
        {
            202 => true,
            404 => false,
            _ => throw BlobStore.Problem(url, response, "the note"),
        };
    }

    private Func<byte[]?> Look()
    {
        try
        {
            using var response = store.Send(RequestMethod.Get, url, buffered: false);
            var content = response.Status switch
            {
                200 => BlobStore.Body(response, LargestNote) ?? throw new KmsException(Failure.WalletFile, $"the note '{url.AbsolutePath}' is too long"),
                404 => null,
                _ => throw BlobStore.Problem(url, response, "the note"),
            };
            return () => content;
        }
        catch (KmsException error)
        {
            return () => throw new KmsException(error.Failure, error.Message, error.Hint, error);
        }
    }
}
