using System.CommandLine;

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

    private static string Bash(Command root)
    {
        var cases = string.Concat(root.Subcommands.Select(sub => $"    {sub.Name}) words=\"{Words(sub, root)}\" ;;\n"));
        return $$"""
            _kms() {
              local words
              case "${COMP_WORDS[1]}" in
            {{cases}}    *) words="{{string.Join(' ', root.Subcommands.Select(sub => sub.Name))}} {{Options(root)}}" ;;
              esac
              COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
              [ ${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -F _kms kms

            """;
    }

    private static string Fish(Command root) => string.Concat(
        root.Subcommands.Select(sub => $"complete -c kms -n __fish_use_subcommand -f -a {sub.Name} -d '{sub.Description!.Replace("'", "", StringComparison.Ordinal)}'\n")
            .Concat(root.Subcommands.SelectMany(sub => sub.Options.Concat(root.Options).Select(option =>
                $"complete -c kms -n '__fish_seen_subcommand_from {sub.Name}' -l {option.Name.TrimStart('-')} -d '{option.Description?.Replace("'", "", StringComparison.Ordinal)}'\n"))));

    private static string Words(Command sub, Command root) => string.Join(' ', sub.Subcommands.Select(inner => inner.Name).Append(Chains(sub)).Append(Options(sub)).Append(Options(root)).Where(text => text.Length > 0));

    private static string Chains(Command sub) => sub.Arguments.Any(argument => argument.Name == "chain") ? string.Join(' ', KmsCloud.Chains.ChainCatalog.All.Keys.Order(StringComparer.Ordinal)) : "";

    private static string Options(Command command) => string.Join(' ', command.Options.Select(option => option.Name).Where(name => name.StartsWith("--", StringComparison.Ordinal)));
}
