using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Cli;

/// <summary>A file of the user's that was not there before: mode 0600, whole or not at all.</summary>
internal static class NewFile
{
    /// <summary>Makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">The option that named it, for the hint.</param>
    /// <param name="write">Writes its content, which may be secret: the stream keeps no copy of it.</param>
    /// <exception cref="KmsException">One of the name is there, or it cannot be written.</exception>
    internal static void Write(string path, string option, Action<Stream> write)
    {
        if (File.Exists(path))
        {
            throw Exists(path, option, null);
        }

        try
        {
            AtomicFile.Make(path, overwrite: false, fresh =>
            {
                using var file = new FileStream(fresh, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
                write(file);
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw File.Exists(path)
                ? Exists(path, option, error)
                : new KmsException(Failure.Usage, $"'{path}' cannot be written", $"choose another {option}", error);
        }
    }

    private static KmsException Exists(string path, string option, Exception? error) =>
        new(Failure.Usage, $"'{path}' exists and is not overwritten", $"choose another {option}", error);
}
