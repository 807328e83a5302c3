using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Cli;

/// <summary>Turns what the parser did not understand into one sentence and a suggestion.</summary>
internal static class UsageErrors
{
    private const int LongestName = 40;
    // met here where the build has none of them
    private static readonly string[] OnlineCommands = ["daemon", "approver", "sandbox", "doctor"];
    private static readonly string[] OnlineOptions = ["--azure", "--aws", "--vgs"];
    private const string OnlineHint = "it needs a network: use the online kms on another machine";

    internal static KmsException Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            return Unknown(command, parsed, unknown);
        }

        var error = parsed.Errors[0];
        var see = $"see: kms {Path(command)}--help";
        return error.SymbolResult switch
        {
            ArgumentResult { Tokens.Count: > 0 } argument =>
                new(
                    Failure.Usage,
                    $"{argument.Argument.HelpName} is not understood",
                    Choices(argument.Argument.GetCompletions(CompletionContext.Empty)) ?? see),
            ArgumentResult argument => Missing(argument.Argument, see),
            OptionResult option when option.Tokens.Count > option.Option.Arity.MaximumNumberOfValues => new(
                Failure.Usage, $"{option.Option.Name} is given more than once", see),
            OptionResult { Tokens.Count: > 0 } option =>
                new(
                    Failure.Usage,
                    $"the value of {option.Option.Name} is not understood",
                    Choices(option.Option.GetCompletions(CompletionContext.Empty)) ?? see),
            OptionResult option => new(Failure.Usage, $"{option.Option.Name} is missing, or has no value", see),
            CommandResult { Command.Subcommands.Count: > 0 } => new(Failure.Usage, "there is no command", see),
            CommandResult when FirstMissing(command, parsed) is { } missing => Missing(missing, see),
            _ => new(Failure.Usage, "the command line is not understood", see),
        };
    }

    /// <summary>
    /// A word in the wrong place may be a key or a mnemonic: it is shown only where it resembles what belongs there.
    /// </summary>
    private static KmsException Unknown(Command command, ParseResult parsed, string unknown)
    {
        if (command.Name.StartsWith("storemanaged", StringComparison.Ordinal)
            && !unknown.StartsWith("--", StringComparison.Ordinal))
        {
            return new(
                Failure.Usage,
                "a key or mnemonic is never an argument",
                "it is asked for without echo, or piped in; what was typed stands in the shell's history now: "
                + "remove it there");
        }

        if (command is RootCommand && OnlineCommands.Contains(unknown))
        {
            return new(Failure.Usage, $"'{unknown}' is not in the offline build", OnlineHint);
        }

        if (OnlineOptions.Contains(unknown.Split('=')[0])
            && !OptionNames(command, parsed).Contains(unknown.Split('=')[0]))
        {
            return new(Failure.Usage, $"'{unknown.Split('=')[0]}' is not in the offline build", OnlineHint);
        }

        var isOption = unknown.StartsWith('-');
        var known = isOption ? OptionNames(command, parsed) : command.Subcommands.Select(sub => sub.Name);
        var name = unknown.Split('=')[0];
        if (Nearest(name, known) is { } nearest)
        {
            var kind = isOption ? "option" : "command";
            return new(Failure.Usage, $"there is no {kind} '{name}'", $"did you mean '{nearest}'?");
        }

        var what = isOption ? UnknownOption(name) : UnknownWord(command);
        var showing = isOption || command is RootCommand ? null : command.Subcommands.FirstOrDefault(inner => inner.Name == "show");
        return new(Failure.Usage, what, showing is null ? $"see: kms {Path(command)}--help" : $"did you mean kms {Path(showing)}{shown(unknown)}?");

        static string shown(string word) => PendingId.IsOfTheGateway(word) ? word : "PENDING-ID";
    }

    /// <summary>The word that somebody may have meant, or null.</summary>
    internal static string? Nearest(string name, IEnumerable<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(name, candidate));
        return nearest is not null && Distance(name, nearest) <= Math.Max(2, name.Length / 3) ? nearest : null;
    }

    private static string UnknownOption(string name)
    {
        var isPlain = name.Length <= LongestName && name.All(letter => char.IsAsciiLetter(letter) || letter == '-');
        return isPlain ? $"there is no option '{name}'" : "there is an unknown option";
    }

    private static string UnknownWord(Command command) =>
        command.Subcommands.Count > 0 ? "there is no such command" : "there is an argument too many";

    private static Argument? FirstMissing(Command command, ParseResult parsed) => command.Arguments.FirstOrDefault(
        argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is null or { Tokens.Count: 0 });

    private static KmsException Missing(Argument argument, string see)
    {
        var words = argument.GetCompletions(CompletionContext.Empty).Select(item => item.Label).ToList();
        var choice = words.Count > 1 ? $": {string.Join(", ", words[..^1])} or {words[^1]}" : "";
        return new(Failure.Usage, $"missing <{argument.HelpName}>{choice}", see);
    }

    private static string? Choices(IEnumerable<CompletionItem> completions)
    {
        var words = completions.Select(item => item.Label).ToList();
        return words.Count > 0 ? $"choose one of {string.Join(' ', words)}" : null;
    }

    private static IEnumerable<string> OptionNames(Command command, ParseResult parsed) =>
        from option in command.Options.Concat(parsed.RootCommandResult.Command.Options)
        from name in option.Aliases.Prepend(option.Name)
        select name;

    private static string Path(Command command) => CommandPath.Of(command) is { Length: > 0 } path ? path + " " : "";

    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(cost, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
