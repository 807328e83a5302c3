using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KmsCloud.Primitives.Native;

/// <summary>Owner and mode of a file (inode(7)), which .NET has no method for.</summary>
/// <param name="Owner">The user id it belongs to.</param>
/// <param name="Mode">Type and permissions, <c>st_mode</c>.</param>
internal readonly record struct FileStatus(uint Owner, ushort Mode)
{
    private const int TypeMask = 0xF000;

    internal bool IsLink => (Mode & TypeMask) == 0xA000;

    internal bool IsFile => (Mode & TypeMask) == 0x8000;

    internal bool IsFolder => (Mode & TypeMask) == 0x4000;

    internal bool IsSticky => (Mode & 0x200) != 0;

    internal bool OthersMayWrite => (Mode & 0b010_010) != 0; // group and everybody
}

/// <content>statx(2), whose structure is the same on every architecture.</content>
internal static partial class LibC
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint TypeModeUser = 0xB; // STATX_TYPE | STATX_MODE | STATX_UID
    private const int StatusSize = 256;

    /// <summary>The user in whose name files are opened.</summary>
    internal static uint EffectiveUser => geteuid();

    /// <summary>Of a file or link, which is not followed.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    internal static FileStatus Status(string path)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return statx(CurrentFolder, path, NoFollow, TypeModeUser, status) == 0
            ? Parsed(status)
            : throw new IOException($"'{path}' cannot be looked at");
    }

    /// <summary>Of an opened file.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    internal static FileStatus Status(SafeFileHandle file)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return statx(file, "", EmptyPath, TypeModeUser, status) == 0
            ? Parsed(status)
            : throw new IOException("the opened file cannot be looked at");
    }

    private static FileStatus Parsed(ReadOnlySpan<byte> status) =>
        new(MemoryMarshal.Read<uint>(status[20..]), MemoryMarshal.Read<ushort>(status[28..])); // stx_uid, stx_mode

    [LibraryImport(Library)]
    private static partial uint geteuid();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle file, string path, int flags, uint mask, Span<byte> status);
}
