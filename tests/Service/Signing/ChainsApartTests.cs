using System.Diagnostics;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Each chain has a loop of its own: what one is slow at, no other waits for.</summary>
public sealed class ChainsApartTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_chain_whose_list_does_not_come_delays_no_other()
    {
        world.Add("ETH", "native-transfer-private-key");
        world.Add("EGLD", "transfer-mnemonic-index");
        world.OnAny = request => request.Path == "/v3/kms/pending/EGLD" ? new(200, "[]") { Delay = TimeSpan.FromSeconds(30) } : null;
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await world.RunDaemonAsync(Period, stop.Token);
        Assert.True(Polls("ETH") >= 3, $"{Polls("ETH")} polls of ETH"); // one, when it waits for the other
        Assert.Single(world.Broadcasts.Select(request => request.Body).Distinct());
    }

    [Fact]
    public async Task A_stop_is_heard_at_once_while_a_list_does_not_come()
    {
        world.Add("EGLD", "transfer-mnemonic-index");
        using var stop = new CancellationTokenSource();
        world.OnAny = request =>
        {
            stop.CancelAfter(TimeSpan.FromMilliseconds(200));
            return new(200, "[]") { Delay = TimeSpan.FromSeconds(30) };
        };
        var daemon = world.RunDaemonAsync(Period, stop.Token);
        var heard = new TaskCompletionSource();
        using var registered = stop.Token.Register(heard.SetResult);
        await heard.Task;
        var watch = Stopwatch.StartNew();
        await daemon;
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1.5), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task One_id_on_two_chains_is_signed_once()
    {
        world.Add("ETH", "native-transfer-private-key", pending => With(pending, "one"));
        world.Add("BTC", "p2wpkh-one-input-change", pending => With(pending, "one"));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await world.RunDaemonAsync(Period, stop.Token);
        Assert.Single(world.Broadcasts.Select(request => request.Body).Distinct());
    }

    [Fact]
    public async Task Fifty_copies_of_one_message_are_one_question_and_one_audit_line()
    {
        world.Add("ETH", "native-transfer-private-key", pending => With(pending, "one"));
        world.Approve = () => new(404);
        var options = world.Options with { Chains = ["ETH"], OnlyTransactions = new HashSet<string> { "one" }, AskAgainAfter = TimeSpan.FromMinutes(1) };
        await world.WithServicesAsync(async services =>
        {
            for (var copy = 0; copy < 50; copy++)
            {
                await new SigningCycle(services, options).RunOnceAsync(CancellationToken.None);
            }

            return 0;
        });
        Assert.Single(world.Approver.Requests);
        Assert.Single(File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")), line => line.Contains("not-approved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_yes_is_asked_for_afresh_before_anything_is_signed()
    {
        world.Add("ETH", "native-transfer-private-key", pending => With(pending, "one"));
        var answers = 0;
        world.Approve = () => new(Interlocked.Increment(ref answers) == 1 ? 404 : 200);
        var options = world.Options with { Chains = ["ETH"], AskAgainAfter = TimeSpan.FromMilliseconds(100) };
        await world.WithServicesAsync(async services =>
        {
            await new SigningCycle(services, options).RunOnceAsync(CancellationToken.None);
            await Task.Delay(150);
            await new SigningCycle(services, options).RunOnceAsync(CancellationToken.None);
            return 0;
        });
        Assert.Equal(2, world.Approver.Requests.Count);
        Assert.Single(world.Broadcasts);
    }

    private static System.Text.Json.Nodes.JsonObject With(System.Text.Json.Nodes.JsonObject pending, string id)
    {
        pending["id"] = id;
        return pending;
    }

    private int Polls(string chain) => world.Gateway.Requests.Count(request => request.Path == $"/v3/kms/pending/{chain}");
}
