using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>A note in a local file.</summary>
public sealed class FileNote(string path) : IStateNote
{
    private const int LargestNote = 64 * 1024;

    /// <inheritdoc/>
    public byte[]? Read()
    {
        try
        {
            return SmallFile.Read(path, LargestNote);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' cannot be read: {AtomicFile.Why(error)}",
                "check the state folder",
                error);
        }
    }

    /// <inheritdoc/>
    public void Write(byte[] content) => AtomicFile.Replace(path, content);

    /// <inheritdoc/>
    public bool Remove()
    {
        try
        {
            var was = File.Exists(path);
            File.Delete(path);
            File.Delete(path + ".bak");
            return was;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' cannot be removed: {AtomicFile.Why(error)}",
                "check the state folder",
                error);
        }
    }
}
