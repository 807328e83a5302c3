using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using KmsCloud.Chains;

namespace KmsCloud.Cli;

/// <summary>What <c>--help</c> shows: commands by what they are for, the options that matter to the command, examples, exit codes.</summary>
internal sealed class HelpPage : SynchronousCommandLineAction
{
    private const int WidthOfFiles = 80;
    private const int Widest = 120;
    private const int Gap = 2;
    private const int WidestName = 34;

    /// <summary>The exit codes, a line each.</summary>
    internal static readonly (string Code, string Meaning)[] ExitCodes =
    [
        ("0", "done"), ("1", "internal error"), ("2", "usage"), ("3", "wrong password"), ("4", "wallet file missing, damaged, locked or of an unknown version"),
        ("5", "unknown signature id"), ("6", "refused (policy, four-eye, unsafe input)"), ("7", "network, gateway or vault"), ("130", "interrupted"),
    ];

    private readonly int width = Console.IsOutputRedirected ? WidthOfFiles : Math.Clamp(Console.WindowWidth, 40, Widest);
    private readonly List<string> lines = [];

    private HelpPage()
    {
    }

    /// <summary>Makes it the help of every command.</summary>
    internal static void AddTo(RootCommand root) => root.Options.OfType<HelpOption>().Single().Action = new HelpPage();

    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        lines.Clear();
        Sentence(command.Description!, 0);
        Section("Usage", [("kms " + Usage(command), "")]);
        if (command is KmsRoot root)
        {
            Root(root);
        }
        else
        {
            Command(command, KmsRoot.EditionOf(parseResult));
        }

        parseResult.InvocationConfiguration.Output.WriteLine(string.Join('\n', lines));
        return 0;
    }

    /// <summary>How a command is typed after <c>kms</c>.</summary>
    internal static string Usage(Command command)
    {
        if (command is RootCommand)
        {
            return "COMMAND [OPTIONS]";
        }

        var arguments = command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $"[<{argument.HelpName}>]" : $"<{argument.HelpName}>");
        var required = command.Options.Where(option => option.Required).Select(option => $"{option.Name} {Value(option)}");
        var inner = command.Subcommands.Count > 0 ? new[] { "COMMAND" } : [];
        return string.Join(' ', [CommandPath.Of(command), .. inner, .. arguments, .. required, "[OPTIONS]"]);
    }

    /// <summary>An option's name and value; tatum-kms's spelling is said once, in the help of kms itself.</summary>
    internal static string Name(Option option) => $"{option.Name} {Value(option)}".TrimEnd();

    /// <summary>An option's description with its default.</summary>
    internal static string Meaning(Option option) => option is { HasDefaultValue: true } && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } value
        ? $"{option.Description} [default: {value}]"
        : option.Description ?? "";

    /// <summary>The first of a description's sentences.</summary>
    internal static string Summary(Command command) => command.Description!.Split(';')[0];

    /// <summary>The commands in a command that people call.</summary>
    internal static IEnumerable<Command> Inner(Command command) => command.Subcommands.Where(inner => !inner.Hidden);

    private static string Value(Option option)
    {
        if (option.ValueType == typeof(bool))
        {
            return "";
        }

        return $"<{option.HelpName ?? string.Join('|', option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label))}>";
    }

    private void Root(KmsRoot root)
    {
        var groups = CommandGroups.Of(root).ToList();
        var widest = groups.SelectMany(group => group.Commands).Max(command => command.Name.Length);
        foreach (var (name, commands) in groups)
        {
            Section(name, commands.Select(command => (command.Name, Summary(command))), widest);
        }

        Section("Options of many commands", GlobalOptions.All(root.Edition).Select(option => (Name(option), Meaning(option))));
        Sentence("Each is also taken in tatum-kms's spelling: --env-file and --envFile are one. Those that matter to a command, and its own: kms COMMAND --help", 2);
        Written("Examples", root.Edition.Examples);
        Section("Exit codes", ExitCodes);
    }

    private void Command(Command command, IEdition edition)
    {
        var path = CommandPath.Of(command);
        Section("Commands", Inner(command).Select(inner => (inner.Name, inner.Description ?? "")));
        Section("Arguments", command.Arguments.Select(argument => ($"<{argument.HelpName}>", argument.Description ?? "")));
        Section("Options", command.Options.Select(option => (Name(option), Meaning(option))));
        var shared = command.Subcommands.Count > 0 ? [] : CommandGroups.Shared(path, edition);
        Section("Options of many commands", shared.Select(option => (Name(option), Meaning(option))));
        Written("Examples", Examples.Of(path));
        if (command.Arguments.Any(argument => argument.Name == "chain"))
        {
            Section("Notes", Notes());
        }

        lines.Add("");
        Sentence("Exit codes, and options of every command: kms --help", 0);
    }

    /// <summary>What to know of single chains.</summary>
    internal static IEnumerable<(string Chain, string Notice)> Notes() =>
        from chain in ChainCatalog.All.Values
        where chain.Info.Notice is not null
        orderby chain.Info.Code
        select (chain.Info.Code, chain.Info.Notice);

    private void Written(string title, string? text)
    {
        if (text is not null)
        {
            lines.AddRange(["", title + ":", .. Examples.Lines(text, width)]);
        }
    }

    private void Section(string title, IEnumerable<(string Name, string Text)> rows, int widest = 0)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        lines.AddRange(["", title + ":"]);
        var column = Math.Min(WidestName, Math.Max(widest, all.Max(row => row.Name.Length))) + 2 + Gap;
        foreach (var (name, text) in all)
        {
            if (text.Length == 0)
            {
                lines.Add("  " + name);
                continue;
            }

            var first = ("  " + name).PadRight(column);
            if (first.Length > column)
            {
                lines.Add(first);
                first = new(' ', column);
            }

            lines.AddRange((first + WordWrap.Text(text, width - column, column)).Split('\n'));
        }
    }

    private void Sentence(string text, int indent) => lines.AddRange((new string(' ', indent) + WordWrap.Text(text, width - indent, indent)).Split('\n'));
}
