using System.CommandLine;
using System.CommandLine.Completions;

namespace KmsCloud.Cli.Commands;

/// <summary>Completion scripts made from the command tree itself.</summary>
internal static class CompletionCommand
{
    internal static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish", HelpName = "SHELL" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script for a shell") { shell };
        command.SetAction(arguments =>
        {
            var root = arguments.RootCommandResult.Command;
            Console.Out.Write(arguments.GetRequiredValue(shell) switch
            {
                "bash" => Bash(root),
                "zsh" => "#compdef kms\nautoload -U +X bashcompinit && bashcompinit\n" + Bash(root),
                _ => Fish(root),
            });
            return 0;
        });
        return command;
    }

    /// <summary>After an option with a few words: those. After a command: its words and options. Else: commands, and files.</summary>
    private static string Bash(Command root)
    {
        var values = string.Concat(All(root).OrderByDescending(command => CommandPath.Of(command).Length)
            .SelectMany(command => command.Options.Where(option => Words(option).Count > 0).Select(option => $"    {Before(command, option)}) words=\"{string.Join(' ', Words(option))}\" ;;\n")));
        var commands = string.Concat(All(root).Where(command => command is not RootCommand).OrderByDescending(command => CommandPath.Of(command).Length)
            .Select(command => $"    \"{CommandPath.Of(command)} \"*) words=\"{string.Join(' ', Words(command).Concat(Options(command)).Concat(Options(root)).Distinct())}\" ;;\n"));
        return $$"""
            _kms() {
              local words path="${COMP_WORDS[*]:1:$((COMP_CWORD-1))} " current="${COMP_WORDS[COMP_CWORD]}"
              case "$path" in
            {{commands}}    *) words="{{string.Join(' ', Words(root).Concat(Options(root)))}}" ;;
              esac
              case "$path" in
            {{values}}  esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
              [ ${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current"))
            }
            complete -F _kms kms

            """;
    }

    /// <summary>What stands before the value of a command's option; what several commands call --output has other words in each.</summary>
    private static string Before(Command command, Option option)
    {
        var path = command is RootCommand ? "" : $"\"{CommandPath.Of(command)} \"";
        return string.Join('|', option.Aliases.Prepend(option.Name).Select(name => $"{path}*\"{name} \""));
    }

    private static string Fish(Command root) => string.Concat(
        root.Subcommands.Select(sub => $"complete -c kms -n __fish_use_subcommand -f -a {sub.Name} -d {Quoted(sub.Description)}\n")
            .Concat(root.Subcommands.SelectMany(sub => sub.Subcommands.Select(inner =>
                $"complete -c kms -n '__fish_seen_subcommand_from {sub.Name}; and not __fish_seen_subcommand_from {string.Join(' ', sub.Subcommands.Select(other => other.Name))}' -f -a {inner.Name} -d {Quoted(inner.Description)}\n")))
            .Concat(All(root).Where(command => command is not RootCommand).SelectMany(command =>
                command.Arguments.Where(argument => Words(argument).Count > 0)
                    .Select(argument => $"complete -c kms -n '{Seen(command)}' -f -a '{string.Join(' ', Words(argument))}' -d {Quoted(argument.HelpName)}\n")
                .Concat(command.Options.Select(option => FishOption(option, $" -n '{Seen(command)}'")))))
            .Concat(root.Options.Select(option => FishOption(option, ""))));

    private static string FishOption(Option option, string when) =>
        $"complete -c kms{when} -l {option.Name.TrimStart('-')}{(option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? "" : " -r")}{(Words(option) is { Count: > 0 } words ? $" -f -a '{string.Join(' ', words)}'" : "")} -d {Quoted(option.Description)}\n";

    private static string Seen(Command command) =>
        string.Join("; and ", CommandPath.Of(command).Split(' ').Select(word => $"__fish_seen_subcommand_from {word}"));

    private static string Quoted(string? text) => $"'{text?.Replace("'", "", StringComparison.Ordinal)}'";

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Append(command);

    private static IEnumerable<string> Words(Command command) => command.Subcommands.Select(sub => sub.Name).Concat(command.Arguments.SelectMany(argument => Words(argument)));

    private static List<string> Words(Argument argument) => argument.Name == "chain"
        ? [.. KmsCloud.Chains.ChainCatalog.All.Keys.Order(StringComparer.Ordinal)]
        : [.. argument.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];

    private static List<string> Words(Option option) => option.ValueType == typeof(bool) ? [] : [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];

    private static IEnumerable<string> Options(Command command) => command.Options.Select(option => option.Name).Where(name => name.StartsWith("--", StringComparison.Ordinal));
}
