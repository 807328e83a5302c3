using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>A gateway that fills memory or log by what it answers to our own questions.</summary>
[Collection(typeof(MeasuresMemory))]
public sealed class AnswerMemoryTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    // One request of a wallet of ours with 250 inputs (6,000 are taken), whose previous transactions the policy has asked for: each answer 4 MiB of JSON.
    [Fact]
    public async Task Answers_to_the_questions_for_previous_transactions_do_not_fill_memory()
    {
        const int inputs = 250;
        var payment = new PaymentCase("BTC");
        var coin = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1));
        for (var at = 0; at < inputs; at++)
        {
            payment.Spend(coin, at.ToString("x64", System.Globalization.CultureInfo.InvariantCulture), 1, 100_000);
        }

        payment.Pay([0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac], (inputs * 100_000L) - 200_000);
        world.Policy = """{"version":1,"rules":[{"name":"r","chains":["BTC"],"recipients":"any","assets":{"BTC":{}}}]}""";
        world.Options = world.Options with { Chains = ["BTC"] };
        world.Add("BTC", payment.Vector());
        var answer = "{\"hex\":\"" + new string('0', (4 * 1024 * 1024) - 20) + "\"}";
        var asked = 0;
        long first = 0, most = 0;
        var gate = new Lock();
        world.OnAny = request =>
        {
            if (!request.Path.Contains("/transaction/", StringComparison.Ordinal))
            {
                return null;
            }

            lock (gate)
            {
                asked++;
                first = asked == 1 ? GC.GetTotalMemory(forceFullCollection: true) : first;
                most = asked % 50 == 0 ? Math.Max(most, GC.GetTotalMemory(forceFullCollection: true)) : most;
            }

            return new(200, answer);
        };
        var report = await world.RunAsync();
        var grown = (most - first) / (1024 * 1024);
        Assert.True(grown < 300, $"{asked} answers, {grown} MiB held at once for one request; it ended as {report.Transactions[0].Verdict}: {report.Transactions[0].Reason}; questions to the approver: {world.Approver.Requests.Count}");
    }

    // --transaction-ids, and each message of the queue: what is not wanted has a log line each, in every round.
    [Fact]
    public async Task Junk_beside_the_wanted_transaction_does_not_fill_the_log()
    {
        world.Add("ETH", "native-transfer-private-key");
        for (var at = 0; at < 5_000; at++)
        {
            world.List("ETH", $$"""{"id":"junk-{{at}}"}""");
        }

        world.Options = world.Options with { Chains = ["ETH"], OnlyTransactions = new HashSet<string> { "wanted" } };
        await world.RunAsync();
        var lines = world.LogLines.Count(line => line.Contains("was not processed", StringComparison.Ordinal));
        Assert.True(lines <= 100, $"{lines} lines about junk in one round of one chain");
    }
}
