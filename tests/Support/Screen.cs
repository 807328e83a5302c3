using System.Globalization;
using System.Text;

namespace KmsCloud.Tests.Support;

/// <summary>
/// What a person sees on a terminal after a program wrote to it: the few ECMA-48 sequences that kms uses, with styles written
/// out as <c>[green]good[/]</c>.
/// </summary>
internal sealed class Screen(int columns)
{
    private static readonly string[] Colours = ["black", "maroon", "green", "olive", "navy", "purple", "teal", "silver", "grey", "red", "lime", "yellow", "blue", "fuchsia", "aqua", "white"];
    private readonly List<List<(char Character, string Style)>> lines = [[]];
    private string style = "";
    private int row;
    private int column;

    /// <summary>The screen as text, without blanks at the ends of lines and without empty lines at the end.</summary>
    public static string Render(string written, int columns)
    {
        var screen = new Screen(columns);
        for (var at = 0; at < written.Length; at++)
        {
            at = written[at] == '\e' ? screen.Sequence(written, at) : screen.Put(written[at], at);
        }

        return string.Join('\n', screen.lines.Select(Text)).TrimEnd('\n', ' ');
    }

    private static string Text(List<(char Character, string Style)> line)
    {
        var text = new StringBuilder();
        var before = "";
        var length = line.FindLastIndex(cell => cell.Character != ' ') + 1;
        foreach (var (character, style) in line.Take(length))
        {
            if (style != before)
            {
                text.Append(before.Length > 0 ? "[/]" : "").Append(style.Length > 0 ? $"[{style}]" : "");
                before = style;
            }

            text.Append(character);
        }

        return text.Append(before.Length > 0 ? "[/]" : "").ToString();
    }

    private int Put(char character, int at)
    {
        switch (character)
        {
            case '\r':
                column = 0;
                break;
            case '\n':
                column = 0;
                Down(1);
                break;
            case '\b':
                column = Math.Max(0, column - 1);
                break;
            default:
                if (column == columns)
                {
                    column = 0;
                    Down(1);
                }

                var line = lines[row];
                while (line.Count <= column)
                {
                    line.Add((' ', ""));
                }

                line[column++] = (character, style);
                break;
        }

        return at;
    }

    private int Sequence(string written, int at)
    {
        if (at + 1 == written.Length || written[at + 1] != '[')
        {
            return at + 1;
        }

        var end = at + 2;
        while (end < written.Length && written[end] is < '@' or > '~')
        {
            end++;
        }

        var numbers = written[(at + 2)..end].Split(';').Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        var count = Math.Max(1, numbers[0]);
        switch (written[end])
        {
            case 'A':
                row = Math.Max(0, row - count);
                break;
            case 'B':
                Down(count);
                break;
            case 'C':
                column = Math.Min(columns, column + count);
                break;
            case 'D':
                column = Math.Max(0, column - count);
                break;
            case 'G':
                column = count - 1;
                break;
            case 'J': // from here to the end of the screen
                lines[row].RemoveRange(Math.Min(column, lines[row].Count), lines[row].Count - Math.Min(column, lines[row].Count));
                lines.RemoveRange(row + 1, lines.Count - row - 1);
                break;
            case 'K' when numbers[0] == 2:
                lines[row].Clear();
                break;
            case 'K':
                lines[row].RemoveRange(Math.Min(column, lines[row].Count), lines[row].Count - Math.Min(column, lines[row].Count));
                break;
            case 'm':
                style = numbers switch
                {
                    [38, 5, var index, ..] => index < Colours.Length ? Colours[index] : $"colour {index}",
                    [1, ..] => "bold",
                    [>= 30 and <= 37, ..] => Colours[numbers[0] - 30],
                    [>= 90 and <= 97, ..] => Colours[numbers[0] - 82],
                    _ => "",
                };
                break;
            default:
                break;
        }

        return end;
    }

    private void Down(int count)
    {
        row += count;
        while (lines.Count <= row)
        {
            lines.Add([]);
        }
    }
}
