using System.Diagnostics;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Codecs;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Good payments that a mend of round 3 holds up.</summary>
public sealed class HeldUpTests : IDisposable
{
    private static readonly byte[] Stranger = [0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac];
    private readonly CycleWorld world = new();
    private readonly Dictionary<string, string> previous = [];

    public void Dispose() => world.Dispose();

    // An honest gateway whose answers take 100 ms. Everything 1:10: the limit of a transaction is 12 seconds instead of 120, the inputs 100 instead of 1,000.
    [Theory, InlineData(1), InlineData(8)]
    public async Task Payments_of_many_inputs_come_to_an_end_beside_each_other(int payments)
    {
        for (var at = 0; at < payments; at++)
        {
            Add(at, inputs: 100, outputs: 1);
        }

        world.Policy = """{"version":1,"rules":[{"name":"r","chains":["BTC"],"recipients":"any","assets":{"BTC":{}}}]}""";
        world.Options = world.Options with { Chains = ["BTC"], TransactionLimit = TimeSpan.FromSeconds(12) };
        world.OnAny = request =>
        {
            if (!request.Path.Contains("/transaction/", StringComparison.Ordinal))
            {
                return null;
            }

            Thread.Sleep(100);
            return previous.TryGetValue(request.Path[(request.Path.LastIndexOf('/') + 1)..], out var hex) ? new(200, "{\"hex\":\"" + hex + "\"}") : new(404);
        };
        var said = "";
        await world.WithServicesAsync(async services =>
        {
            var cycle = new SigningCycle(services, world.Options);
            for (var look = 0; look < 3; look++)
            {
                var report = await cycle.RunOnceAsync(CancellationToken.None);
                said += $" | cycle {look}: {report.Count(Verdict.Accepted)} accepted, {string.Join(", ", report.Transactions.CountBy(one => one.Reason ?? one.Verdict.ToString()).Select(one => $"{one.Value} x '{one.Key}'"))}";
            }

            return 0;
        });
        Assert.True(world.Broadcasts.Count() >= payments, $"{world.Broadcasts.Count()} of {payments} were ever broadcast{said}");
    }

    // Somebody writes rubbish into wallet.dat of a running daemon (or restores an older one): "the old wallets stay open".
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_wallet_file_that_cannot_be_taken_over_stops_no_large_payment(bool spoiled)
    {
        Add(0, inputs: 1, outputs: 500);
        var waiting = world.Pending["BTC"].ToList();
        world.Pending["BTC"].Clear();
        world.Options = world.Options with { Chains = ["BTC"] };
        using var stop = new CancellationTokenSource();
        var daemon = world.RunDaemonAsync(TimeSpan.FromMilliseconds(200), stop.Token);
        await Task.Delay(1000);
        if (spoiled)
        {
            File.WriteAllText(world.WalletPath, "rubbish");
        }

        await Task.Delay(1000);
        world.Pending["BTC"].AddRange(waiting);
        await Task.Delay(8000);
        await stop.CancelAsync();
        await daemon;
        DecodeLimit.IsClosed = false;
        Assert.True(world.Broadcasts.Any(), string.Join(" | ", world.LogLines.Distinct().TakeLast(12)));
    }

    // A named pipe has no length: who writes the state folder ends the loop that takes over wallets, and the stop.
    [Theory, InlineData("freezes.jsonl"), InlineData("frozen.json"), InlineData("../wallet.dat")]
    public async Task A_named_pipe_in_the_place_of_a_file_does_not_hold_up_the_daemon(string name)
    {
        world.Add("ETH", "native-transfer-private-key");
        world.Options = world.Options with { Chains = ["ETH"] };
        using var stop = new CancellationTokenSource();
        var daemon = Task.Run(() => world.RunDaemonAsync(TimeSpan.FromMilliseconds(200), stop.Token));
        await Task.Delay(1500);
        var pipe = name.EndsWith("wallet.dat", StringComparison.Ordinal) ? world.WalletPath : Path.Combine(world.StateFolder, name);
        File.Delete(pipe);
        Process.Start("mkfifo", pipe).WaitForExit();
        await Task.Delay(1000);
        await stop.CancelAsync();
        var isOver = await Task.WhenAny(daemon, Task.Delay(TimeSpan.FromSeconds(15))) == daemon;
        if (!isOver)
        {
            await File.WriteAllTextAsync(pipe, "x\n"); // lets it go
            await daemon;
        }

        Assert.True(isOver, "15 seconds after the stop the daemon still runs: it reads a pipe that nobody writes");
    }

    private void Add(int number, int inputs, int outputs)
    {
        var payment = new PaymentCase("BTC");
        var coin = OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1));
        for (var at = 0; at < inputs; at++)
        {
            var before = new Transaction(2, [new(new(new string('a', 64), (uint)((number * 1000) + at)), 0xffffffff)], [new(100_000, coin.Script)], 0);
            var bytes = before.Serialize([Unlocking.Nothing]);
            var id = PreviousTransaction.Read(bytes, "it").Id;
            previous[id] = Hex.Lower(bytes);
            payment.Spend(coin, id, 0, 100_000);
        }

        for (var at = 0; at < outputs; at++)
        {
            payment.Pay(Stranger, ((inputs * 100_000L) - 50_000) / outputs);
        }

        var vector = JsonNode.Parse(payment.Vector().GetRawText())!;
        vector["pending"]!["id"] = $"{number:d24}";
        world.Add("BTC", System.Text.Json.JsonSerializer.SerializeToElement(vector));
    }
}
