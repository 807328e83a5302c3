using System.Diagnostics;
using System.Reflection;

namespace KmsCloud.Tests.Support;

/// <summary>A program that ran to its end.</summary>
internal sealed record Run(int ExitCode, string Output, string Error)
{
    public static Run Program(string program, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (input is not null)
        {
            process.StandardInput.Write(input);
        }

        process.StandardInput.Close();
        Assert.True(process.WaitForExit(300_000), $"{program} did not end");
        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>The kms program as built with the tests.</summary>
    public static string KmsProgram { get; } = typeof(Run).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "KmsProgram").Value!;

    /// <summary>Runs kms.</summary>
    public static Run Kms(IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null) =>
        Program(KmsProgram, arguments, input, Environment(environment, folder), folder);

    /// <summary>An environment in which kms finds nothing of the person who runs the tests.</summary>
    public static Dictionary<string, string?> Environment(IReadOnlyDictionary<string, string?>? more, string? folder)
    {
        var environment = new Dictionary<string, string?>
        {
            ["HOME"] = folder ?? Path.GetTempPath(),
            ["TATUM_API_KEY"] = null,
            ["TATUM_API_URL"] = null,
            ["TATUM_KMS_PASSWORD"] = null,
            ["TATUM_KMS_STATE"] = null,
            ["NO_COLOR"] = null,
            ["KMS_APPROVAL_SECRET"] = null,
            ["KMS_ANY_IDS"] = "true", // tests give their requests speaking names
            ["DOTNET_TieredCompilation"] = null,
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string?>())
        {
            environment[name] = value;
        }

        return environment;
    }
}
