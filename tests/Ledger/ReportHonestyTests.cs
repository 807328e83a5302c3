using KmsCloud.Ledger;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Ledger;

/// <summary>Red team 4: what a gateway can make the withdrawal report say.</summary>
public sealed class ReportHonestyTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_signed_and_may_be_out_is_in_the_report()
    {
        await SimulatedYear.AppendAsync(folder.Root, SimulatedYear.Line("signing", "a"), SimulatedYear.Line("unknown", "a")); // the gateway took the bytes, answered 503, and lists it no more
        var html = ReportHtml.Write(Read());
        Assert.Contains("unknown", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact] // whoever lists an id again with another content has the audit log say unknown
    public async Task What_arrived_is_not_out_again_because_a_gateway_asks_for_it_once_more()
    {
        await SimulatedYear.AppendAsync(
            folder.Root,
            SimulatedYear.Line("signing", "a"),
            SimulatedYear.Line("broadcast", "a"),
            SimulatedYear.Line("unknown", "a"));
        var report = Read();
        Assert.Equal((0, 1), (report.OpenTransactions, report.Payments));
    }

    [Fact]
    public async Task A_request_that_was_paid_later_is_not_among_those_not_paid()
    {
        await SimulatedYear.AppendAsync(folder.Root, SimulatedYear.Line("not-approved", "b"), SimulatedYear.Line("signing", "b"), SimulatedYear.Line("broadcast", "b"));
        Assert.Empty(Read().Refusals);
    }

    [Fact]
    public async Task What_an_operator_settled_as_accepted_is_a_payment()
    {
        await SimulatedYear.AppendAsync(folder.Root, SimulatedYear.Line("signing", "a"), SimulatedYear.Line("unknown", "a"), json =>
        {
            json.WriteString("decision", "settled");
            json.WriteString("id", "a");
            json.WriteString("as", "accepted");
        });
        var report = Read();
        Assert.Equal("bob 1", $"{Assert.Single(report.Recipients).Key} {report.Payments}");
        Assert.Empty(report.MayBeOut);
    }

    [Fact]
    public async Task What_was_shown_when_it_was_signed_is_what_was_paid()
    {
        await SimulatedYear.AppendAsync(folder.Root, SimulatedYear.Line("signing", "a"), json =>
        {
            json.WriteString("decision", "broadcast"); // its request could not be read any more
            json.WriteString("id", "a");
            json.WriteString("chain", "BTC");
        });
        Assert.Equal(1, Read().Payments);
    }

    private WithdrawalReport Read()
    {
        using var key = SimulatedYear.Key();
        new LedgerBuilder(folder.Root, key, null).Build(folder.File("ledger.db"));
        using var ledger = KmsCloud.Ledger.Ledger.Open(folder.File("ledger.db"));
        return WithdrawalReport.Read(ledger, null, null, ReportBy.Day);
    }
}
