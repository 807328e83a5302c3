using KmsCloud.Errors;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KmsCloud.Ledger;

/// <summary>
/// A ledger that was built, opened to be read. It believes nothing: whoever wants proof builds it anew (<see
/// cref="LedgerBuilder"/>).
/// </summary>
public sealed class Ledger : IDisposable
{
    private readonly SqliteConnection database;

    private Ledger(SqliteConnection database) => this.database = database;

    /// <summary>The tables that can be exported.</summary>
    public static IReadOnlyList<string> Tables => LedgerSchema.Names;

    /// <summary>Opens a ledger, read-only.</summary>
    /// <exception cref="KmsException">There is none, or it is of another version.</exception>
    public static Ledger Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new KmsException(
                Failure.WalletFile,
                $"there is no ledger at '{path}'",
                "make one with: kms ledger build");
        }

        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        var ledger = new Ledger(database);
        try
        {
            database.Open();
            Run(database, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;");
            // a query reads this file and no other
            _ = raw.sqlite3_limit(database.Handle!, raw.SQLITE_LIMIT_ATTACHED, 0);
            return ledger.About("schema") == LedgerSchema.Version ? ledger : throw NotOurs(path, null);
        }
        catch (SqliteException error)
        {
            ledger.Dispose();
            throw NotOurs(path, error);
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What the ledger says of itself: <c>audit_lines</c>, <c>audit_last</c>, <c>journal_lines</c>, <c>checked</c>,
    /// <c>schema</c>; null for anything else.
    /// </summary>
    public string? About(string name)
    {
        using var command = database.CreateCommand();
        command.CommandText = "SELECT value FROM about WHERE name = $1";
        command.Parameters.AddWithValue("$1", name);
        return command.ExecuteScalar() as string;
    }

    /// <summary>Runs a query.</summary>
    /// <param name="sql">One or more SQL statements that only read.</param>
    /// <param name="begin">Told the names of the columns of each result before its rows.</param>
    /// <param name="row">Told each row: null, text, or a number. The array is used again for the next one.</param>
    /// <exception cref="KmsException">The query is not understood, or would change something.</exception>
    public void Query(string sql, Action<IReadOnlyList<string>> begin, Action<IReadOnlyList<object?>> row)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // the SQL is the caller's own, on a connection that only reads
        command.CommandText = sql;
#pragma warning restore CA2100
        try
        {
            using var rows = command.ExecuteReader();
            do
            {
                ReadRows(rows, begin, row);
            }
            while (rows.NextResult());
        }
        catch (SqliteException error)
        {
            throw new KmsException(
                Failure.Usage,
                $"the query failed: {Why(error)}",
                "see the tables in docs/ledger.md",
                error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    internal static void Run(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // called with texts of this assembly
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>What SQLite says, without the words that the package puts around it.</summary>
    internal static string Why(SqliteException error)
    {
        var (first, last) = (error.Message.IndexOf('\'', StringComparison.Ordinal), error.Message.LastIndexOf('\''));
        return first >= 0 && last > first ? error.Message[(first + 1)..last] : error.Message;
    }

    private static KmsException NotOurs(string path, Exception? error) =>
        new(Failure.WalletFile, $"'{path}' is no ledger of this version", "make it anew with: kms ledger build", error);

    private static void ReadRows(
        SqliteDataReader rows, Action<IReadOnlyList<string>> begin, Action<IReadOnlyList<object?>> row)
    {
        if (rows.FieldCount == 0)
        {
            return;
        }

        begin([.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)]);
        var cells = new object?[rows.FieldCount];
        while (rows.Read())
        {
            rows.GetValues(cells!);
            for (var at = 0; at < cells.Length; at++)
            {
                cells[at] = cells[at] is DBNull ? null : cells[at];
            }

            row(cells);
        }
    }
}
