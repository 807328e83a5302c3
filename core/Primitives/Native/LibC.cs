using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KmsCloud.Primitives.Native;

/// <summary>The few system calls .NET has no method for: hard links, and flushing files and directories.</summary>
internal static partial class LibC
{
    private const string Library = "libc";
    private const int SetDumpable = 4;
    private const int Invalid = 22; // EINVAL
    private const int NotSupported = 95; // EOPNOTSUPP, the same as ENOTSUP on Linux
    private const int NoEntry = 2; // ENOENT
    private const int NoAccess = 13; // EACCES
    private const int ReadWithoutWaiting = 0x80800; // O_RDONLY | O_NONBLOCK | O_CLOEXEC
    private const int WriteWithoutWaiting = 0x80802; // O_RDWR | O_NONBLOCK | O_CLOEXEC

    // fcntl.h: ARM has numbers of its own for these two
    private static readonly int FolderOnly = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000; // O_DIRECTORY
    private static readonly int NoLinks = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000; // O_NOFOLLOW

    /// <summary>Gives a file a second name; false where the file system has no hard links.</summary>
    internal static bool TryLink(string existing, string name) => link(existing, name) == 0;

    /// <summary>
    /// Makes what was written to a file durable. .NET's own flushes (RandomAccess.FlushToDisk, FileStream.Flush) say
    /// nothing when the disk could not do it, and a journal must know.
    /// </summary>
    /// <exception cref="IOException">It could not be flushed.</exception>
    internal static void Flush(SafeFileHandle file)
    {
        if (fsync(file) != 0)
        {
            throw new IOException("cannot flush the file to disk");
        }
    }

    /// <summary>Makes renames in a directory durable (fsync of the directory itself).</summary>
    /// <exception cref="IOException">The directory cannot be opened or flushed.</exception>
    internal static void FlushDirectory(string path)
    {
        var descriptor = open(path, FolderOnly);
        if (descriptor < 0)
        {
            throw new IOException($"cannot open the folder '{path}' to flush it");
        }

        var error = fsync(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        if (error is not (0 or Invalid or NotSupported)) // some file systems flush no folders at all (CIFS, some FUSE): what is in them is as durable as they make it
        {
            throw new IOException($"cannot flush the folder '{path}' to disk");
        }
    }

    /// <summary>
    /// Opens a file for reading without waiting for anybody: a named pipe without a writer opens, too, and is told
    /// apart by its status.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static SafeFileHandle OpenWithoutWaiting(string path) => Open(path, ReadWithoutWaiting);

    /// <summary>
    /// Opens a file for reading and writing, and not what a link in its place leads to (open(2), O_NOFOLLOW).
    /// </summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    /// <exception cref="IOException">It is a link, or cannot be opened.</exception>
    internal static SafeFileHandle OpenWithoutFollowing(string path) => Open(path, WriteWithoutWaiting | NoLinks);

    private static SafeFileHandle Open(string path, int flags)
    {
        var descriptor = open(path, flags);
        if (descriptor >= 0)
        {
            return new(descriptor, ownsHandle: true);
        }

        var error = Marshal.GetLastPInvokeError();
        throw error switch
        {
            NoEntry => new FileNotFoundException($"there is no '{path}'"),
            NoAccess => new UnauthorizedAccessException($"'{path}' may not be opened"),
            _ => new IOException(Marshal.GetPInvokeErrorMessage(error)),
        };
    }

    /// <summary>
    /// Keeps debuggers of the same user and core dumps away from this process (PR_SET_DUMPABLE, prctl(2)).
    /// </summary>
    internal static void DenyDumps() => _ = prctl(SetDumpable, 0, 0, 0, 0);

    [LibraryImport(Library)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport(Library)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport(Library)]
    private static partial int close(int descriptor);
}
