using System.CommandLine;

namespace KmsCloud.Cli.Commands;

/// <summary>
/// What <c>kms sandbox</c> takes: the same words for kms, which starts the sandbox, and for the sandbox, which reads
/// them again. Either assembly has a copy of this, since neither references the other's.
/// </summary>
internal static class SandboxCommand
{
    internal static readonly Option<bool> All = new("--all") { Description = "Show every transaction with its id, not a line a chain" };

    internal static readonly Option<bool> Keep = new("--keep") { Description = "Leave the gateway running and say how to point the daemon at it" };

    internal static readonly Option<int?> Port = new("--port") { Description = "Port of the gateway [default: a free one]", HelpName = "PORT" };

    internal static readonly Option<bool> Devnet = new("--devnet")
    {
        Description = "Also broadcast to real nodes on this machine: anvil and litecoind, where they are found",
    };

    internal static Command Create(Func<ParseResult, CancellationToken, Task<int>> run)
    {
        const string Description = "See it work: queue transactions on every chain, sign them, check what was sent; nothing leaves this machine";
        var command = new Command("sandbox", Description) { All, Keep, Port, Devnet, OutputFormat.Option };
        command.SetAction(run);
        return command;
    }
}
