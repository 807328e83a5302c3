using KmsCloud.Primitives.Native;
using Microsoft.Win32.SafeHandles;

namespace KmsCloud.State;

/// <summary>
/// Reads small files of the state folder, which others may be able to write: a named pipe does not keep the reader
/// waiting, a device does not end it, and no more is read than the file may have, whatever its length was said to be.
/// </summary>
internal static class SmallFile
{
    /// <summary>Opens a regular file for reading: what could keep the reader waiting is none.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It cannot be opened, or is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    internal static SafeFileHandle Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path);
        }

        var handle = LibC.OpenWithoutWaiting(path);
        if (LibC.Status(handle).IsFile)
        {
            return handle;
        }

        handle.Dispose();
        throw new IOException("it is no regular file");
    }

    /// <summary>The whole file; null when there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Most bytes.</param>
    /// <exception cref="IOException">It cannot be read, is no regular file, or is larger.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    internal static byte[]? Read(string path, int most)
    {
        try
        {
            using var handle = Open(path);
            var bytes = new byte[Math.Min(RandomAccess.GetLength(handle), most) + 1];
            var count = 0;
            for (int read; count < bytes.Length && (read = RandomAccess.Read(handle, bytes.AsSpan(count), count)) > 0;)
            {
                count += read;
            }

            return count <= most ? bytes[..count] : throw new IOException($"it has more than {most} bytes");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
