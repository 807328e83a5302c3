using System.Buffers;
using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using Microsoft.Win32.SafeHandles;

namespace KmsCloud.State;

/// <summary>An append-only log in a local file of mode 0600.</summary>
public sealed class FileAppendLog : IShrinkingLog, IResumableLog
{
    private const byte NewLine = (byte)'\n';
    private static readonly byte[] NewLineBytes = [NewLine];
    private readonly string path;
    private SafeFileHandle handle;
    private long length;
    private bool isUnsure; // whether a replaced file survives a power cut

    private FileAppendLog(string path, SafeFileHandle handle, long length) =>
        (this.path, this.handle, this.length) = (path, handle, length);

    /// <summary>
    /// Opens or makes the file. A last line without newline, left by a power cut, is moved to <c>NAME.torn</c>.
    /// </summary>
    /// <exception cref="KmsException">The folder or file cannot be opened.</exception>
    public static FileAppendLog Open(string path)
    {
        try
        {
            AtomicFile.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            if (!File.Exists(path))
            {
                AtomicFile.CreateNew(path).Dispose();
                LibC.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            }

            var handle = StateFile.Open(path);
            return new(path, handle, CutTornLine(path, handle));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' cannot be opened: {AtomicFile.Why(error)}",
                StateFile.Hint(error, "check the state folder, and that no other daemon uses it"),
                error);
        }
    }

    /// <summary>
    /// Opens an existing file to look at it, also while a daemon appends to it; nothing can be appended and nothing is
    /// repaired.
    /// </summary>
    /// <exception cref="KmsException">There is none, or it cannot be read.</exception>
    public static FileAppendLog OpenForReading(string path)
    {
        try
        {
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return new(path, handle, RandomAccess.GetLength(handle));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var why = error is FileNotFoundException or DirectoryNotFoundException
                ? "there is none"
                : AtomicFile.Why(error);
            throw new KmsException(Failure.WalletFile, $"'{path}' cannot be read: {why}", "check --state", error);
        }
    }

    /// <summary>Bytes in the file when it was opened and appended since, an unfinished last line included.</summary>
    public long Length => length;

    /// <inheritdoc/>
    long IResumableLog.End => length;

    /// <inheritdoc/>
    public IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadLines() => ReadFrom(0);

    /// <inheritdoc/>
    IEnumerable<(long Position, ReadOnlyMemory<byte> Line)>? IResumableLog.ReadLinesFrom(long position)
    {
        var before = new byte[1];
        return position == 0 || (position <= length && RandomAccess.Read(handle, before, position - 1) == 1 && before[0] == NewLine) ? ReadFrom(position) : null;
    }

    private IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadFrom(long start)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 20);
        stream.Position = start;
        var line = new MemoryStream();
        var at = start;
        for (int next; (next = stream.ReadByte()) >= 0;)
        {
            at++;
            if (next != NewLine)
            {
                line.WriteByte((byte)next);
                continue;
            }

            yield return (start, line.ToArray());
            line.SetLength(0);
            start = at;
        }
    }

    /// <inheritdoc/>
    public Task<long[]> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        if (isUnsure)
        {
            FlushFolder();
        }

        var positions = new long[lines.Count];
        var bytes = ArrayPool<byte>.Shared.Rent(lines.Sum(line => line.Length + 1));
        var count = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            positions[i] = length + count;
            lines[i].Span.CopyTo(bytes.AsSpan(count));
            bytes[count + lines[i].Length] = NewLine;
            count += lines[i].Length + 1;
        }

        try
        {
            RandomAccess.Write(handle, bytes.AsSpan(0, count), length);
            LibC.Flush(handle);
            length += count;
            return Task.FromResult(positions);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryCutTo(length); // so that half a line never precedes the next one
            throw new KmsException(
                Failure.WalletFile, $"'{path}' could not be written: {AtomicFile.Why(error)}", "nothing is signed until it can be; make room on the disk", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> ReadAsync(long position)
    {
        var buffer = new byte[4096];
        var line = new MemoryStream();
        while (true)
        {
            var count = RandomAccess.Read(handle, buffer, position + line.Length);
            var end = buffer.AsSpan(0, count).IndexOf(NewLine);
            line.Write(buffer, 0, end >= 0 ? end : count);
            if (end >= 0 || count == 0)
            {
                return Task.FromResult<ReadOnlyMemory<byte>>(line.ToArray());
            }
        }
    }

    /// <inheritdoc/>
    public void Replace(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        var fresh = path + ".new";
        SafeFileHandle? written = null;
        try
        {
            File.Delete(fresh); // left behind by a crash
            AtomicFile.CreateNew(fresh).Dispose();
            written = StateFile.Open(fresh);
            var end = Write(written, lines);
            LibC.Flush(written);
            File.Move(fresh, path, overwrite: true);
            (handle, written, length, isUnsure) = (written, handle, end, true); // the same file under its new name
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' could not be replaced: {AtomicFile.Why(error)}",
                "make room on the disk",
                error);
        }
        finally
        {
            written?.Dispose();
        }

        FlushFolder();
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static long Write(SafeFileHandle to, IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        var end = 0L;
        foreach (var line in lines)
        {
            RandomAccess.Write(to, [line, NewLineBytes], end);
            end += line.Length + 1;
        }

        return end;
    }

    /// <summary>Nothing may be appended to a replaced file before its name is sure to be on disk.</summary>
    private void FlushFolder()
    {
        try
        {
            LibC.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            isUnsure = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"the folder of '{path}' could not be flushed: {AtomicFile.Why(error)}",
                "nothing is signed until it can be",
                error);
        }
    }

    private void TryCutTo(long end)
    {
        try
        {
            RandomAccess.SetLength(handle, end);
        }
        catch (IOException)
        {
            // the next write begins at the same place and covers it
        }
    }

    private static long CutTornLine(string path, SafeFileHandle handle)
    {
        var length = RandomAccess.GetLength(handle);
        var end = length;
        var one = new byte[1];
        while (end > 0 && RandomAccess.Read(handle, one, end - 1) == 1 && one[0] != NewLine)
        {
            end--;
        }

        if (end < length)
        {
            var torn = new byte[length - end];
            _ = RandomAccess.Read(handle, torn, end);
            using (var kept = StateFile.OpenAtEnd(path + ".torn"))
            {
                kept.Write(torn);
            }

            RandomAccess.SetLength(handle, end);
            LibC.Flush(handle);
        }

        return end;
    }
}
