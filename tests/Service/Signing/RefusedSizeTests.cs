using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Bounds on how many, and none on how large; and limits that are used up by what is never signed.</summary>
public sealed class RefusedSizeTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Audit_lines_about_what_is_not_signed_are_bounded_in_size()
    {
        const int requests = 20;
        var coin = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1));
        for (var at = 0; at < requests; at++)
        {
            var payment = new PaymentCase("BTC");
            payment.Spend(coin, at.ToString("x64", System.Globalization.CultureInfo.InvariantCulture), 1, 30_000_000);
            for (var output = 0; output < 5_000; output++)
            {
                payment.Pay([0x76, 0xa9, 20, .. new byte[16], 0, 0, (byte)(output >> 8), (byte)(output & 0xff), 0x88, 0xac], 5_000);
            }

            var id = $"big-{at}";
            world.Add("BTC", payment.Vector(), pending =>
            {
                pending["id"] = id;
                return pending;
            });
        }

        world.Options = world.Options with { Chains = ["BTC"] };
        world.Approve = () => new(403);
        var report = await world.RunAsync();
        var audit = new FileInfo(Path.Combine(world.StateFolder, "audit.jsonl")).Length;
        Assert.True(audit < 2_000_000, $"{audit / 1024} KiB of audit log for {requests} requests of which nothing was signed ({report.Transactions[0].Verdict}); 1000 such lines a minute are allowed");
    }

    [Fact]
    public async Task What_is_never_signed_does_not_use_up_the_days_limit()
    {
        // the gateway names a number far above what any account has, nine times; then somebody mends the gateway
        world.Options = world.Options with { Chains = ["ETH"] };
        var vector = Vectors.Case("ETH", "signing", "native-transfer-private-key");
        world.Policy = """{"version":1,"rules":[{"name":"r","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perDay":"10"}}}]}""";
        var lies = true;
        world.OnAny = request => request.Path.Contains("/transaction/count/", StringComparison.Ordinal) ? new(200, lies ? "1000000000" : "1") : null;
        for (var at = 0; at < 9; at++)
        {
            Add($"lie-{at}");
        }

        var first = await world.RunAsync();
        world.Pending.Clear();
        lies = false;
        Add("good");
        var then = await world.RunAsync();
        Assert.True(then.Transactions[0].Verdict is Verdict.Accepted, $"signed before: {first.Count(Verdict.Accepted)} ({first.Transactions[0].Reason}); and now {then.Transactions[0].Verdict}: {then.Transactions[0].Reason}");

        void Add(string id) => world.Add("ETH", vector, pending =>
        {
            pending["id"] = id;
            pending["serializedTransaction"] = """{"from":0,"to":"0x1111111111111111111111111111111111111111","value":"2000000000000000000","gas":"21000","gasPrice":"20000000000"}""";
            return pending;
        });
    }
}
