using System.Numerics;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>What was signed and may have left, and what is then said of it.</summary>
public sealed class RedTeamAfterSigningTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    // signed, the answer was lost; then the operator lowers a ceiling, the gateway changes or spoils its request, or the list of wallets is another
    [Theory]
    [InlineData("ceiling")]
    [InlineData("request changed")]
    [InlineData("request spoiled")]
    [InlineData("wallet unknown")]
    [InlineData("any ids off")]
    public async Task What_may_have_left_is_not_reported_as_failed(string how)
    {
        world.Add("ETH", "native-transfer-private-key");
        world.OnBroadcast = _ => Reply.Cut;
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Unknown));
        Assert.Empty(world.Reports);
        switch (how)
        {
            case "ceiling":
                world.Options = world.Options with { Context = new(Network.Testnet) { Chains = new Dictionary<string, ChainOptions> { ["ETH"] = new() { FeeCeiling = BigInteger.One } } } };
                break;
            case "any ids off":
                world.Options = world.Options with { AnyIds = false };
                break;
            default:
                world.Pending["ETH"] = [.. world.Pending["ETH"].Select(text =>
                {
                    var pending = JsonNode.Parse(text)!.AsObject();
                    pending[how == "wallet unknown" ? "hashes" : "serializedTransaction"] = how switch
                    {
                        "wallet unknown" => new JsonArray("nobody"),
                        "request spoiled" => "{",
                        _ => pending["serializedTransaction"]!.GetValue<string>().Replace("\"nonce\":5", "\"nonce\":6", StringComparison.Ordinal),
                    };
                    return pending.ToJsonString();
                })];
                break;
        }

        var report = await world.RunAsync();
        Assert.True(!world.Reports.Any(), $"{report.Transactions.Single().Verdict}: {report.Transactions.Single().Reason}; told the gateway: {world.Reports.FirstOrDefault()?.Body}");
    }

    // only the payer's signature is the gateway's; our part stays good whatever a node says of the whole, and there is no id to ask for
    [Fact]
    public async Task A_fee_delegated_transaction_is_not_refused_for_good_by_what_a_node_says_of_the_payers_signature()
    {
        world.Add("KLAY", "klaytn-type-value-transfer", pending =>
        {
            pending["serializedTransaction"] = pending["serializedTransaction"]!.GetValue<string>().Replace("VALUE_TRANSFER", "FEE_DELEGATED_VALUE_TRANSFER", StringComparison.Ordinal);
            return pending;
        });
        world.OnBroadcast = _ => new(403, """{"statusCode":403,"errorCode":"klaytn.broadcast.failed","message":"Unable to broadcast transaction due to invalid signature"}""");
        var report = await world.RunAsync();
        Assert.True(report.Count(Verdict.Unknown) == 1, $"{report.Transactions.Single().Verdict}: {report.Transactions.Single().Reason}");
    }

    // nginx, a wrong path, a proxy: not the node's word. The gateway's 404 must be JSON, the own node's need not
    [Theory]
    [InlineData("XLM")]
    [InlineData("VET")]
    [InlineData("EGLD")]
    public void A_404_of_a_web_server_is_no_absence(string chain) =>
        Assert.NotEqual(Presence.Absent, ChainCatalog.Get(chain).Rules.Second!.Read(new(404, "<html><head><title>404 Not Found</title></head><body>nginx</body></html>"), "ab"));
}
