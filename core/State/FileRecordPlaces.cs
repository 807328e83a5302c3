using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using Microsoft.Win32.SafeHandles;

namespace KmsCloud.State;

/// <summary>Two places of a fixed size in a local file of mode 0600, each write flushed to the disk.</summary>
public sealed class FileRecordPlaces : IRecordPlaces
{
    private readonly int size;
    private readonly SafeFileHandle? handle; // null: looked at, and not there
    private readonly string path;

    private FileRecordPlaces(string path, SafeFileHandle? handle, int size)
    {
        this.path = path;
        this.handle = handle;
        this.size = size;
    }

    /// <inheritdoc/>
    public int Count => 2;

    /// <inheritdoc/>
    public bool IsAllOrNothing => false;

    /// <summary>Opens or makes the file.</summary>
    /// <exception cref="KmsException">It cannot be opened.</exception>
    public static FileRecordPlaces Open(string path, int size = 256)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            AtomicFile.CreateFolder(folder);
            if (!File.Exists(path))
            {
                AtomicFile.CreateNew(path).Dispose();
                LibC.FlushDirectory(folder);
            }

            return new(path, StateFile.Open(path), size);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' cannot be opened: {AtomicFile.Why(error)}",
                StateFile.Hint(error, "check the state folder"),
                error);
        }
    }

    /// <summary>Opens the file to look at it; one that is not there has empty places.</summary>
    public static FileRecordPlaces OpenForReading(string path, int size = 256) =>
        new(
            path,
            File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite) : null,
            size);

    /// <inheritdoc/>
    public byte[]? Read(int place)
    {
        var bytes = new byte[size];
        return handle is not null && RandomAccess.Read(handle, bytes, (long)place * size) == size ? bytes : null;
    }

    /// <inheritdoc/>
    public bool Holds(ReadOnlySpan<byte> record)
    {
        try
        {
            var found = SmallFile.Read(path, Count * size) ?? [];
            for (var at = 0; at + size <= found.Length; at += size)
            {
                if (record.SequenceEqual(found.AsSpan(at, size)))
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Write(int place, ReadOnlySpan<byte> record, bool flush = true)
    {
        try
        {
            RandomAccess.Write(handle!, record, (long)place * size);
            if (flush)
            {
                LibC.Flush(handle!);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' could not be written: {AtomicFile.Why(error)}",
                "nothing is signed until it can be; make room on the disk",
                error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle?.Dispose();
}
