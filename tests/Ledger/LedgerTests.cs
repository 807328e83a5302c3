using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Ledger;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Ledger;

/// <summary>Issue 23: the database says what the verified logs say, and nothing else (<see cref="LedgerRows"/>).</summary>
public sealed class LedgerTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_payment_is_a_row_with_its_amount_in_base_units()
    {
        await SimulatedYear.WriteAsync(folder.Root, 300);
        using var ledger = Build(out var source);
        Assert.Equal("hash chain and MAC", source.Checked);
        Assert.Equal(Lines().Count, (int)source.AuditLines);

        // an independent reading of the same lines
        var sums = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (var line in Lines().Select(text => JsonDocument.Parse(text).RootElement).Where(line => Text(line, "decision") == "broadcast"))
        {
            var paid = line.GetProperty("transfers")[0];
            var parts = Text(paid, "amount").Split('.');
            var digits = parts[0] + (parts.Length > 1 ? parts[1] : "").PadRight(paid.GetProperty("decimals").GetInt32(), '0');
            var asset = Text(paid, "asset");
            sums[asset] = sums.GetValueOrDefault(asset) + BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        }

        var stored = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (var row in Rows(ledger, "SELECT asset, units FROM withdrawals"))
        {
            stored[row[0]!] = stored.GetValueOrDefault(row[0]!) + BigInteger.Parse(row[1]!, CultureInfo.InvariantCulture);
        }

        Assert.Equal(sums, stored);
        Assert.Equal(6, sums.Count);
        Assert.Empty(Rows(ledger, "SELECT * FROM withdrawals WHERE recipient = 'ourselves'")); // change is no withdrawal
        var (approved, refused) = (Count(ledger, "approvals WHERE answer = 'approved'"), Count(ledger, "approvals WHERE answer = 'not approved'"));
        Assert.Equal(Count(ledger, "decisions WHERE decision = 'signing'"), approved);
        Assert.Equal(Count(ledger, "decisions WHERE decision = 'not-approved'"), refused);
        Assert.True(refused > 0);
    }

    [Fact]
    public async Task A_withdrawal_counts_once_however_often_it_is_told_and_again_when_it_was_released()
    {
        await SimulatedYear.AppendAsync(folder.Root,
            SimulatedYear.Line("signing", "a"), SimulatedYear.Line("signing", "a"), SimulatedYear.Line("unknown", "a"), SimulatedYear.Line("broadcast", "a"), SimulatedYear.Line("broadcast", "a"),
            SimulatedYear.Line("released", "a"), SimulatedYear.Line("signing", "a"), SimulatedYear.Line("broadcast", "a"),
            SimulatedYear.Line("signing", "b"), SimulatedYear.Line("rejected", "b"));
        using var ledger = Build(out _);
        Assert.Equal(["a 1 1", "a 2 1"], Rows(ledger, "SELECT id, signature, payment FROM withdrawals").Select(row => string.Join(' ', row)));
        Assert.Equal(["a 1 released", "a 2 broadcast", "b 1 rejected"], Rows(ledger, "SELECT id, signature, state FROM transactions").Select(row => string.Join(' ', row)));
    }

    [Theory]
    [InlineData("\"amount\":\"1\"", "\"amount\":\"2\"")]
    [InlineData("\"id\":\"a\"", "\"id\":\"b\"")]
    public async Task A_changed_log_makes_no_ledger_and_the_one_of_before_stands(string was, string becomes)
    {
        await SimulatedYear.AppendAsync(folder.Root, SimulatedYear.Line("signing", "a"), SimulatedYear.Line("broadcast", "a"));
        Build(out _).Dispose();
        var path = folder.File("audit.jsonl");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Replace(was, becomes, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal(Failure.WalletFile, Assert.Throws<KmsException>(() => Build(out _)).Failure);
        using var before = KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"));
        Assert.Equal(1, Count(before, "withdrawals"));
        Assert.False(File.Exists(folder.File("ledger.db.new")));
    }

    [Fact]
    public async Task Lines_cut_off_the_end_are_missed()
    {
        await SimulatedYear.AppendAsync(folder.Root, SimulatedYear.Line("signing", "a"), SimulatedYear.Line("broadcast", "a"));
        var path = folder.File("audit.jsonl");
        await File.WriteAllLinesAsync(path, (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken))[..1], TestContext.Current.CancellationToken);
        Assert.Contains("the end was cut off", Assert.Throws<KmsException>(() => Build(out _)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE FROM withdrawals")]
    [InlineData("CREATE TABLE x (y)")]
    [InlineData("ATTACH '/etc/passwd' AS other")]
    [InlineData("PRAGMA query_only = OFF; DELETE FROM withdrawals")]
    [InlineData("SELECT nonsense")]
    [InlineData("SELECT load_extension('/tmp/x.so')")]
    [InlineData("this is no SQL")]
    public async Task A_query_reads_and_nothing_else(string sql)
    {
        await SimulatedYear.AppendAsync(folder.Root, SimulatedYear.Line("signing", "a"), SimulatedYear.Line("broadcast", "a"));
        Build(out _).Dispose();
        var before = await File.ReadAllBytesAsync(folder.File("ledger.db"), TestContext.Current.CancellationToken);
        using (var ledger = KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db")))
        {
            Assert.Equal(Failure.Usage, Assert.Throws<KmsException>(() => Rows(ledger, sql)).Failure);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(folder.File("ledger.db"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_is_no_ledger_is_said_to_be_none()
    {
        await File.WriteAllTextAsync(folder.File("ledger.db"), "nothing of the kind, and long enough to be looked at", TestContext.Current.CancellationToken);
        Assert.Contains("is no ledger", Assert.Throws<KmsException>(() => KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"))).Message, StringComparison.Ordinal);
        Assert.Contains("there is no ledger", Assert.Throws<KmsException>(() => KmsCloud.Ledger.Ledger.Open(folder.File("none.db"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_are_written_for_other_programs()
    {
        await SimulatedYear.WriteAsync(folder.Root, 60, "=HYPERLINK(\"http://x\")", "a,\"b\"\n\u202Ec");
        using var ledger = Build(out _);
        var count = Count(ledger, "withdrawals");
        var csv = Encoding.UTF8.GetString(Written(ledger, "csv"));
        Assert.Equal(count + 1, csv.Count(letter => letter == '\n'));
        Assert.DoesNotContain(",=HYPERLINK", csv, StringComparison.Ordinal);
        Assert.Contains("'=HYPERLINK", csv, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', csv);
        var lines = Encoding.UTF8.GetString(Written(ledger, "jsonl")).TrimEnd('\n').Split('\n');
        Assert.Equal(count, lines.Length);
        Assert.Contains(lines, line => Text(JsonDocument.Parse(line).RootElement, "recipient") == "=HYPERLINK(\"http://x\")");
        var parquet = Written(ledger, "parquet");
        Assert.Equal("PAR1"u8, parquet.AsSpan(0, 4));
        using var file = new MemoryStream(parquet);
        await using var reader = await Parquet.ParquetReader.CreateAsync(file, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(count, (int)reader.Metadata!.NumRows);
    }

    private KmsCloud.Ledger.Ledger Build(out LedgerSource source)
    {
        using var key = SimulatedYear.Key();
        source = new LedgerBuilder(folder.Root, key, null).Build(folder.File("ledger.db"));
        return KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"));
    }

    private List<string> Lines() => [.. File.ReadAllLines(folder.File("audit.jsonl"))];

    private static byte[] Written(KmsCloud.Ledger.Ledger ledger, string format)
    {
        using var output = new MemoryStream();
        LedgerExport.Write(ledger, "withdrawals", format, output);
        return output.ToArray();
    }

    private static List<string?[]> Rows(KmsCloud.Ledger.Ledger ledger, string sql)
    {
        var rows = new List<string?[]>();
        ledger.Query(sql, _ => { }, row => rows.Add([.. row.Select(LedgerExport.Text)]));
        return rows;
    }

    private static int Count(KmsCloud.Ledger.Ledger ledger, string what) =>
        int.Parse(Rows(ledger, $"SELECT count(*) FROM {what}")[0][0]!, CultureInfo.InvariantCulture);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
