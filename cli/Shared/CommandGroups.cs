using System.CommandLine;

namespace KmsCloud.Cli;

/// <summary>How help and manual page arrange the commands, and which of the options that all commands take matter to each.</summary>
internal static class CommandGroups
{
    private static readonly string[] Wallets =
    [
        "list", "generatewallet", "generatemanagedwallet", "storemanagedwallet", "storemanagedprivatekey", "generatemanagedprivatekeybatch",
        "getaddress", "getmanagedwallet", "getprivatekey", "export", "removewallet", "passwd", "verify", "migrate",
    ];

    private static readonly string[] OfOneNetwork =
    [
        "list", "generatewallet", "generatemanagedwallet", "storemanagedwallet", "storemanagedprivatekey", "generatemanagedprivatekeybatch",
        "daemon", "doctor", "policy check", "show",
    ];

    private static readonly string[] WithoutWalletFile = ["generatewallet", "policy", "approver", "sandbox", "version", "completion", "man"];

    private static readonly string[] WithoutPassword = ["freeze", "journal list", "journal show", "journal gaps", "ledger query", "ledger export"];

    private static readonly string[] WithLog = ["daemon", "sandbox", "approver"];

    /// <summary>The commands by what they are for.</summary>
    /// <param name="root">The command tree; what it does not have is left out.</param>
    internal static IEnumerable<(string Name, IReadOnlyList<Command> Commands)> Of(RootCommand root)
    {
        (string Name, string[] Commands)[] groups =
        [
            ("Wallets", Wallets),
            ("Signing", ["daemon", "policy", "show", "freeze", "thaw", "state", "approver"]),
            ("Audit", ["journal", "requests", "audit", "ledger"]),
            ("Setup", ["sandbox", "doctor", "checkconfig", "report", "version", "completion"]),
        ];
        return from @group in groups
               let found = @group.Commands.Select(name => root.Subcommands.SingleOrDefault(command => command.Name == name)).OfType<Command>()
               select (@group.Name, (IReadOnlyList<Command>)[.. found]);
    }

    /// <summary>Those of the options of every command that change something for this one.</summary>
    internal static IEnumerable<Option> Shared(string path, IEdition edition)
    {
        var command = path.Split(' ')[0];
        if (OfOneNetwork.Contains(path))
        {
            yield return GlobalOptions.Testnet;
        }

        if (!WithoutWalletFile.Contains(command))
        {
            yield return GlobalOptions.WalletPath;
            yield return GlobalOptions.EnvFile;
            foreach (var option in WithoutPassword.Contains(path) ? [] : GlobalOptions.OfPassword(edition))
            {
                yield return option;
            }
        }

        if (WithLog.Contains(command))
        {
            yield return GlobalOptions.Quiet;
            yield return GlobalOptions.Verbose;
            yield return GlobalOptions.LogFormat;
        }
    }
}
