using System.Text;
using KmsCloud.Errors;
using KmsCloud.Ledger;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Ledger;

/// <summary>Amounts of an audit line in base units, as far as the line or the chain says how many digits a coin has.</summary>
public static class LedgerLineTests
{
    [Theory]
    [InlineData("\"amount\":\"1.5\",\"asset\":\"BTC\",\"decimals\":8", "150000000", 8)]
    [InlineData("\"amount\":\"1.5\",\"asset\":\"BTC\"", "150000000", 8)] // a line of before: the chain's own coin
    [InlineData("\"amount\":\"1.5\",\"asset\":\"USDT\"", null, null)] // a line of before: nobody knows
    [InlineData("\"amount\":\"15\",\"asset\":\"0xabc\",\"rawUnits\":true", "15", null)]
    [InlineData("\"amount\":\"7\",\"asset\":\"NFT\",\"decimals\":0", "7", 0)]
    [InlineData("\"amount\":\"0.123456789\",\"asset\":\"BTC\",\"decimals\":8", null, 8)] // less than a unit is no amount
    public static void Amounts_are_read_in_base_units(string amount, string? units, int? decimals)
    {
        var line = Read($$"""{"n":1,"time":"2026-11-01T00:00:00+02:00","decision":"broadcast","chain":"BTC","transfers":[{"to":"bob",{{amount}}}]}""");
        LedgerPayment paid = Assert.Single(line.Payments);
        Assert.Equal((units, decimals), (paid.Units, paid.Decimals));
        Assert.Equal(new DateTime(2026, 10, 31, 22, 0, 0, DateTimeKind.Utc), line.Time.UtcDateTime);
    }

    [Fact]
    public static void Change_is_no_payment_and_a_fee_has_its_units()
    {
        var line = Read("""{"n":1,"time":"2026-11-01T00:00:00Z","decision":"signing","chain":"ETH","fee":"0.5","feeAsset":"ETH","transfers":[{"to":"us","amount":"1","asset":"ETH","change":true}]}""");
        Assert.Empty(line.Payments);
        Assert.Equal(("0.5", "500000000000000000", "ETH"), (line.Fee, line.FeeUnits, line.FeeAsset));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"n":0,"time":"2026-11-01T00:00:00Z","decision":"x"}""")]
    [InlineData("""{"n":1,"time":"yesterday","decision":"x"}""")]
    [InlineData("""{"n":1,"time":"2026-11-01T00:00:00Z"}""")]
    public static void What_is_no_line_is_refused(string text) => Assert.Throws<KmsException>(() => Read(text));

    [Fact]
    public static async Task Every_table_that_can_be_exported_is_made()
    {
        using var folder = new TempFolder();
        await SimulatedYear.WriteAsync(folder.Root, 10);
        await File.WriteAllTextAsync(folder.File("policy.jsonl"), """{"time":"2026-11-01T00:00:00Z","key":"a 00","rule":"r","chain":"BTC","paid":{"BTC":"1","ETH":"2"}}""" + "\n", TestContext.Current.CancellationToken);
        using var key = SimulatedYear.Key();
        new LedgerBuilder(folder.Root, key, null).Build(folder.File("ledger.db"));
        using var ledger = KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"));
        foreach (var table in LedgerSchema.Names)
        {
            ledger.Query($"SELECT * FROM {table}", _ => { }, _ => { });
        }

        var uses = new List<PolicyUse>();
        ledger.Query("SELECT * FROM policy_use", _ => { }, row => uses.Add(new((long)row[0]!, (string)row[1]!, (string)row[2]!, (string)row[3]!, (string)row[4]!, (string)row[5]!, (string)row[6]!)));
        Assert.Equal(["a r BTC 1", "a r ETH 2"], uses.Select(use => $"{use.Id} {use.Rule} {use.Asset} {use.Amount}"));
    }

    private static LedgerLine Read(string text) => LedgerLine.Read(Encoding.UTF8.GetBytes(text));
}
