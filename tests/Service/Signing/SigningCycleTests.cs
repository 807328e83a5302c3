using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>The whole line: poll, validate, sign, journal, broadcast, report.</summary>
public sealed class SigningCycleTests : IDisposable
{
    private const string BitcoinCase = "p2wpkh-one-input-change";
    private const string EtherCase = "native-transfer-private-key";
    private const string TokenCase = "token-transfer-nonce-gas-price-missing";
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Broadcasts_exactly_the_recorded_bytes()
    {
        var vectors = new[] { world.Add("BTC", BitcoinCase), world.Add("ETH", EtherCase), world.Add("ETH", TokenCase), world.Add("ETH", "fee-market-type-2") };
        var report = await world.RunAsync();
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(4, report.Count(Verdict.Accepted));
        foreach (var vector in vectors)
        {
            var expected = vector.GetProperty("broadcast");
            Assert.Contains(world.Broadcasts, request =>
                request.Path == expected.Text("path") && JsonElement.DeepEquals(JsonDocument.Parse(request.Body).RootElement, expected.GetProperty("body")));
        }

        Assert.Empty(world.Reports);
    }

    [Fact]
    public async Task Every_call_carries_the_key_and_no_log_line_or_state_file_does()
    {
        world.Add("ETH", TokenCase);
        await world.RunAsync();
        Assert.All(world.Gateway.Requests, request => Assert.Equal(CycleWorld.ApiKey, request.Headers["x-api-key"]));
        Assert.Contains(world.Gateway.Requests, request => request.Path.Contains(CycleWorld.ApiKey, StringComparison.Ordinal));
        var signed = JsonNode.Parse(world.Broadcasts.Single().Body)!["txData"]!.GetValue<string>();
        Assert.DoesNotContain(world.LogLines, line => line.Contains(CycleWorld.ApiKey, StringComparison.Ordinal) || line.Contains(signed, StringComparison.Ordinal) || line.Contains("ffde6f9e", StringComparison.Ordinal));
        var state = string.Concat(Directory.GetFiles(world.StateFolder).Select(File.ReadAllText));
        Assert.DoesNotContain(CycleWorld.ApiKey, state, StringComparison.Ordinal);
        Assert.Contains(world.LogLines, line => line.StartsWith("Getting pending transaction from ETH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signs_a_pending_id_once_and_sends_the_same_bytes_again()
    {
        world.Add("ETH", TokenCase);
        await world.RunAsync();
        world.OnAny = request => request.Path.Contains("web3", StringComparison.Ordinal) ? new(500) : null; // nothing may be asked for again
        var again = await world.RunAsync();
        Assert.Equal(1, again.Count(Verdict.Accepted));
        Assert.Equal(2, world.Broadcasts.Count());
        Assert.Single(world.Broadcasts.Select(request => request.Body).Distinct());
        Assert.Single(File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")), line => line.Contains("\"signed\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refuses_other_content_under_an_id_signed_before()
    {
        var vector = world.Add("ETH", EtherCase);
        await world.RunAsync();
        world.Pending["ETH"].Clear();
        var pending = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        pending["serializedTransaction"] = pending["serializedTransaction"]!.GetValue<string>().Replace("\"nonce\":5", "\"nonce\":6", StringComparison.Ordinal);
        world.List("ETH", pending.ToJsonString());
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Unknown)); // what was paid under the id is not called failed
        Assert.Single(world.Broadcasts);
        Assert.Empty(world.Reports);
        Assert.Contains("another transaction was signed under this id", report.Transactions[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_twin_in_the_same_list_does_not_make_what_was_paid_a_failure()
    {
        var vector = world.Add("ETH", EtherCase);
        var twin = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        twin["hashes"] = "none";
        world.List("ETH", twin.ToJsonString());
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.Empty(world.Reports);
    }

    [Fact]
    public async Task A_lost_answer_is_no_failure_and_the_same_bytes_go_out_again()
    {
        world.Add("ETH", TokenCase);
        world.OnBroadcast = _ => Reply.Cut;
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Unknown));
        Assert.Empty(world.Reports);
        world.OnBroadcast = _ => new(200, """{"txId":"x"}""");
        Assert.Equal(0, (await world.RunAsync()).ExitCode);
        Assert.Single(world.Broadcasts.Select(request => request.Body).Distinct());
    }

    [Fact]
    public async Task A_rejected_broadcast_is_reported_and_final()
    {
        world.Add("ETH", EtherCase);
        world.OnBroadcast = _ => new(403, """{"errorCode":"eth.broadcast.failed","message":"Unable to broadcast transaction due to invalid sender"}""");
        world.OnAny = request => request.Path.Contains("/transaction/0x", StringComparison.Ordinal) ? new(404, """{"errorCode":"tx.not.found"}""") : null;
        Assert.Equal(7, (await world.RunAsync()).ExitCode);
        Assert.Contains("invalid sender (HTTP 403)", world.Reports.Single().Body, StringComparison.Ordinal);
        await world.RunAsync();
        Assert.Single(world.Broadcasts);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(302)]
    [InlineData(500)]
    [InlineData(199)]
    public async Task Nothing_is_signed_without_the_approver(int status)
    {
        world.Add("ETH", EtherCase);
        world.Approve = () => new(status) { Headers = new Dictionary<string, string> { ["Location"] = world.Gateway.Url.AbsoluteUri } };
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.NotApproved));
        Assert.Empty(world.Broadcasts);
        Assert.False(File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Any());
        Assert.Empty(world.Reports);
    }

    [Fact]
    public async Task Hostile_transactions_fail_alone()
    {
        var good = world.Add("ETH", EtherCase);
        world.Add("BTC", BitcoinCase);
        world.Add("ETH", "testnet-daemon-mainnet-chain-id", list: "errors");
        world.Add("BTC", "an-input-has-no-key", list: "errors");
        world.List("ETH", """{"id":"not-json","chain":"ETH","hashes":[],"serializedTransaction":"{"}""");
        world.List("ETH", """{"id":"wrong-types","chain":"ETH","hashes":{},"serializedTransaction":5}""");
        world.List("ETH", """{"id":"unknown-wallet","chain":"ETH","hashes":["nobody"],"serializedTransaction":"{}"}""");
        world.List("ETH", """{"id":"another-chain","chain":"BTC","hashes":[],"serializedTransaction":"{}"}""");
        world.List("ETH", """{"id":"ten-megabytes","chain":"ETH","hashes":[],"serializedTransaction":"X"}""".Replace("X", new string('a', 10_000_000), StringComparison.Ordinal));
        world.List("ETH", $$"""{"id":"deep","chain":"ETH","hashes":{{new string('[', 50_000)}}{{new string(']', 50_000)}},"serializedTransaction":"{}"}""");
        world.List("ETH", """{"id":"twice","id":"twice","chain":"ETH"}""");
        world.List("ETH", "17");
        world.List("ETH", "null");
        world.List("ETH", good.GetProperty("pending").GetRawText());
        var report = await world.RunAsync();
        Assert.Equal(6, report.ExitCode);
        Assert.Equal(2, report.Count(Verdict.Accepted));
        Assert.Equal(0, report.Count(Verdict.Failed));
        Assert.Equal(1, report.Count(Verdict.Skipped)); // the good one's second listing
        var reported = world.Reports.Single().Body;
        foreach (var id in new[] { "not-json", "wrong-types", "unknown-wallet", "another-chain", "ten-megabytes" })
        {
            Assert.Contains($"\"{id}\"", reported, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(world.LogLines, line => line.Contains("bug of ours", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("{}")]
    [InlineData("[{]")]
    [InlineData("")]
    public async Task A_chain_whose_list_is_garbage_does_not_stop_the_others(string garbage)
    {
        world.Add("ETH", EtherCase);
        world.Add("BTC", BitcoinCase);
        world.OnAny = request => request.Path.EndsWith("pending/BTC", StringComparison.Ordinal) ? new(200, garbage) : null;
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Accepted));
        Assert.Equal("BTC", Assert.Single(report.FailedPolls).Chain);
        Assert.Equal(7, report.ExitCode);
    }

    [Fact]
    public async Task Repeats_what_a_bad_minute_of_the_gateway_spoilt()
    {
        world.Add("ETH", TokenCase);
        var tries = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        world.OnAny = request => tries.AddOrUpdate(request.Path + request.Body, 1, (_, count) => count + 1) switch
        {
            1 => new(503),
            2 => Reply.Cut,
            3 => new(429) { Headers = new Dictionary<string, string> { ["Retry-After"] = "0" } },
            _ => null,
        };
        var report = await world.RunAsync();
        Assert.True(report.ExitCode == 0, string.Join('\n', world.LogLines));
    }

    [Fact]
    public async Task Two_transactions_of_one_sender_get_consecutive_nonces()
    {
        world.Add("ETH", TokenCase);
        world.Add("ETH", TokenCase, pending =>
        {
            pending["id"] = "second";
            return pending;
        });
        Assert.Equal(0, (await world.RunAsync()).ExitCode);
        var signed = File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Where(line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(2, signed.Count);
        Assert.Equal(signed[0]["sequence"]!.GetValue<ulong>() + 1, signed[1]["sequence"]!.GetValue<ulong>());
        Assert.Single(signed.Select(line => line["account"]!.GetValue<string>()).Distinct());
    }

    [Fact]
    public async Task An_id_listed_by_two_chains_at_once_is_signed_for_one_of_them_alone()
    {
        for (var round = 0; round < 20; round++)
        {
            using var fresh = new CycleWorld();
            fresh.Add("ETH", EtherCase, pending => Renamed(pending, "the-same-id"));
            fresh.Add("BTC", BitcoinCase, pending => Renamed(pending, "the-same-id"));
            await fresh.RunAsync();
            await fresh.RunAsync();
            Assert.Single(File.ReadLines(Path.Combine(fresh.StateFolder, "journal.jsonl")), line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal));
            Assert.Single(fresh.Broadcasts.Select(request => request.Body).Distinct());
        }

        static JsonObject Renamed(JsonObject pending, string id)
        {
            pending["id"] = id;
            return pending;
        }
    }

    [Fact]
    public async Task When_the_journal_cannot_be_written_nothing_leaves()
    {
        world.Add("ETH", EtherCase);
        await world.RunAsync(approver: true);
        var before = world.Broadcasts.Count();
        world.Add("ETH", TokenCase);
        var journal = Path.Combine(world.StateFolder, "journal.jsonl");
        File.AppendAllText(journal, "{\"time\":\"2026-01-01T00:00:00Z\",\"event\":\"signed\"}\n{}\n");
        await Assert.ThrowsAsync<KmsCloud.Errors.KmsException>(() => world.RunAsync());
        Assert.Equal(before, world.Broadcasts.Count());
    }

    [Fact]
    public async Task A_torn_last_line_of_the_journal_is_set_aside()
    {
        world.Add("ETH", EtherCase);
        await world.RunAsync();
        File.AppendAllText(Path.Combine(world.StateFolder, "journal.jsonl"), "{\"time\":\"2026-01-01T00:0");
        Assert.Equal(0, (await world.RunAsync()).ExitCode);
        Assert.Equal("{\"time\":\"2026-01-01T00:0", File.ReadAllText(Path.Combine(world.StateFolder, "journal.jsonl.torn")));
    }

    [Fact]
    public async Task A_chain_without_wallets_is_not_polled_and_filters_hold()
    {
        world.Add("ETH", EtherCase);
        world.Add("BTC", BitcoinCase);
        var token = world.Add("ETH", TokenCase);
        world.Options = world.Options with { OnlyTransactions = new HashSet<string> { token.GetProperty("pending").Text("id")! } };
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        var polled = world.Gateway.Requests.Where(request => request.Path.StartsWith("/v3/kms/pending/", StringComparison.Ordinal)).Select(request => request.Path[16..]).Order().ToList();
        Assert.Equal(["BTC", "ETH"], polled);
    }

    [Fact]
    public async Task A_chain_that_hangs_delays_no_other_beyond_its_own_limit()
    {
        world.Add("ETH", EtherCase);
        world.Add("BTC", BitcoinCase);
        world.OnAny = request => request.Path.EndsWith("pending/BTC", StringComparison.Ordinal) ? new(200) { Delay = TimeSpan.FromMinutes(5) } : null;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var cycle = world.RunAsync();
        while (!world.Broadcasts.Any())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30) && !cycle.IsFaulted);
            await Task.Delay(20);
        }

        Assert.False(cycle.IsCompleted); // the other chain's broadcast is out while the first still waits
        var report = await cycle;
        Assert.Equal(1, report.Count(Verdict.Accepted));
        Assert.Equal("BTC", Assert.Single(report.FailedPolls).Chain);
    }

    [Fact]
    public async Task A_transaction_that_hangs_delays_no_other_of_its_chain()
    {
        var hangs = world.Add("ETH", EtherCase).GetProperty("pending").Text("id")!;
        world.Add("ETH", "fee-market-type-2");
        world.OnBroadcast = request => request.Body.Contains(hangs, StringComparison.Ordinal) ? new(200) { Delay = TimeSpan.FromMinutes(5) } : new(200, """{"txId":"x"}""");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var cycle = world.RunAsync();
        while (!File.Exists(Journal) || !ReadShared(Journal).Contains("\"accepted\"", StringComparison.Ordinal))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60) && !cycle.IsFaulted);
            await Task.Delay(20);
        }

        Assert.False(cycle.IsCompleted);
        var report = await cycle;
        Assert.Equal((1, 1), (report.Count(Verdict.Accepted), report.Count(Verdict.Unknown)));
        Assert.Empty(world.Reports);
    }

    private string Journal => Path.Combine(world.StateFolder, "journal.jsonl");

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    [Fact]
    public async Task An_approver_that_hangs_for_one_transaction_delays_no_other()
    {
        world.Add("ETH", EtherCase);
        world.Add("BTC", BitcoinCase);
        var asked = 0;
        world.Approve = () => Interlocked.Increment(ref asked) == 1 ? new(200) { Delay = TimeSpan.FromMinutes(5) } : new(200);
        var report = await world.RunAsync();
        Assert.Equal((1, 1), (report.Count(Verdict.Accepted), report.Count(Verdict.NotApproved)));
        Assert.True(report.Duration < TimeSpan.FromSeconds(25), $"{report.Duration}");
    }
}
