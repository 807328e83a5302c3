using KmsCloud.Cli;
using Spectre.Console;

namespace KmsCloud.Tests.Cli;

/// <summary>A table never breaks what one copies, and leaves out what holds nothing.</summary>
public static class ResultTableTests
{
    private const string Id = "0b0e2b6c-57c1-4a35-9a7b-1f6f0c6a2b11";
    private const string Xpub = "xpub6DtevPxud8AJUCqddtVqpqxAJvjFrYYvtt4co2kZF7ifPW3d5FJ3B9i5x7xL4CZirb2eNDEVqCtBgiGZR6Kkee5RdHsDoJVbtxi946axjXJ";

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(null)]
    public static void A_word_is_whole_at_every_width(int? width)
    {
        var shown = Render(width, Id, "ETH", Xpub);
        Assert.Contains(Id, shown, StringComparison.Ordinal);
        Assert.Contains(Xpub, shown, StringComparison.Ordinal);
        Assert.Equal(width is null, shown.Contains('│', StringComparison.Ordinal)); // no terminal here is wide enough for the table
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public static void Sentences_are_wrapped_within_the_terminal(int width)
    {
        var shown = Render(width, "wallet file", "good", string.Join(' ', Enumerable.Repeat("a sentence that goes on", 9)));
        Assert.Contains('│', shown);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= width, line));
    }

    [Fact]
    public static void A_transaction_id_fits_eighty_columns()
    {
        var id = "0x" + new string('a', 64);
        var shown = Render(80, Id, "ETH", id);
        Assert.Contains(id, shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public static void Empty_columns_and_codes_that_steer_a_terminal_are_not_shown()
    {
        var shown = Render(80, Id, "", "\u001b[31mred");
        Assert.DoesNotContain("chain", shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shown);
        Assert.Contains("[31mred", shown, StringComparison.Ordinal);
    }

    private static string Render(int? width, params string[] cells)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width ?? 80;
        console.Profile.Capabilities.Unicode = true;
        var table = new ResultTable("signature id", "chain", "address or xpub");
        table.AddCells(cells);
        table.Write(console, width);
        return output.ToString();
    }
}
