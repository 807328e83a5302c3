using System.Diagnostics;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signs what the sandbox's gateway lists: a throw-away wallet file, and the real cycle for one transaction at a time.
/// </summary>
internal sealed class SandboxRun(SandboxGateway gateway, string folder, ILogger log)
{
    /// <summary>The wallet file's password; its keys are published in our vectors, or made for one run.</summary>
    internal const string Password = "sandbox-password";

    // these wait for their chain before they tell the gateway
    private static readonly string[] Waiting = ["SOL", "FLOW"];

    /// <summary>The wallet file.</summary>
    internal string WalletFile => Path.Combine(folder, "wallet.dat");

    /// <summary>Signs everything, each chain in order; chains that wait go beside the others.</summary>
    /// <param name="scenarios">What to sign; the gateway lists it from now on.</param>
    /// <param name="node">The real node that takes it, if one does.</param>
    /// <param name="done">Told of every end.</param>
    /// <param name="cancel">Ends it early.</param>
    internal async Task<IReadOnlyList<SandboxResult>> SignAsync(
        IReadOnlyList<SandboxScenario> scenarios, IDevnetNode? node, Action<SandboxResult> done, CancellationToken cancel)
    {
        using var password = SecretBytes.FromString(Password);
        AddWallets(password, scenarios);
        gateway.List(scenarios, node);
        using var store = WalletStore.Open(WalletFile, password, ChainCatalog.WalletsOf);
        var options = new ServiceOptions(new(new(Network.Testnet)), Options(), Path.Combine(folder, "sandbox-state")) { Approver = new Uri(gateway.Url, "/approve") };
        using var service = SigningService.Open(options, store, TimeProvider.System, log);
        var beside = scenarios.GroupBy(scenario => scenario.Chain).Where(chain => Waiting.Contains(chain.Key)).Select(EachAsync).ToList();
        List<SandboxResult> results = [.. await EachAsync(scenarios.Where(scenario => !Waiting.Contains(scenario.Chain)))];
        results.AddRange((await Task.WhenAll(beside)).SelectMany(chain => chain));
        var order = scenarios.Index().ToDictionary(pair => (pair.Item.Chain, pair.Item.Name), pair => pair.Index);
        return [.. results.OrderBy(result => order[(result.Chain, result.Transaction)])];

        async Task<List<SandboxResult>> EachAsync(IEnumerable<SandboxScenario> some)
        {
            var ended = new List<SandboxResult>();
            foreach (var scenario in some)
            {
                var watch = Stopwatch.StartNew();
                var only = options.Cycle with { Chains = [scenario.Chain], OnlyTransactions = new HashSet<string> { scenario.Id } };
                var report = await new SigningCycle(service.Services, only).RunOnceAsync(cancel);
                var verdict = report.Transactions.FirstOrDefault(transaction => transaction.Id == scenario.Id);
                ended.Add(SandboxResult.Of(scenario, gateway, node, verdict, watch.ElapsedMilliseconds));
                done(ended[^1]);
            }

            return ended;
        }
    }

    /// <summary>Tries what must not be signed; each with a state folder of its own, as its policy is.</summary>
    /// <param name="recorded">
    /// What it is made of; the wallets are those of <see cref="SignAsync"/>, which runs before.
    /// </param>
    /// <param name="cancel">Ends it early.</param>
    internal async Task<IReadOnlyList<SandboxRefusal>> RefuseAsync(
        IReadOnlyList<SandboxScenario> recorded, CancellationToken cancel)
    {
        using var password = SecretBytes.FromString(Password);
        using var store = WalletStore.Open(WalletFile, password, ChainCatalog.WalletsOf);
        var refusals = new List<SandboxRefusal>();
        foreach (var (what, scenario, underPolicy) in SandboxRefusal.Cases(recorded))
        {
            gateway.List([scenario]);
            var options = new ServiceOptions(new(new(Network.Testnet)) { Chains = [scenario.Chain] }, Options(), Path.Combine(folder, $"refusal-{refusals.Count}"))
            {
                Approver = new Uri(gateway.Url, "/approve"),
                Policy = underPolicy ? PolicyFile.Read(Encoding.UTF8.GetBytes(SandboxRefusal.Policy)) : null,
            };
            // refusals are what is wanted
            using var service = SigningService.Open(options, store, TimeProvider.System, NullLogger.Instance);
            var report = await new SigningCycle(service.Services, options.Cycle).RunOnceAsync(cancel);
            var end = report.Transactions is [var only, ..] ? only : null;
            var held = end is { Verdict: Verdict.Refused or Verdict.NotApproved } && gateway.Broadcasts.Count == 0;
            refusals.Add(new(scenario.Chain, what, end?.Reason ?? "it was not looked at", held));
        }

        return refusals;
    }

    private GatewayOptions Options()
    {
        var node = new Uri(gateway.Url, "/node");
        return new(new(SandboxGateway.ApiKey))
        {
            Api = gateway.Url,
            Nodes = ChainCatalog.All.Values.Select(chain => chain.Info.Node).OfType<NodeHost>().ToDictionary(host => host, _ => node),
        };
    }

    private void AddWallets(SecretBytes password, IReadOnlyList<SandboxScenario> scenarios)
    {
        // a throw-away file
        using var edit = WalletEdit.OpenOrCreate(WalletFile, password, new PasswordCost(1, 8 * 1024 * 1024));
        foreach (var (id, entry) in scenarios.SelectMany(scenario => scenario.Entries()).DistinctBy(entry => entry.Id))
        {
            edit.Contents.Add(id, entry);
        }

        edit.Save();
    }
}
