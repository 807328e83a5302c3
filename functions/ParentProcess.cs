using System.Runtime.InteropServices;

namespace KmsCloud.Functions;

/// <summary>Who started this process; when that one is gone, the kernel names another.</summary>
internal static partial class ParentProcess
{
    /// <summary>Process id of the parent (getppid, POSIX.1).</summary>
    internal static int Id() => GetParent();

    [LibraryImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetParent();
}
