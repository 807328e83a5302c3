using System.CommandLine;
using KmsCloud.Cli.Commands;

namespace KmsCloud.Cli;

/// <summary>The tree of a program's commands, with the options that all of them take and the edition they work in.</summary>
internal sealed class KmsRoot : RootCommand
{
    internal KmsRoot(IEdition edition, IEnumerable<Command> commands)
        : base("KmsCloud: keeps private keys in one encrypted file and signs what the Tatum API asks for, after your checks.")
    {
        Edition = edition;
        foreach (var command in commands)
        {
            Add(command);
        }

        foreach (var option in GlobalOptions.All(edition))
        {
            Add(option);
        }

        HelpPage.AddTo(this);
    }

    /// <summary>What this program can reach.</summary>
    internal IEdition Edition { get; }

    /// <summary>The commands of both kms programs around those that an edition has of its own.</summary>
    internal static KmsRoot Create(IEdition edition) => new(
        edition,
        [
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
            ReportCommands.Report(edition.CreateReports()),
            ReportCommands.CheckConfig(),
            JournalCommands.Create(),
            StateCommands.Create(),
            RequestCommands.Create(),
            AuditCommands.Create(),
            FreezeCommands.Freeze(),
            FreezeCommands.Thaw(),
            PolicyCommands.Create(),
            ShowCommand.Create(),
            .. edition.CreateCommands(),
            VersionCommand.Create(),
            CompletionCommand.Create(),
            ManCommand.Create(),
        ]);

    /// <summary>The edition of the program that a command line was given to.</summary>
    internal static IEdition EditionOf(ParseResult arguments) => ((KmsRoot)arguments.RootCommandResult.Command).Edition;
}
