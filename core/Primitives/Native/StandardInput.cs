using System.Runtime.InteropServices;
using KmsCloud.Secrets;

namespace KmsCloud.Primitives.Native;

/// <summary>
/// Standard input as the kernel gives it: a line straight into locked memory, with the terminal's echo off.
/// </summary>
public static unsafe partial class StandardInput
{
    private const string Library = "libc";
    private const int Descriptor = 0;
    private const int Now = 0; // TCSANOW
    private const int TermiosSize = 60; // glibc and musl on Linux
    private const int LocalFlags = 12; // offset of c_lflag
    private const uint Echo = 0x8;
    private const uint EchoNewLine = 0x40;
    private const int LongestLine = 16 * 1024;
    private static readonly Lock Gate = new();
    private static byte[]? saved;

    /// <summary>Whether standard input is a terminal.</summary>
    public static bool IsTerminal => isatty(Descriptor) == 1;

    /// <summary>
    /// Reads one line without its newline; null at the end of input. Nothing beyond the line is consumed.
    /// </summary>
    /// <param name="hidden">Switch the terminal's echo off meanwhile.</param>
    public static SecretBytes? ReadLine(bool hidden)
    {
        using var line = new SecretBytes(LongestLine);
        if (hidden)
        {
            HideEcho();
        }

        try
        {
            var length = 0;
            byte one;
            while (true)
            {
                var count = read(Descriptor, &one, 1);
                if (count <= 0 && length == 0)
                {
                    return null;
                }

                if (count <= 0 || one == (byte)'\n')
                {
                    return SecretBytes.Copy(line.Span[..length].TrimEnd((byte)'\r'));
                }

                if (length < LongestLine)
                {
                    line.Span[length++] = one;
                }
            }
        }
        finally
        {
            RestoreEcho();
        }
    }

    /// <summary>Puts the terminal back as it was; safe to call at any time, from a signal handler too.</summary>
    public static void RestoreEcho()
    {
        lock (Gate)
        {
            if (saved is not null)
            {
                _ = tcsetattr(Descriptor, Now, saved);
                saved = null;
            }
        }
    }

    /// <summary>Switches the terminal's echo off until the next line is read: before a question is shown, since its answer may be typed at once.</summary>
    public static void HideEcho()
    {
        lock (Gate)
        {
            if (saved is not null)
            {
                return; // it is off
            }

            var settings = new byte[TermiosSize];
            if (tcgetattr(Descriptor, settings) != 0)
            {
                return; // a pipe: nothing echoes
            }

            saved = [.. settings];
            var flags = BitConverter.ToUInt32(settings, LocalFlags) & ~Echo & ~EchoNewLine;
            BitConverter.TryWriteBytes(settings.AsSpan(LocalFlags), flags);
            _ = tcsetattr(Descriptor, Now, settings);
        }
    }

    [LibraryImport(Library)]
    private static partial int isatty(int descriptor);

    [LibraryImport(Library, SetLastError = false)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport(Library)]
    private static partial int tcgetattr(int descriptor, Span<byte> settings);

    [LibraryImport(Library)]
    private static partial int tcsetattr(int descriptor, int when, ReadOnlySpan<byte> settings);
}
