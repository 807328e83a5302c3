using System.Diagnostics;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace KmsCloud.Tests.Cli;

/// <summary>The sandbox signs on every chain, and its independent readers would notice if something were wrong.</summary>
public sealed class SandboxTests(SandboxTests.Finished finished) : IClassFixture<SandboxTests.Finished>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // about five on an idle machine

    private static readonly string[] TronMembers = ["\"raw_data_hex\":\"", "\"signature\":[\""];

    public static TheoryData<string, string> Scenarios =>
        [.. SandboxScenario.ReadAll().Select(scenario => new TheoryDataRow<string, string>(scenario.Chain, scenario.Name))];

    public static TheoryData<string> Programs => [.. DevnetProgram.All.Select(program => program.Name)];

    [Theory] // a question without an answer leaves its asker waiting
    [InlineData("GET", "/v3/kms/pending/ETH", "", null, 400)]
    [InlineData("GET", "/v3/kms/pending/ETH", "", "sandbox-api-key", 400)]
    [InlineData("POST", "/v3/kms/pending/ETH", "xx", null, 400)]
    [InlineData("POST", "/v3/kms/pending/ETH", "{\"signatureIds\":7}", null, 400)]
    [InlineData("POST", "/v3/kms/pending/ETH", "{\"signatureIds\":[]}", "sandbox-api-key", 200)]
    [InlineData("POST", "/v3/kms/pending/ETH", "{\"signatureIds\":[]}", "another key", 401)]
    [InlineData("POST", "/v3/ethereum/transaction", "{\"to\":7}", null, 400)]
    [InlineData("GET", "/nothing", "", null, 404)]
    public static async Task Its_gateway_answers_whatever_it_is_asked(string method, string path, string body, string? key, int status)
    {
        using var gateway = SandboxGateway.Start();
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        using var request = new HttpRequestMessage(new(method), new Uri(gateway.Url, path)) { Content = new StringContent(body) };
        if (key is not null)
        {
            request.Headers.Add("x-api-key", key);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public void Covers_every_chain_and_ends_within_seconds()
    {
        Assert.Equal(ChainCatalog.All.Keys.Order(), finished.Results.Select(result => result.Chain).Distinct().Order());
        Assert.True(finished.Took < Patience, $"it took {finished.Took}");
    }

    [Theory, MemberData(nameof(Scenarios))]
    public void Every_transaction_is_broadcast_and_verified(string chain, string name)
    {
        var result = Assert.Single(finished.Results, result => (result.Chain, result.Transaction) == (chain, name));
        Assert.Null(result.Problem);
        Assert.NotEmpty(result.Pays);
        var scenario = finished.Scenario(chain, name);
        Assert.True(result.TransactionId == scenario.TransactionId || !scenario.IsByteExact, "another id than recorded");
    }

    [Theory, MemberData(nameof(Scenarios))]
    public void A_flipped_bit_in_signature_amount_or_anything_else_signed_is_noticed(string chain, string name)
    {
        var scenario = finished.Scenario(chain, name);
        var sent = finished.Sent[scenario.Id];
        var id = IndependentReader.Read(scenario, sent).TransactionId;
        var flips = 0;
        foreach (var (changed, at) in Flipped(chain, sent))
        {
            flips++;
            try
            {
                var reading = IndependentReader.Read(scenario, changed);
                Assert.True(chain == "FLOW" && reading.TransactionId != id, $"a flip at {at} was not noticed"); // the payer's key index is only in the id
            }
            catch (KmsException)
            {
                // noticed
            }
        }

        Assert.True(flips > 100, "too little was tried");
    }

    [Theory, MemberData(nameof(Scenarios))]
    public void Another_signer_is_noticed(string chain, string name)
    {
        var scenario = finished.Scenario(chain, name) with { Signers = ["02" + new string('1', 64)] };
        Assert.Throws<KmsException>(() => IndependentReader.Read(scenario, finished.Sent[scenario.Id]));
    }

    [Fact]
    public void What_approver_policy_or_tampering_forbid_is_refused_and_never_leaves()
    {
        Assert.Equal(["ETH", "ETH", "TRON"], finished.Refusals.Select(refusal => refusal.Chain));
        Assert.All(finished.Refusals, refusal => Assert.True(refusal.Held, refusal.Reason));
        Assert.Equal(3, finished.Refusals.Select(refusal => refusal.Reason).Distinct().Count());
    }

    [Theory, MemberData(nameof(Programs))]
    public async Task A_real_node_mines_what_was_signed(string name)
    {
        var program = DevnetProgram.All.Single(program => program.Name == name);
        Assert.SkipUnless(program.Path is not null, $"NOT CHECKED ON A REAL NODE: {name} is not on this machine; run tests/run where npm and apt are in reach");
        using var folder = new TempFolder();
        using var gateway = SandboxGateway.Start();
        using var node = program.Start(program.Path!);
        var results = await new SandboxRun(gateway, folder.Root, NullLogger.Instance).SignAsync(node.Scenarios, node, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(node.Scenarios.Count, results.Count);
        Assert.All(results, result => Assert.Null(result.Problem));
        Assert.All(results, result => Assert.Contains($"mined by {name} in block", result.Mined));
    }

    /// <summary>One bit changed at each place that a signature covers or that is a signature.</summary>
    private static IEnumerable<(string Text, int At)> Flipped(string chain, string sent)
    {
        switch (chain)
        {
            case "XLM" or "SOL":
                return Each(Convert.FromBase64String(sent), 0, int.MaxValue, Convert.ToBase64String);
            case "TRON": // the JSON beside the bytes is not what is signed
                var json = Encoding.UTF8.GetBytes(sent);
                return TronMembers.SelectMany(member =>
                {
                    var from = sent.IndexOf(member, StringComparison.Ordinal) + member.Length;
                    return Each(json, from, sent.IndexOf('"', from), Encoding.UTF8.GetString);
                });
            case "EGLD":
                return Each(Encoding.UTF8.GetBytes(sent), 0, int.MaxValue, Encoding.UTF8.GetString);
            case "FLOW": // the last character of base64 holds unused bits
                return Each(Encoding.UTF8.GetBytes(sent), 0, int.MaxValue, Encoding.UTF8.GetString).Where(flip => sent[Math.Min(flip.At + 1, sent.Length - 1)] != '=');
            case "ADA": // behind the transaction stands what nobody signs
                var envelope = Convert.FromHexString(sent);
                return Each(envelope, 0, envelope.AsSpan().LastIndexOf("operations"u8) - 2, Convert.ToHexStringLower);
            default:
                var prefix = sent.StartsWith("0x", StringComparison.Ordinal) ? "0x" : "";
                return Each(Convert.FromHexString(sent[prefix.Length..]), 0, int.MaxValue, bytes => prefix + Convert.ToHexStringLower(bytes));
        }
    }

    private static IEnumerable<(string Text, int At)> Each(byte[] bytes, int from, int to, Func<byte[], string> write)
    {
        for (var at = from; at < Math.Min(to, bytes.Length); at++)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            yield return (write(changed), at);
        }
    }

    /// <summary>The sandbox, run once for all of these tests.</summary>
    public sealed class Finished : IAsyncLifetime
    {
        internal IReadOnlyList<SandboxResult> Results { get; private set; } = [];

        internal IReadOnlyList<SandboxRefusal> Refusals { get; private set; } = [];

        internal Dictionary<string, string> Sent { get; private set; } = [];

        internal TimeSpan Took { get; private set; }

        private IReadOnlyList<SandboxScenario> Scenarios { get; } = SandboxScenario.ReadAll();

        public async ValueTask InitializeAsync()
        {
            using var folder = new TempFolder();
            using var gateway = SandboxGateway.Start();
            var watch = Stopwatch.StartNew();
            var run = new SandboxRun(gateway, folder.Root, NullLogger.Instance);
            Results = await run.SignAsync(Scenarios, null, _ => { }, CancellationToken.None);
            Took = watch.Elapsed;
            Sent = gateway.Broadcasts.ToDictionary(pair => pair.Key, pair => pair.Value.Sent);
            Refusals = await run.RefuseAsync(Scenarios, CancellationToken.None);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        internal SandboxScenario Scenario(string chain, string name) => Scenarios.Single(scenario => (scenario.Chain, scenario.Name) == (chain, name));
    }
}
