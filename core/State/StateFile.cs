using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using Microsoft.Win32.SafeHandles;

namespace KmsCloud.State;

/// <summary>
/// Opens files of the state folder that are written where they are. Whoever can write the folder may put a link in a
/// file's place: it is not followed, else what the link leads to (the wallet file, a file of settings) would be cut,
/// written or added to.
/// </summary>
internal static class StateFile
{
    /// <summary>What to do about a file that cannot be opened.</summary>
    /// <param name="error">Why it cannot.</param>
    /// <param name="otherwise">What to do where no link is the cause.</param>
    internal static string Hint(Exception error, string otherwise) => error is LinkedFileException
        ? "take the link away and put the file back; what is missing then says the start, and kms audit verify"
        : otherwise;

    /// <summary>Opens a file that is there, for reading and writing.</summary>
    /// <exception cref="IOException">It is not there, a link, or no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal static SafeFileHandle Open(string path)
    {
        RequireNoLink(path);
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        }

        var handle = LibC.OpenWithoutFollowing(path);
        if (LibC.Status(handle).IsFile)
        {
            return handle;
        }

        handle.Dispose();
        throw new IOException("it is no regular file");
    }

    /// <summary>Opens a file at its end, and makes it with mode 0600 when there is none.</summary>
    /// <exception cref="IOException">It is a link, or no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal static FileStream OpenAtEnd(string path)
    {
        if (!File.Exists(path))
        {
            AtomicFile.CreateNew(path).Dispose(); // fails where a link leads nowhere
        }

        var stream = new FileStream(Open(path), FileAccess.Write);
        stream.Position = stream.Length;
        return stream;
    }

    /// <summary>Refuses a link by that name; where the opening itself cannot.</summary>
    /// <exception cref="LinkedFileException">It is one.</exception>
    internal static void RequireNoLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new LinkedFileException($"it is a link to '{Printable.Line(target)}', which somebody put there");
        }
    }
}

/// <summary>A link lies where a file of the state should be.</summary>
/// <param name="message">Where it leads.</param>
internal sealed class LinkedFileException(string message) : IOException(message);
