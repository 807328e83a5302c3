using System.CommandLine;

namespace KmsCloud.Cli;

/// <summary>A command as it is typed: <c>journal list</c>.</summary>
internal static class CommandPath
{
    /// <summary>The words after <c>kms</c>; empty for kms itself.</summary>
    internal static string Of(Command command) => command is RootCommand ? ""
        : command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? $"{Of(parent)} {command.Name}"
        : command.Name;
}
