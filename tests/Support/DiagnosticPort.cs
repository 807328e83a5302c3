using System.Diagnostics;

namespace KmsCloud.Tests.Support;

/// <summary>The socket by which a .NET runtime lets others in: anybody of the same user may load a library through it or write a dump.</summary>
internal static class DiagnosticPort
{
    /// <summary>The sockets and debugger pipes of a running process. Those of one that was killed stay behind, and its number may be given anew.</summary>
    public static IReadOnlyList<string> Of(int process)
    {
        using var running = Process.GetProcessById(process);
        var begun = running.StartTime.ToUniversalTime().AddSeconds(-2);
        return [.. new[] { $"dotnet-diagnostic-{process}-*", $"clr-debug-pipe-{process}-*" }.SelectMany(pattern => Directory.GetFiles("/tmp", pattern)).Where(path => File.GetLastWriteTimeUtc(path) >= begun)];
    }

    /// <summary>Starts kms so that it waits for a password, with nothing set and with everything set, and looks.</summary>
    public static void RequireNone(string program, bool isNative = false)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File("wallet.dat"), new byte[10]);
        foreach (var more in new[] { [], new Dictionary<string, string> { ["DOTNET_EnableDiagnostics"] = "1", ["COMPlus_EnableDiagnostics"] = "1", ["DOTNET_STARTUP_HOOKS"] = "/nothing.dll", ["CORECLR_ENABLE_PROFILING"] = "1" } })
        {
            var start = new ProcessStartInfo(program, ["getaddress", "key", "--path", folder.File("wallet.dat")]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
            foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("DOTNET_", StringComparison.Ordinal) || name.StartsWith("TATUM", StringComparison.Ordinal)).ToList())
            {
                start.Environment.Remove(name);
            }

            start.Environment["HOME"] = folder.Root;
            foreach (var (name, value) in more)
            {
                start.Environment[name] = value;
            }

            using var process = Process.Start(start)!;
            try
            {
                var prompt = new char[5];
                Assert.Equal(prompt.Length, process.StandardError.ReadBlock(prompt)); // it has come so far
                Assert.Equal("Enter", new string(prompt));
                Assert.Empty(Of(process.Id));
                if (isNative)
                {
                    continue; // there is nothing that could open one, so it did not start itself again
                }

                var environment = File.ReadAllText($"/proc/{process.Id}/environ").Split('\0');
                Assert.Contains("DOTNET_EnableDiagnostics=0", environment);
                Assert.DoesNotContain(environment, variable => variable.StartsWith("DOTNET_STARTUP_HOOKS", StringComparison.Ordinal) || variable.StartsWith("CORECLR_", StringComparison.Ordinal));
            }
            finally
            {
                process.Kill();
                process.WaitForExit();
            }
        }
    }
}
