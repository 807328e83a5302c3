using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>
/// Cells of comma-separated values (RFC 4180) that no spreadsheet takes for a formula, and no terminal for a command.
/// </summary>
public static class CsvCell
{
    // = + - @, their full-width forms and the minus sign, which some spreadsheets read as the narrow ones; tab and
    // return begin one, too
    private const string Signs = "=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20\u2212";

    /// <summary>A cell of a text that anybody may have written.</summary>
    public static string Of(string text)
    {
        var cell = Printable.Line(text);
        // leading blanks are taken off before a cell is looked at
        var first = cell.AsSpan().TrimStart() is [var sign, ..] ? sign : ' ';
        var safe = Signs.Contains(first, StringComparison.Ordinal) ? "'" + cell : cell;
        return safe.IndexOfAny([',', '"', '\n', '\r']) < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
