using System.Diagnostics;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Store;

/// <summary>A program that holds keys has no port for debuggers, dumps or libraries, whatever it is started with.</summary>
public static class CleanStartTests
{
    [Fact]
    public static void The_program_has_no_diagnostic_port() => DiagnosticPort.RequireNone(Run.KmsProgram);

    [Fact]
    public static void A_program_that_does_nothing_about_it_has_one() // the control of the test above
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") == "0", "the tests themselves were started without one");
        Assert.NotEmpty(DiagnosticPort.Of(Environment.ProcessId));
    }

    [Theory]
    [InlineData("DOTNET_DbgEnableMiniDump=1")]
    [InlineData("COMPlus_DbgMiniDumpName=/tmp/x")]
    [InlineData("DOTNET_DiagnosticPorts=/tmp/x")]
    [InlineData("dotnet_enablediagnostics_ipc=1")]
    [InlineData("DOTNET_EnableEventPipe=1")]
    [InlineData("CORECLR_PROFILER_PATH_64=/tmp/x.so")]
    [InlineData("COR_ENABLE_PROFILING=1")]
    [InlineData("DOTNET_STARTUP_HOOKS=/tmp/x.dll")]
    [InlineData("COMPlus_EnableDiagnostics=1")]
    public static void Takes_away_what_opens_it(string variable) =>
        Assert.Equal(["PATH=/bin", "DOTNET_EnableDiagnostics=0"], CleanStart.Cleaned(["PATH=/bin", variable, "DOTNET_EnableDiagnostics=0"]));

    [Theory]
    [InlineData("DOTNET_ROOT=/usr/share/dotnet")]
    [InlineData("DOTNET_gcServer=0")]
    [InlineData("TATUM_KMS_PASSWORD=DOTNET_Dbg=1")]
    [InlineData("CORECLR=1")]
    public static void Leaves_the_rest(string variable) => Assert.Equal([variable, "DOTNET_EnableDiagnostics=0"], CleanStart.Cleaned([variable, "DOTNET_EnableDiagnostics=0"]));

    [Fact]
    public static void Starts_again_as_the_same_process_with_the_same_arguments_and_bytes()
    {
        using var folder = new TempFolder();
        var start = new ProcessStartInfo(Run.KmsProgram, ["checkconfig", "--path", "odd name \u00e9.dat"]) { RedirectStandardOutput = true };
        start.Environment.Remove("DOTNET_EnableDiagnostics");
        start.Environment["HOME"] = folder.Root;
        start.Environment["TATUM_KMS_AWS_REGION"] = "b\u00fccher=1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("odd name \u00e9.dat", output, StringComparison.Ordinal);
        Assert.Contains("b\u00fccher=1", output, StringComparison.Ordinal);
    }
}
