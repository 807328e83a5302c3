using System.Diagnostics;
using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>
/// An exclusive lock among processes: <c>flock</c> on a file beside what it guards, gone with the process that holds
/// it.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly FileStream stream;

    private FileLock(FileStream stream) => this.stream = stream;

    /// <summary>Takes the lock, waiting for another holder.</summary>
    /// <param name="path">The lock file, made with mode 0600 and left behind.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="what">What is guarded, for the message.</param>
    /// <exception cref="KmsException">
    /// Still held when the patience is over, or the folder cannot be written.
    /// </exception>
    public static FileLock Take(string path, TimeSpan patience, string what)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                AtomicFile.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
                // nothing is written into a lock; but a file would be made where a link leads
                StateFile.RequireNoLink(path);
                return new(new(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }));
            }
            catch (LinkedFileException error)
            {
                throw new KmsException(
                    Failure.WalletFile,
                    $"{what} cannot be locked: '{path}': {error.Message}",
                    "find out who did, and take it away",
                    error);
            }
            catch (IOException) when (File.Exists(path) && waited.Elapsed < patience)
            {
                Thread.Sleep(Pause);
            }
            catch (IOException error) when (File.Exists(path))
            {
                throw new KmsException(Failure.WalletFile, $"{what} is locked by another process", "wait for it, or find it with: fuser " + path, error) { IsHeldElsewhere = true };
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new KmsException(
                    Failure.WalletFile,
                    $"{what} cannot be locked: {AtomicFile.Why(error)}",
                    "check the folder's permissions",
                    error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
