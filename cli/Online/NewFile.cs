using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Cli;

/// <summary>A file of the user's that was not there before: mode 0600, whole or not at all.</summary>
internal static class NewFile
{
    internal static void Write(string path, Action<Stream> write)
    {
        if (File.Exists(path))
        {
            throw new KmsException(Failure.Usage, $"'{path}' is there already", "nothing was written; choose another name");
        }

        var fresh = path + ".new";
        try
        {
            File.Delete(fresh);
            using (var file = AtomicFile.CreateNew(fresh))
            {
                write(file);
                AtomicFile.Flush(file);
            }

            File.Move(fresh, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.Usage, $"'{path}' cannot be written", "check the folder", error);
        }
        finally
        {
            DeleteQuietly(fresh);
        }
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // the folder cannot be written to, which was said
        }
    }
}
