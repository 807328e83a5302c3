using System.CommandLine;
using System.Text.RegularExpressions;
using KmsCloud.Cli;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>The help is good enough to learn the product from.</summary>
public static class HelpTests
{
    [Fact]
    public static void Every_command_and_option_says_what_it_is_and_every_command_has_examples_that_parse()
    {
        var root = KmsCloud.Cli.Program.CreateRoot();
        Assert.True(All(root).Count() > 30);
        foreach (var command in All(root))
        {
            var path = CommandPath.Of(command) is { Length: > 0 } words ? words : "kms";
            Assert.False(string.IsNullOrWhiteSpace(command.Description), path);
            Assert.True(path == "kms" || Examples.Of(path) is not null, $"{path} has no examples");
            Assert.All(command.Options.Concat(root.Options), option => Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name));
            Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description) || string.IsNullOrWhiteSpace(argument.HelpName), argument.Name));
            var help = Help(root, path == "kms" ? [] : path.Split(' '));
            var examples = help.Replace(" \\\n      ", " ", StringComparison.Ordinal)[(help.IndexOf("Examples:", StringComparison.Ordinal) + 9)..].Split("\n\n")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("      ", StringComparison.Ordinal)).ToList(); // the rest goes on with what one does
            Assert.NotEmpty(examples);
            foreach (var example in examples)
            {
                var line = example[(example.IndexOf("kms ", StringComparison.Ordinal) + 4)..].Split([" >", " |", "  "], StringSplitOptions.None)[0].Replace("\"exchange incident 4711\"", "x", StringComparison.Ordinal);
                var parsed = root.Parse(line, new() { EnablePosixBundling = false });
                Assert.True(parsed.Errors.Count == 0, $"{example}: {(parsed.Errors.Count > 0 ? parsed.Errors[0].Message : "")}");
                Assert.True(path == "kms" || CommandPath.Of(parsed.CommandResult.Command).StartsWith(path, StringComparison.Ordinal), $"{example} is no example of {path}");
            }
        }
    }

    [Fact]
    public static void Every_command_is_in_one_group_and_every_option_in_the_help_of_its_command()
    {
        var root = KmsCloud.Cli.Program.CreateRoot();
        Assert.Equal(
            root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name).Order(StringComparer.Ordinal),
            CommandGroups.Of(root).SelectMany(group => group.Commands).Select(command => command.Name).Order(StringComparer.Ordinal));
        Assert.All(GlobalOptions.All(root.Edition), option => Assert.Contains("\n  " + option.Name, Help(root, [])));
        foreach (var command in All(root).Where(command => command is not RootCommand))
        {
            var help = Help(root, CommandPath.Of(command).Split(' '));
            Assert.All(command.Options, option => Assert.Contains("\n  " + option.Name, help));
            Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80, line));
        }

        Assert.All(Help(root, []).Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain("--testnet", Help(root, ["completion"]), StringComparison.Ordinal);
        Assert.DoesNotContain("--log-format", Help(root, ["getaddress"]), StringComparison.Ordinal);
        Assert.Contains("--password-file", Help(root, ["getaddress"]), StringComparison.Ordinal);
    }

    [Fact]
    public static void The_manual_page_has_every_command_and_option_and_is_taken_by_groff()
    {
        using var folder = new TempFolder();
        var page = Run.Kms(["man"], folder: folder.Root).Output;
        var root = KmsCloud.Cli.Program.CreateRoot();
        foreach (var command in All(root).Where(command => command is not RootCommand && command.Subcommands.Count == 0 && !command.Hidden))
        {
            Assert.Contains($".SS kms {CommandPath.Of(command).Replace("-", "\\-", StringComparison.Ordinal)}", page, StringComparison.Ordinal);
            Assert.All(command.Options.Concat(root.Options.Intersect(GlobalOptions.All(root.Edition))), option => Assert.Contains("\\fB" + option.Name.Replace("-", "\\-", StringComparison.Ordinal), page, StringComparison.Ordinal));
        }

        Assert.SkipUnless(File.Exists("/usr/bin/groff"), "NOT CHECKED BY GROFF: it is not installed");
        File.WriteAllText(folder.File("kms.1"), page);
        var run = Run.Program("/usr/bin/groff", ["-man", "-Tutf8", "-ww", "-b", folder.File("kms.1")]);
        Assert.True(run.ExitCode == 0 && run.Error.Length == 0, run.Error);
        Assert.Contains("--env-file", run.Output, StringComparison.Ordinal); // hyphens that can be copied
        Assert.All(Regex.Replace(run.Output, "\u001b\\[[0-9;]*m|.\b", "").Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public static void Every_option_of_two_words_is_accepted_in_both_spellings()
    {
        var root = KmsCloud.Cli.Program.CreateRoot();
        var options = All(root).SelectMany(command => command.Options).Where(option => option.Name.AsSpan(2).Contains('-')).Distinct().ToList();
        Assert.True(options.Count > 15);
        foreach (var option in options)
        {
            var words = option.Name[2..].Split('-');
            var camel = "--" + words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            Assert.True(option.Aliases.Contains(camel), $"{option.Name} is not accepted as {camel}");
        }
    }

    [Fact]
    public static void Every_value_may_follow_its_option_after_a_space_or_an_equals_sign()
    {
        var root = KmsCloud.Cli.Program.CreateRoot();
        var tried = 0;
        foreach (var command in All(root))
        {
            foreach (var option in command.Options.Concat(root.Options).Where(option => option.Arity.MinimumNumberOfValues > 0))
            {
                var value = option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).FirstOrDefault()?.Label ?? "7";
                foreach (var name in option.Aliases.Prepend(option.Name))
                {
                    tried++;
                    foreach (var line in new[] { $"{CommandPath.Of(command)} {name} {value}", $"{CommandPath.Of(command)} {name}={value}" })
                    {
                        Assert.Equal(value, Assert.Single(root.Parse(line, new() { EnablePosixBundling = false }).GetResult(option)!.Tokens).Value);
                    }
                }
            }
        }

        Assert.True(tried > 100);
    }

    [Theory]
    [InlineData("getaddress --type", "taproot")]
    [InlineData("export --output", "json")]
    [InlineData("daemon --freeze-on", "second-reader")]
    [InlineData("daemon --chain", "BTC")]
    [InlineData("doctor --chain", "BTC")]
    [InlineData("report withdrawals --output", "html")]
    [InlineData("ledger export --output", "parquet")]
    [InlineData("ledger query --output", "jsonl")]
    [InlineData("version --output", "json")]
    [InlineData("journal settle --as", "expired")]
    public static void An_option_of_few_values_offers_them(string line, string value)
    {
        var root = KmsCloud.Cli.Program.CreateRoot();
        var words = line.Split(' ');
        var command = words[..^1].Aggregate((Command)root, (inner, word) => inner.Subcommands.Single(sub => sub.Name == word));
        Assert.Contains(value, command.Options.Single(option => option.Name == words[^1]).GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label));
    }

    [Fact]
    public static void What_names_its_values_offers_them()
    {
        foreach (var option in All(KmsCloud.Cli.Program.CreateRoot()).SelectMany(command => command.Options).Distinct())
        {
            var offered = option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label).ToList();
            Assert.All(option.HelpName is { } name && !name.Any(char.IsAsciiLetterUpper) && !name.Contains('=', StringComparison.Ordinal) ? name.Split('|') : [], word => Assert.Contains(word, offered));
        }
    }

    private static string Help(RootCommand root, string[] path)
    {
        using var output = new StringWriter();
        root.Parse([.. path, "--help"]).Invoke(new InvocationConfiguration { Output = output });
        return output.ToString();
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
