using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using KmsCloud.Errors;

namespace KmsCloud.Secrets;

/// <summary>
/// No door of the runtime stays open into a process that holds keys. The diagnostic port, debuggers, profilers and
/// start-up hooks are chosen by environment variables that the runtime reads before our first line, so the program
/// starts itself again, as the same process, without them.
/// </summary>
public static unsafe partial class CleanStart
{
    private const string Switch = "DOTNET_EnableDiagnostics";
    private static readonly string[] Prefixes = ["DOTNET_", "COMPlus_"];

    /// <summary>
    /// The very first thing a program of ours does. Returns when nothing is open; else the program begins again.
    /// </summary>
    /// <exception cref="KmsException"><see cref="Failure.Usage"/>: it could not be started again.</exception>
    public static void Ensure()
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled)
        {
            return; // native code has no such port, nor a debugger's or profiler's door
        }

        var before = Variables("/proc/self/environ");
        var after = Cleaned(before);
        if (after.SequenceEqual(before))
        {
            return;
        }

        RemovePort();
        Execute(Program(), Variables("/proc/self/cmdline"), after, Encoding.Latin1);
        throw new KmsException(
            Failure.Usage,
            "the program could not be started again without the runtime's diagnostic port",
            $"set {Switch}=0");
    }

    /// <summary>
    /// Turns this process into another program, with the environment as it is. Returns only when that failed.
    /// </summary>
    /// <param name="program">The program's file.</param>
    /// <param name="arguments">Its arguments, its name first.</param>
    public static void Become(string program, IReadOnlyList<string> arguments)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(
            variable => $"{variable.Key}={variable.Value}");
        Execute(program, [.. arguments], [.. environment], Encoding.UTF8);
    }

    /// <summary>
    /// An environment without what opens a process, and with the switch that closes it; the same when it is so already.
    /// </summary>
    internal static IReadOnlyList<string> Cleaned(IReadOnlyList<string> variables)
    {
        var kept = variables.Where(variable => !Opens(Name(variable))).ToList();
        var isClosed = kept.Any(variable => variable == Switch + "=0")
            && kept.Count(variable => IsSwitch(Name(variable))) == 1;
        return isClosed ? kept : [.. kept.Where(variable => !IsSwitch(Name(variable))), Switch + "=0"];
    }

    private static string Name(string variable) => variable.Split('=', 2)[0];

    private static bool IsSwitch(string name) =>
        Prefixes.Any(prefix => name.Equals(prefix + "EnableDiagnostics", StringComparison.OrdinalIgnoreCase));

    private static bool Opens(string name)
    {
        if (name.StartsWith("CORECLR_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("COR_", StringComparison.OrdinalIgnoreCase))
        {
            return name.Contains("PROFIL", StringComparison.OrdinalIgnoreCase);
        }

        var prefix = Prefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        if (prefix is null)
        {
            return false;
        }

        string[] doors = ["Dbg", "STARTUP_HOOKS", "EnableDiagnostics_", "Diagnostic", "EnableEventPipe", "EventPipe", "PROFILER", "ENABLE_PROFILING", "LegacyCreateDump", "CreateDump"];
        return doors.Any(door => name.AsSpan(prefix.Length).StartsWith(door, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// Texts that end with a zero byte, as the kernel keeps arguments and environment; Latin-1 keeps every byte as it
    /// is.
    /// </summary>
    private static List<string> Variables(string path) =>
        [.. Encoding.Latin1.GetString(File.ReadAllBytes(path)).Split('\0').SkipLast(1)];

    private static string Program() =>
        File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false) is { Exists: true } program
            ? program.FullName
            : "/proc/self/exe";

    /// <summary>The port of this first start would lie there with nobody behind it.</summary>
    private static void RemovePort()
    {
        foreach (var pattern in new[] { $"dotnet-diagnostic-{Environment.ProcessId}-*", $"clr-debug-pipe-{Environment.ProcessId}-*" })
        {
            foreach (var path in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
            {
                TryDelete(path);
            }
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // it leads nowhere in any case
        }
    }

    private static void Execute(
        string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, Encoding encoding)
    {
        var (argv, envp) = (Pointers(arguments, encoding), Pointers(environment, encoding));
        fixed (nint* first = argv)
        fixed (nint* variables = envp)
        {
            _ = execve(program, first, variables);
        }
    }

    /// <summary>Lives to the end of the process, which is now, or an error.</summary>
    private static nint[] Pointers(IReadOnlyList<string> texts, Encoding encoding) => [.. texts.Select(text =>
    {
        byte[] bytes = [.. encoding.GetBytes(text), 0];
        var memory = Marshal.AllocHGlobal(bytes.Length);
        Marshal.Copy(bytes, 0, memory, bytes.Length);
        return memory;
    }), 0];

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string program, nint* arguments, nint* environment);
}
