using KmsCloud.Errors;
using Spectre.Console;

namespace KmsCloud.Cli;

/// <summary>
/// A result for people. It is a table where every word fits the terminal whole, and a record a row where not: what one copies,
/// such as an id, is never broken. Columns that hold nothing are left out.
/// </summary>
/// <param name="columns">Their names.</param>
internal sealed class ResultTable(params string[] columns)
{
    private const int Readable = 20; // a column of sentences narrower than this is no table any more
    private const int Under = 2; // where a word that has no room beside its name stands below it
    private const int Frame = 3; // of each column: two blanks and a line

    private readonly List<string[]> rows = [];
    private readonly Dictionary<(int Row, int Column), string> colours = [];

    /// <summary>What stands above it, or null.</summary>
    internal string? Title { get; init; }

    /// <summary>A row in few lines, for where it is no table; null for a line a column.</summary>
    internal Func<IReadOnlyList<string>, IEnumerable<string>>? Lines { get; init; }

    /// <summary>A row of plain text: nothing in it is markup, nor moves the cursor of a terminal.</summary>
    internal void AddCells(params string?[] cells) =>
        rows.Add([.. cells.Select(cell => Printable.Line(cell ?? "", Printable.LongestLogLine))]);

    /// <summary>Colours a cell of the last row.</summary>
    internal void Colour(int column, string colour) => colours[(rows.Count - 1, column)] = colour;

    /// <summary>Writes it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="width">Columns of the terminal, or null where nobody looks.</param>
    internal void Write(IAnsiConsole console, int? width)
    {
        var shown = Enumerable.Range(0, columns.Length).Where(IsShown).ToArray();
        var natural = shown.Select(Natural).ToArray();
        var widths = width is { } room ? Fit(shown, natural, room - 1 - (Frame * shown.Length)) : natural;
        if (widths is null && Lines is not null)
        {
            WriteLines(console, width!.Value);
            return;
        }

        if (widths is null)
        {
            WriteRecords(console, shown, width!.Value);
            return;
        }

        console.Profile.Width = Math.Max(console.Profile.Width, widths.Sum() + 1 + (Frame * shown.Length));
        console.Write(ToTable(shown, widths));
    }

    private bool IsShown(int column) => rows.Count == 0 || rows.Any(row => row[column].Length > 0);

    private int Natural(int column) => Cells(column).Max(cell => cell.Length);

    private int Narrowest(int column) =>
        Math.Max(Cells(column).Max(cell => cell.Split(' ').Max(word => word.Length)), Math.Min(Readable, Natural(column)));

    private IEnumerable<string> Cells(int column) => rows.Select(row => row[column]).Prepend(columns[column]);

    /// <summary>Widths that fit the room without breaking a word, or null where there are none.</summary>
    private int[]? Fit(int[] shown, int[] natural, int room)
    {
        var widths = shown.Select(Narrowest).ToArray();
        var left = room - widths.Sum();
        if (left < 0)
        {
            return null;
        }

        var wanting = Enumerable.Range(0, widths.Length).OrderBy(at => natural[at] - widths[at]).ToList();
        foreach (var (place, at) in wanting.Index())
        {
            var more = Math.Min(natural[at] - widths[at], left / (wanting.Count - place));
            widths[at] += more;
            left -= more;
        }

        return widths;
    }

    private Table ToTable(int[] shown, int[] widths)
    {
        var table = new Table().Border(TableBorder.Rounded);
        if (Title is not null)
        {
            table.Title = new TableTitle(Markup.Escape(Title));
        }

        foreach (var (column, width) in shown.Zip(widths))
        {
            table.AddColumn(new TableColumn(new Text(columns[column])) { Width = width });
        }

        foreach (var (number, row) in rows.Index())
        {
            table.AddRow([.. shown.Select(column => new Text(row[column], StyleOf(number, column)))]);
        }

        return table;
    }

    private void WriteRecords(IAnsiConsole console, int[] shown, int width)
    {
        var names = shown.Max(column => columns[column].Length) + 2;
        if (Title is not null)
        {
            console.WriteLine(Title);
        }

        foreach (var (number, row) in rows.Index())
        {
            if (number > 0 || Title is not null)
            {
                console.WriteLine();
            }

            foreach (var column in shown.Where(column => row[column].Length > 0))
            {
                var isTooLong = row[column].Split(' ').Max(word => word.Length) > width - names;
                var indent = isTooLong ? Under : names;
                console.Profile.Width = int.MaxValue / 2; // the terminal itself goes on in its next line, and copies one word
                console.Write(new Text(isTooLong ? columns[column] + "\n" + new string(' ', Under) : columns[column].PadRight(names)));
                console.Write(new Text(WordWrap.Text(row[column], width - indent, indent), StyleOf(number, column)));
                console.Profile.Width = width;
                console.WriteLine();
            }
        }
    }

    private void WriteLines(IAnsiConsole console, int width)
    {
        const int indent = 4;
        console.Profile.Width = int.MaxValue / 2;
        foreach (var (number, row) in rows.Index())
        {
            var colour = colours.Where(item => item.Key.Row == number && item.Value != "green").Select(item => Style.Parse(item.Value)).FirstOrDefault();
            foreach (var (place, line) in Lines!(row).Index())
            {
                var text = place == 0 ? WordWrap.Text(line, width, indent) : new string(' ', indent) + WordWrap.Text(line, width - indent, indent);
                console.Write(new Text(text + "\n", place == 0 ? colour : null));
            }
        }

        console.Profile.Width = width;
    }

    private Style? StyleOf(int row, int column) => colours.TryGetValue((row, column), out var colour) ? Style.Parse(colour) : null;
}
