using System.CommandLine;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Cli;

/// <summary>The program <c>kms-sandbox</c> that lies beside this one.</summary>
internal static class SandboxProgram
{
    private const string Name = "kms-sandbox";

    /// <summary>Turns this process into it, so that terminal, signals and exit code are its own.</summary>
    /// <returns>Never: it ends as the sandbox, or with an exception.</returns>
    /// <exception cref="KmsException">It is not there, or does not start.</exception>
    internal static Task<int> Become(ParseResult arguments, CancellationToken cancel)
    {
        var program = Path.Combine(AppContext.BaseDirectory, Name);
        CleanStart.Become(program, [Name, .. Given(arguments)]);
        throw new KmsException(
            Failure.Internal, $"the program '{program}' does not start", "install kms again: it comes with it");
    }

    /// <summary>What was given of the options that mean something there, each as one word.</summary>
    private static IEnumerable<string> Given(ParseResult arguments)
    {
        Option[] shared = [GlobalOptions.EnvFile, GlobalOptions.AllowSwap, GlobalOptions.Quiet, GlobalOptions.Verbose];
        foreach (var option in arguments.CommandResult.Command.Options.Concat(shared))
        {
            if (arguments.GetResult(option) is not { Implicit: false } result)
            {
                continue;
            }

            yield return result.Tokens is [var value, ..] ? $"{option.Name}={value.Value}" : option.Name;
        }
    }
}
