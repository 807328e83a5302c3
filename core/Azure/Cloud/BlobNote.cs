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
        var answer = store.Write(
            url, content, new() { HttpHeaders = new() { ContentType = "application/json" } }, out _);
        if (!answer.IsDone)
        {
            throw BlobStore.Problem(url, answer, "the note");
        }
    }

    /// <inheritdoc/>
    public bool Remove()
    {
        var answer = BlobStore.Ask(url, () => store.Block(url).Delete());
        return answer.Status switch
        {
            200 => true,
            404 => false,
            _ => throw BlobStore.Problem(url, answer, "the note"),
        };
    }

    private Func<byte[]?> Look()
    {
        try
        {
            var answer = store.Read(url, LargestNote, out var there);
            var content = answer.Status switch
            {
                200 => there!.Bytes ?? throw new KmsException(Failure.WalletFile, $"the note '{url.AbsolutePath}' is too long"),
                404 => null,
                _ => throw BlobStore.Problem(url, answer, "the note"),
            };
            return () => content;
        }
        catch (KmsException error)
        {
            return () => throw new KmsException(error.Failure, error.Message, error.Hint, error);
        }
    }
}
