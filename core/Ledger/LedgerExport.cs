using System.Globalization;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using Parquet;
using Parquet.Schema;

namespace KmsCloud.Ledger;

/// <summary>Writes a table of a ledger in a form that other programs read.</summary>
public static class LedgerExport
{
    private const int RowsOfGroup = 50_000; // a group of a Parquet file is held in memory

    /// <summary>The forms.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["csv", "jsonl", "parquet"];

    /// <summary>Writes a table: every row in the order of its key, a header first where the form has one.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="table">One of <see cref="Ledger.Tables"/>.</param>
    /// <param name="format">One of <see cref="Formats"/>. Cells of CSV are safe in spreadsheets.</param>
    /// <param name="output">Where to, UTF-8.</param>
    public static void Write(Ledger ledger, string table, string format, Stream output)
    {
        if (!Ledger.Tables.Contains(table))
        {
            throw new KmsException(
                Failure.Usage,
                $"there is no table '{table}'",
                $"choose one of {string.Join(' ', Ledger.Tables)}");
        }

        var all = $"SELECT * FROM {table}";
        switch (format)
        {
            case "csv":
                WriteCsv(ledger, all, output);
                break;
            case "jsonl":
                WriteLines(ledger, all, output);
                break;
            default:
                WriteParquet(ledger, all, output);
                break;
        }
    }

    /// <summary>Writes the rows of a query as comma-separated values (RFC 4180).</summary>
    public static void WriteCsv(Ledger ledger, string sql, Stream output)
    {
        using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        ledger.Query(
            sql,
            columns => text.WriteLine(string.Join(',', columns.Select(CsvCell.Of))),
            row => text.WriteLine(string.Join(',', row.Select(cell => CsvCell.Of(Text(cell) ?? "")))));
    }

    /// <summary>Writes the rows of a query as one JSON object a line.</summary>
    public static void WriteLines(Ledger ledger, string sql, Stream output)
    {
        IReadOnlyList<string> names = [];
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = PeopleEncoder.Instance });
        ledger.Query(sql, columns => names = columns, row =>
        {
            json.Reset();
            json.WriteStartObject();
            for (var at = 0; at < names.Count; at++)
            {
                WriteMember(json, names[at], row[at]);
            }

            json.WriteEndObject();
            json.Flush();
            output.WriteByte((byte)'\n');
        });
    }

    /// <summary>A cell as text; null for none.</summary>
    public static string? Text(object? cell) => cell switch
    {
        null => null,
        byte[] bytes => Hex.Lower(bytes),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture),
    };

    private static void WriteMember(Utf8JsonWriter json, string name, object? cell)
    {
        if (cell is long number)
        {
            json.WriteNumber(name, number);
        }
        else if (Text(cell) is { } text)
        {
            json.WriteString(name, text);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteParquet(Ledger ledger, string sql, Stream output)
    {
        List<string?>[] columns = [];
        DataField[] fields = [];
        ParquetWriter? writer = null;
        try
        {
            ledger.Query(
                sql,
                names =>
                {
                    fields = [.. names.Select(name => new DataField<string>(name, nullable: true))];
                    columns = [.. names.Select(_ => new List<string?>())];
                    writer = ParquetWriter.CreateAsync(new ParquetSchema(fields), output).GetAwaiter().GetResult();
                },
                row =>
                {
                    for (var at = 0; at < columns.Length; at++)
                    {
                        columns[at].Add(Text(row[at]));
                    }

                    if (columns[0].Count == RowsOfGroup)
                    {
                        WriteGroup(writer!, fields, columns);
                    }
                });
            if (writer is not null && columns[0].Count > 0)
            {
                WriteGroup(writer, fields, columns);
            }
        }
        finally
        {
            writer?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static void WriteGroup(ParquetWriter writer, DataField[] fields, List<string?>[] columns)
    {
        using var group = writer.CreateRowGroup();
        foreach (var (field, cells) in fields.Zip(columns))
        {
            group.WriteAsync(field, cells!).GetAwaiter().GetResult();
            cells.Clear();
        }

        group.CompleteValidate();
    }
}
