using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using KmsCloud.Alerts;
using KmsCloud.Anomalies;
using KmsCloud.Approvals;
using KmsCloud.Errors;
using KmsCloud.Readers;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Anomalies;

/// <summary>What the daemon does with findings: it tells each once, asks the approver with them, and freezes where it is told to.</summary>
public sealed class AnomalyDeskTests : IDisposable
{
    private const string Vector = "trx-transfer";
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_finding_is_told_once_to_log_audit_metric_webhook_and_with_the_question_to_the_approver()
    {
        using var webhook = new LoopbackServer(_ => new(200));
        using var secret = SecretBytes.FromString("canary-alert-secret-0123456789abcdef");
        world.MakeDesk = () => Desk("""{"version":1,"first-seen":true}""");
        world.MakeApprover = url => new(url, ApprovalBody.Full);
        world.Approve = () => new(403);
        world.Add("TRON", Vector);
        using (world.Alerts = new AlertHook(webhook.Url, SecretBytes.Copy(secret.Span), TimeProvider.System, (_, _) => { }))
        {
            await world.RunAsync();
            await world.RunAsync();
        }

        var question = world.Approver.Requests.First();
        Assert.Equal("first-seen", question.Headers["x-kms-anomalies"]);
        Assert.Equal("first-seen", JsonDocument.Parse(question.Body).RootElement.GetProperty("anomalies")[0].GetProperty("rule").GetString());
        Assert.Equal(2, world.Approver.Requests.Count(request => request.Headers.ContainsKey("x-kms-anomalies"))); // each question has it
        var line = Assert.Single(world.LogLines, line => line.StartsWith("Anomaly first-seen at ", StringComparison.Ordinal));
        Assert.EndsWith("was never paid before.", line, StringComparison.Ordinal);
        Assert.Single(Audit(), record => record.Contains("\"decision\":\"anomaly\"", StringComparison.Ordinal));
        var alert = Assert.Single(webhook.Requests);
        var time = alert.Headers[AlertHook.SignatureHeader].Split(',')[0][2..];
        Assert.Equal(AlertHook.Signature(secret, time, Encoding.UTF8.GetBytes(alert.Body)), alert.Headers[AlertHook.SignatureHeader]);
        Assert.Equal("first-seen", JsonDocument.Parse(alert.Body).RootElement.GetProperty("rule").GetString());
        Assert.DoesNotContain("canary", alert.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_signed_before_is_known_also_after_a_restart()
    {
        world.Add("TRON", Vector);
        await world.RunAsync(); // without rules
        world.MakeDesk = () => Desk("""{"version":1,"first-seen":true}""");
        world.Pending.Clear();
        world.Add("TRON", Vector, pending =>
        {
            pending["id"] = "another";
            return pending;
        });
        await world.RunAsync();
        Assert.DoesNotContain(world.LogLines, line => line.StartsWith("Anomaly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_request_under_the_same_id_is_told_anew()
    {
        world.MakeDesk = () => Desk("""{"version":1,"first-seen":true}""");
        world.Approve = () => new(403);
        foreach (var vector in new[] { Vector, "trc20-transfer", Vector })
        {
            world.Pending.Clear();
            world.Add("TRON", vector, pending =>
            {
                pending["id"] = "one";
                return pending;
            });
            await world.RunAsync(); // each in a process of its own
        }

        Assert.Equal(2, world.LogLines.Count(line => line.StartsWith("Anomaly first-seen at one", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Payments_side_by_side_do_not_overlook_each_other()
    {
        world.MakeDesk = () => Desk("""{"version":1,"burst":{"count":2,"minutes":10}}""");
        world.Approve = () => new(403); // none of them is learned
        for (var at = 0; at < 2; at++)
        {
            Add($"id-{at}");
        }

        await world.RunCyclesAsync(1);
        Assert.DoesNotContain(world.LogLines, line => line.StartsWith("Anomaly", StringComparison.Ordinal));
        world.Approve = () => new(200) { Delay = TimeSpan.FromSeconds(1) };
        Add("id-2");
        await world.RunCyclesAsync(1);
        Assert.Contains(world.LogLines, line => line.StartsWith("Anomaly burst", StringComparison.Ordinal));

        void Add(string id) => world.Add("TRON", Vector, pending =>
        {
            pending["id"] = id;
            return pending;
        });
    }

    [Fact]
    public async Task Findings_have_lines_of_their_own_whatever_else_is_told()
    {
        world.MakeDesk = () => Desk("""{"version":1,"first-seen":true}""");
        world.Approve = () => new(403);
        world.Add("TRON", Vector);
        await world.WithServicesAsync(async services =>
        {
            while (services.Memory.Told("TRON").TryTake(services.Clock))
            {
                // somebody fills what may be told of the chain
            }

            await new SigningCycle(services, world.Options).RunOnceAsync(CancellationToken.None);
            return 0;
        });
        Assert.Single(world.LogLines, line => line.StartsWith("Anomaly first-seen", StringComparison.Ordinal));
    }

    [Fact]
    public void A_token_has_one_history_stated_decimals_or_not()
    {
        var line = """{"n":1,"time":"2026-11-28T00:00:00Z","decision":"signing","id":"a","chain":"SOL","transfers":[{"to":"b","amount":"2.5","asset":"MINT","decimals":6,"units":"2500000"},{"to":"b","amount":"7","asset":"MINT","rawUnits":true}]}""";
        var facts = KmsCloud.Audit.AuditRecord.Read(Encoding.UTF8.GetBytes(line)).Facts();
        Assert.Equal(["MINT (raw) 2500000", "MINT (raw) 7"], facts.Payments.Select(paid => $"{paid.Asset} {paid.Amount}"));
    }

    [Fact]
    public async Task A_rule_that_freezes_stops_all_signing_until_somebody_thaws_and_is_not_met_again()
    {
        world.MakeDesk = () => Desk("""{"version":1,"first-seen":true}""", "first-seen");
        world.Add("TRON", Vector);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Waiting));
        Assert.Empty(world.Approver.Requests); // nobody is asked about what waits
        Assert.Equal(0, world.KeysOpened);
        var freeze = new Freeze(world.StateFolder);
        Assert.Contains("the anomaly rule 'first-seen' on", freeze.Reason, StringComparison.Ordinal);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Waiting));
        freeze.Clear();
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted)); // in a process of its own: the audit log knows
    }

    [Fact]
    public async Task A_limit_nearly_used_up_is_found_by_the_policys_own_windows()
    {
        world.Policy = """{"version":1,"requireValid":false,"rules":[{"name":"r","chains":["TRON"],"recipients":"any","assets":{"TRX":{"perDay":"120"}}}]}""";
        world.MakeDesk = () => Desk("""{"version":1,"near-limit":{"percent":1}}""");
        world.Add("TRON", Vector);
        await world.RunAsync();
        Assert.Contains(world.LogLines, line => line.Contains("of the 120 TRX that rule 'r' allows per day are used with it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_limit_with_room_is_none()
    {
        world.Policy = """{"version":1,"requireValid":false,"rules":[{"name":"r","chains":["TRON"],"recipients":"any","assets":{"TRX":{"perDay":"120"}}}]}""";
        world.MakeDesk = () => Desk("""{"version":1,"near-limit":{"percent":3}}""");
        world.Add("TRON", Vector);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.DoesNotContain(world.LogLines, line => line.StartsWith("Anomaly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refusals_in_a_row_are_one_finding()
    {
        world.MakeDesk = () => Desk("""{"version":1,"refusals":{"count":3,"minutes":60}}""");
        world.Approve = () => new(403);
        for (var at = 0; at < 3; at++)
        {
            var id = $"id-{at}";
            world.Add("TRON", Vector, pending =>
            {
                pending["id"] = id;
                return pending;
            });
        }

        await world.RunCyclesAsync(2);
        Assert.Single(world.LogLines, line => line.StartsWith("Anomaly refusals", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rule_that_is_off_cannot_freeze()
    {
        var error = Assert.Throws<KmsException>(() => Options("lookalike", null).OpenDesk());
        Assert.Contains("'lookalike', which is not on", error.Message, StringComparison.Ordinal);
        Assert.Throws<KmsException>(() => Options("second-reader,burst", """{"version":1,"first-seen":true}""").OpenDesk());
        Assert.NotNull(Options("second-reader,first-seen", """{"version":1,"first-seen":true}""").OpenDesk());
        Assert.Throws<KmsException>(() => Options("first-sene", null));
    }

    [Fact]
    public async Task A_webhook_that_does_not_answer_stops_nothing_and_is_said()
    {
        var answers = 0;
        using var webhook = new LoopbackServer(_ => new(Interlocked.Increment(ref answers) == 2 ? 200 : 500));
        var lost = new ConcurrentBag<string>();
        using (var hook = new AlertHook(webhook.Url, null, TimeProvider.System, (alert, problem) => lost.Add($"{alert.Id}: {problem}")))
        {
            hook.Send(new Alert("anomaly", "burst", "first", "ETH", "text"));
            hook.Send(new Alert("anomaly", "burst", "second", "ETH", "text"));
            while (webhook.Requests.Count < 5)
            {
                await Task.Delay(20);
            }
        }

        Assert.Equal(["second: it answered 500"], lost);
    }

    private static ServiceOptions Options(string freezeOn, string? file) => new(new(new(KmsCloud.Keys.Network.Testnet)), new(new("key")), "state")
    {
        SecondReaderSettings = SecondReaderSettings.Read(null, freezeOn, new SecondReader()),
        Anomalies = file is null ? null : AnomalyFile.Read(Encoding.UTF8.GetBytes(file)),
    };

    private string[] Audit() => File.ReadAllLines(Path.Combine(world.StateFolder, "audit.jsonl"));

    private static AnomalyDesk Desk(string file, params string[] freezing) =>
        new(AnomalyFile.Read(Encoding.UTF8.GetBytes(file)), freezing.ToHashSet(StringComparer.Ordinal));
}
