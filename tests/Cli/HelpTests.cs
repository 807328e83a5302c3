using KmsCloud.Cli;

namespace KmsCloud.Tests.Cli;

/// <summary>The help is good enough to learn the product from.</summary>
public static class HelpTests
{
    [Fact]
    public static void Every_command_and_option_says_what_it_is_and_every_command_has_examples()
    {
        var root = KmsCloud.Cli.Program.CreateRoot();
        foreach (var command in root.Subcommands)
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
            Assert.True(Examples.Has(command.Name), $"{command.Name} has no examples");
            Assert.All(command.Options.Concat(root.Options), option => Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name));
        }
    }

    [Fact]
    public static void Every_option_of_two_words_is_accepted_in_both_spellings()
    {
        var root = KmsCloud.Cli.Program.CreateRoot();
        foreach (var option in root.Subcommands.SelectMany(command => command.Options).Concat(root.Options).Where(option => option.Name.AsSpan(2).Contains('-')))
        {
            var words = option.Name[2..].Split('-');
            var camel = "--" + words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            Assert.Contains(camel, option.Aliases);
        }
    }
}
