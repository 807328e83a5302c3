using KmsCloud.Readers;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>One account's nonces are handed out one after the other, whoever leaves the line.</summary>
public sealed class SequenceLineTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Who_leaves_before_its_turn_does_not_let_the_next_one_pass()
    {
        var line = new SequenceLine();
        var (first, second, third) = (line.Join("ETH:0x1"), line.Join("ETH:0x1"), line.Join("ETH:0x1"));
        second.Dispose();
        Assert.False(third.TurnAsync(CancellationToken.None).IsCompleted);
        first.Dispose();
        await third.TurnAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(line.Join("ETH:0x2").TurnAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_transaction_that_is_not_approved_between_two_others_gives_them_no_common_nonce()
    {
        var ids = new[] { "first", "denied", "last" };
        foreach (var id in ids)
        {
            world.Add("ETH", "token-transfer-nonce-gas-price-missing", pending =>
            {
                pending["id"] = id;
                return pending;
            });
        }

        world.Approve = () => new(world.Approver.Requests.Last().Path.EndsWith("/denied", StringComparison.Ordinal) ? 403 : 200);
        Assert.Equal(2, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.Equal(["/first", "/denied", "/last"], world.Approver.Requests.Select(request => request.Path)); // each when its number is known
        var numbers = world.Broadcasts.Select(request => System.Text.Json.Nodes.JsonNode.Parse(request.Body)!["txData"]!.GetValue<string>()).Select(data => (int)EvmReading.Read(data).Nonce).ToList();
        Assert.Equal(2, numbers.Count);
        Assert.Equal(1, numbers[1] - numbers[0]); // the denied one took none
    }
}
