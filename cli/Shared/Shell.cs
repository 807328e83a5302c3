using System.CommandLine;
using System.Runtime.InteropServices;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;

namespace KmsCloud.Cli;

/// <summary>
/// What every program here does around its commands: closes the process, tests itself, maps parse errors to usage,
/// <see cref="KmsException"/> to its exit code and anything else to internal.
/// </summary>
internal static class Shell
{
    internal const int Interrupted = 130;

    /// <summary>Runs what a command line asks for.</summary>
    /// <param name="arguments">The words after the program's name.</param>
    /// <param name="createRoot">Makes the commands, after the process is closed.</param>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(string[] arguments, Func<RootCommand> createRoot)
    {
        try
        {
            CleanStart.Ensure();
        }
        catch (KmsException error)
        {
            Terminal.ShowError(error);
            return error.ExitCode;
        }

        ProcessSeal.Apply();
        LockedMemory.AllowsSwap = AllowsSwap(arguments); // before the first secret
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => StandardInput.RestoreEcho());
        try
        {
            arguments = HelpWords(arguments);
            var parsed = createRoot().Parse(arguments, new ParserConfiguration { EnablePosixBundling = false });
            if (parsed.UnmatchedTokens.Count > 0 || (parsed.Errors.Count > 0 && !AsksForHelp(arguments)))
            {
                throw UsageErrors.Explain(parsed);
            }

            if (!AsksForHelp(arguments))
            {
                SelfTest.Run();
            }

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (KmsException error)
        {
            Terminal.ShowError(error);
            return error.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
#pragma warning disable CA1031 // the last door: a bug is reported without its text, which might hold a payload
        catch (Exception error)
#pragma warning restore CA1031
        {
            Terminal.ShowError(new KmsException(
                Failure.Internal, $"internal error {error.GetType().Name} {Place(error)}", "please report it with the command, without its secrets"));
            return (int)Failure.Internal;
        }
        finally
        {
            StandardInput.RestoreEcho();
        }
    }

    private static bool AllowsSwap(string[] arguments)
    {
        var option = GlobalOptions.AllowSwap;
        return arguments.Any(argument => argument == option.Name || option.Aliases.Contains(argument))
            || Environment.GetEnvironmentVariable(LockedMemory.Variable) == "true";
    }

    /// <summary>Where a bug happened: the first method of the stack trace, which holds no values.</summary>
    private static string Place(Exception error) => error.StackTrace?.Split('\n')[0].Trim().Split(" in ")[0] ?? "";

    /// <summary>No word at all asks for help, and so does <c>help</c> before a command; <c>-v</c> alone is for the version.</summary>
    private static string[] HelpWords(string[] arguments) => arguments switch
    {
        [] => ["--help"],
        ["help", .. var command] => [.. command, "--help"],
        ["-v" or "-V"] => ["--version"],
        _ => arguments,
    };

    private static bool AsksForHelp(string[] arguments) => arguments.Any(argument => argument is "--help" or "-h" or "-?" or "--version");
}
