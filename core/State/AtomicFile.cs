using KmsCloud.Errors;
using KmsCloud.Primitives.Native;

namespace KmsCloud.State;

/// <summary>
/// Replaces a file as a whole: a reader at any instant, and after a kill or power cut at any instant, finds the old or
/// the new one.
/// </summary>
public static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Writes a file of mode 0600, flushed to disk, and keeps the old one as <c>NAME.bak</c>.</summary>
    /// <param name="path">The file. Its folder is made with mode 0700 when there is none.</param>
    /// <param name="bytes">The whole new content.</param>
    /// <exception cref="KmsException">Full disk, read-only folder …: the old file is untouched.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var fresh = path + ".new";
        try
        {
            CreateFolder(folder);
            Write(fresh, bytes);
            var hasOld = File.Exists(path);
            KeepOld(path, path + ".bak");
            File.Move(fresh, path, overwrite: true);
            FlushOrUndo(path, folder, hasOld);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(fresh);
            throw new KmsException(
                Failure.WalletFile, $"'{path}' could not be written: {Why(error)}", "the old file is untouched; make room or check the folder's permissions", error);
        }
    }

    /// <summary>A folder of mode 0700, when there is none yet.</summary>
    public static void CreateFolder(string folder) => Directory.CreateDirectory(folder, OwnerOnlyFolder);

    /// <summary>A new file of mode 0600, or nothing when one of the name exists.</summary>
    public static FileStream CreateNew(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        UnixCreateMode = OwnerOnly,
    });

    /// <summary>Makes a file that was written durable.</summary>
    /// <exception cref="IOException">The disk could not do it.</exception>
    public static void Flush(FileStream stream)
    {
        stream.Flush();
        LibC.Flush(stream.SafeFileHandle);
    }

    /// <summary>Makes a file of mode 0600 by its name, flushed to disk: it is there whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether one of the name may be there; else it stays, and this fails.</param>
    /// <param name="fill">Fills the file whose name it is told, which is another one until it is whole.</param>
    /// <exception cref="IOException">It could not be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Make(string path, bool overwrite, Action<string> fill)
    {
        var fresh = path + ".new";
        TryDelete(fresh);
        try
        {
            CreateNew(fresh).Dispose();
            fill(fresh);
            using (var made = new FileStream(fresh, FileMode.Open, FileAccess.Write))
            {
                Flush(made);
            }

            File.Move(fresh, path, overwrite);
        }
        finally
        {
            TryDelete(fresh);
        }
    }

    /// <summary>Takes a file away if that is possible; what stands in the way shows itself elsewhere.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // at the write that follows, or it was the reason of the failure that is on its way
        }
    }

    internal static string Why(Exception error) => error switch
    {
        UnauthorizedAccessException => "permission denied",
        LinkedFileException => error.Message,
        _ when error.Message.Contains("No space left", StringComparison.Ordinal) => "the disk is full",
        _ => "the file system refused",
    };

    private static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        TryDelete(path); // left behind by a killed writer
        using var stream = CreateNew(path);
        stream.Write(bytes);
        Flush(stream);
    }

    /// <summary>
    /// When it is not sure that the new name survives, the old file gets it back, so that what is said and what is
    /// stored are the same.
    /// </summary>
    private static void FlushOrUndo(string path, string folder, bool hasOld)
    {
        try
        {
            LibC.FlushDirectory(folder);
        }
        catch (IOException)
        {
            if (hasOld)
            {
                File.Copy(path + ".bak", path + ".new", overwrite: true);
                File.Move(path + ".new", path, overwrite: true);
            }
            else
            {
                File.Delete(path);
            }

            throw;
        }
    }

    private static void KeepOld(string path, string backup)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var second = backup + ".new";
        TryDelete(second);
        if (!LibC.TryLink(path, second))
        {
            File.Copy(path, second); // a mounted share without hard links
        }

        File.Move(second, backup, overwrite: true);
    }
}
