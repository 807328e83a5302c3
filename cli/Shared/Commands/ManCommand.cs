using System.CommandLine;
using System.Text;

namespace KmsCloud.Cli.Commands;

/// <summary>The manual page, made from the command tree itself; cli/install puts it in its place.</summary>
internal static class ManCommand
{
    private const int WidthOfCode = 72; // man indents it by seven on a terminal of eighty

    internal static Command Create()
    {
        var command = new Command("man", "Print the manual page in roff") { Hidden = true };
        command.SetAction(arguments =>
        {
            Console.Out.Write(Page((KmsRoot)arguments.RootCommandResult.Command));
            return 0;
        });
        return command;
    }

    private static string Page(KmsRoot root)
    {
        var page = new StringBuilder();
        page.AppendLine($".TH KMS 1 \"\" \"kms {Roff(VersionCommand.Version)}\" \"KmsCloud\"");
        Section(page, "NAME", "kms \\- keeps private keys in one encrypted file and signs what the Tatum API asks for");
        Section(page, "SYNOPSIS", "\\fBkms\\fR COMMAND [OPTIONS]");
        Section(page, "DESCRIPTION", Roff(root.Description!));
        foreach (var (name, commands) in CommandGroups.Of(root))
        {
            page.AppendLine($".SH {name.ToUpperInvariant()}");
            foreach (var command in commands.SelectMany(Leaves))
            {
                Describe(page, command);
            }
        }

        page.AppendLine(".SH OPTIONS OF MANY COMMANDS");
        page.AppendLine("Each is also taken in tatum\\-kms's spelling: \\-\\-env\\-file and \\-\\-envFile are one.");
        Options(page, GlobalOptions.All(root.Edition));
        page.AppendLine(".SH EXIT STATUS");
        Items(page, HelpPage.ExitCodes);
        page.AppendLine(".SH FILES");
        Items(page, [("~/.tatumrc/wallet.dat", "The wallet file: whoever loses it or its password loses the keys in it for good."),
            ("~/.tatumrc/.env", "Lines of NAME=value, where \\-\\-env\\-file names no other.".Replace("\\", "", StringComparison.Ordinal)),
            ("state/ beside the wallet file", "Journal, audit log and policy log of the daemon.")]);
        page.AppendLine(".SH NOTES");
        Items(page, HelpPage.Notes());
        page.AppendLine(".SH EXAMPLES");
        Code(page, root.Edition.Examples);
        return page.ToString();
    }

    private static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0 ? [command] : HelpPage.Inner(command).SelectMany(Leaves);

    private static void Describe(StringBuilder page, Command command)
    {
        page.AppendLine($".SS {Roff("kms " + HelpPage.Usage(command))}");
        page.AppendLine(Roff(command.Description! + "."));
        Items(page, command.Arguments.Select(argument => ($"<{argument.HelpName}>", argument.Description!)));
        Options(page, command.Options);
        Code(page, Examples.Of(CommandPath.Of(command))!);
    }

    private static void Options(StringBuilder page, IEnumerable<Option> options) =>
        Items(page, options.Select(option => (HelpPage.Name(option), HelpPage.Meaning(option))));

    private static void Items(StringBuilder page, IEnumerable<(string Name, string Text)> items)
    {
        foreach (var (name, text) in items)
        {
            page.AppendLine(".TP").AppendLine($"\\fB{Roff(name)}\\fR").AppendLine(Roff(text));
        }
    }

    private static void Code(StringBuilder page, string text)
    {
        page.AppendLine(".PP").AppendLine(".nf");
        foreach (var line in Examples.Lines(text, WidthOfCode))
        {
            page.AppendLine(Roff(line));
        }

        page.AppendLine(".fi");
    }

    private static void Section(StringBuilder page, string title, string text) => page.AppendLine($".SH {title}").AppendLine(text);

    /// <summary>Text as roff prints it: no escapes, no requests, hyphens that can be copied as options.</summary>
    private static string Roff(string text)
    {
        var escaped = string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch
        {
            '\\' => "\\e",
            '-' => "\\-",
            > 126 => $"\\[u{rune.Value:X4}]",
            _ => rune.ToString(),
        }));
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
