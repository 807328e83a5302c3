using System.Globalization;

namespace KmsCloud.Secrets;

/// <summary>
/// Whether secrets are kept out of swap. Every block of secret memory is locked (mlock(2)) or not handed out, unless an
/// operator said that it may be swapped.
/// </summary>
public static class LockedMemory
{
    /// <summary>The environment variable that allows swap, as <c>--allow-swap</c> does.</summary>
    public const string Variable = "KMS_ALLOW_SWAP";

    /// <summary>Said at each start where swap is allowed.</summary>
    public const string Warning = "keys and passwords may be written to swap, since --allow-swap or KMS_ALLOW_SWAP says so";

    /// <summary>Whether memory that cannot be locked is used all the same. Set once, before the first secret.</summary>
    public static bool AllowsSwap { get; set; }

    /// <summary>
    /// Most KiB that may be locked (RLIMIT_MEMLOCK); null for no limit, or where the system does not say.
    /// </summary>
    public static long? LimitInKiB => Line("/proc/self/limits", "Max locked memory") is { } line
        && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? bytes / 1024
            : null;

    /// <summary>KiB that are in locked blocks now.</summary>
    public static long UsedInKiB => SecretMemory.LockedBytes / 1024;

    private static string? Line(string path, string start)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
