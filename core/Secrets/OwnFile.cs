using KmsCloud.Errors;
using KmsCloud.Primitives.Native;

namespace KmsCloud.Secrets;

/// <summary>
/// Opens files that say what the program does only where nobody but the caller and root could have written them, as ssh
/// does with its own (sshd_config(5), StrictModes).
/// </summary>
public static class OwnFile
{
    private const int MostLinks = 40; // as the kernel, path_resolution(7)

    /// <summary>
    /// Opens a file for reading. It, each folder on the way to it and each symbolic link belong to the caller or to
    /// root, and nobody else may write them; in a folder for everybody with the sticky bit (/tmp) only the owners
    /// count. Where there are no Linux file modes the file is opened unchecked.
    /// </summary>
    /// <exception cref="KmsException">Others could have written it (<see cref="Failure.Usage"/>).</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenRead(path);
        }

        var stream = File.OpenRead(CheckedWay(path));
        try
        {
            // what was opened, whatever the name leads to by now
            Require(path, path, LibC.Status(stream.SafeFileHandle));
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Follows a path part by part as the kernel does, and checks each.</summary>
    private static string CheckedWay(string path)
    {
        var left = new Stack<string>();
        Push(left, Path.Combine(Environment.CurrentDirectory, path));
        var place = "/";
        var links = 0;
        Require(place, path, LibC.Status(place));
        while (left.TryPop(out var part))
        {
            if (part is "." or "..")
            {
                place = part == "." ? place : Path.GetDirectoryName(place) ?? "/";
                continue;
            }

            var next = Path.Combine(place, part);
            var status = LibC.Status(next);
            Require(next, path, status);
            if (!status.IsLink || IsDescriptor(next))
            {
                place = next;
                continue;
            }

            links++;
            var target = links <= MostLinks ? new FileInfo(next).LinkTarget : null;
            if (target is null)
            {
                throw new IOException($"the link '{next}' leads nowhere");
            }

            Push(left, target);
            place = target[0] == '/' ? "/" : place;
        }

        return place;
    }

    private static void Push(Stack<string> left, string path)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            left.Push(part);
        }
    }

    /// <summary>A file the caller has open already (<c>/dev/fd/3</c>): the link has no path to follow.</summary>
    private static bool IsDescriptor(string path) =>
        path.StartsWith("/proc/", StringComparison.Ordinal) && path.Contains("/fd/", StringComparison.Ordinal);

    private static void Require(string part, string path, FileStatus status)
    {
        if (status.Owner != 0 && status.Owner != LibC.EffectiveUser)
        {
            throw Refused(path, $"'{part}' belongs to others", "chown it to the user who runs kms");
        }

        var isGuarded = status.IsLink || (status.IsFolder && status.IsSticky);
        if (status.OthersMayWrite && !isGuarded)
        {
            throw Refused(path, $"'{part}' can be written by others", $"chmod go-w '{part}'");
        }
    }

    private static KmsException Refused(string path, string why, string mend) =>
        new(
            Failure.Usage,
            $"{why}, so the settings in '{path}' are not read",
            $"{mend}, or start kms in a folder of your own");
}
