using System.CommandLine;
using System.Runtime.InteropServices;
using KmsCloud.Cli.Commands;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;

namespace KmsCloud.Cli;

/// <summary>The <c>kms</c> command: maps parse errors to usage, <see cref="KmsException"/> to its exit code, anything else to internal.</summary>
internal static class Program
{
    internal const int Interrupted = 130;

    private static async Task<int> Main(string[] arguments)
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
        LockedMemory.AllowsSwap = arguments.Any(argument => argument == GlobalOptions.AllowSwap.Name || GlobalOptions.AllowSwap.Aliases.Contains(argument)) || Environment.GetEnvironmentVariable(LockedMemory.Variable) == "true"; // before the first secret
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => StandardInput.RestoreEcho());
        try
        {
            arguments = HelpWords(arguments);
            var root = CreateRoot();
            var parsed = root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false });
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

    internal static RootCommand CreateRoot()
    {
        var root = new RootCommand("KmsCloud: keeps private keys in one encrypted file and signs what the Tatum API asks for, after your checks.")
        {
            GenerateWalletCommand.Create(),
            StoreCommands.Generate(),
            StoreCommands.Mnemonic(),
            StoreCommands.PrivateKey(),
            ListCommand.Create(),
            ReadCommands.Wallet(),
            ReadCommands.PrivateKey(),
            ReadCommands.Address(),
            ReadCommands.Export(),
            BatchCommand.Create(),
            MaintainCommands.Remove(),
            MaintainCommands.ChangePassword(),
            MaintainCommands.Verify(),
            MigrateCommand.Create(),
            ReportCommands.Report(),
            ReportCommands.CheckConfig(),
            JournalCommands.Create(),
            StateCommands.Create(),
            AuditCommands.Create(),
            FreezeCommands.Freeze(),
            FreezeCommands.Thaw(),
            PolicyCommands.Create(),
#if !OFFLINE
            DaemonCommand.Create(),
            ApproverCommand.Create(),
            SandboxCommand.Create(),
            DoctorCommand.Create(),
#endif
            VersionCommand.Create(),
            CompletionCommand.Create(),
            ManCommand.Create(),
        };
        foreach (var option in GlobalOptions.All)
        {
            root.Add(option);
        }

        HelpPage.AddTo(root);
        return root;
    }

    /// <summary>Where a bug happened: the first method of the stack trace, which holds no values.</summary>
    private static string Place(Exception error) => error.StackTrace?.Split('\n')[0].Trim().Split(" in ")[0] ?? "";

    /// <summary>No word at all asks for help, and so does <c>help</c> before a command.</summary>
    private static string[] HelpWords(string[] arguments) => arguments switch
    {
        [] => ["--help"],
        ["help", .. var command] => [.. command, "--help"],
        _ => arguments,
    };

    private static bool AsksForHelp(string[] arguments) => arguments.Any(argument => argument is "--help" or "-h" or "-?" or "--version");
}
