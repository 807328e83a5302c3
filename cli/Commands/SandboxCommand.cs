using System.CommandLine;
using System.Diagnostics;
using KmsCloud.Chains;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Cli.Commands;

/// <summary>A newcomer's first minute: the real cycle against a gateway and an approver on loopback, with a throw-away wallet file.</summary>
internal static class SandboxCommand
{
    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave the gateway running and say how to point the daemon at it" };
    private static readonly Option<string?> Output = new("--output") { Description = "table on a terminal, json otherwise", HelpName = "table|json" };

    internal static Command Create()
    {
        Output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("sandbox", "See it work: queue transactions on every chain, sign them, check what was sent; nothing leaves this machine") { Keep, Output };
        command.SetAction((arguments, cancel) => RunAsync(new Session(arguments), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Session session, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("kms-sandbox-").FullName;
        try
        {
            var scenarios = SandboxScenario.ReadAll();
            using var gateway = SandboxGateway.Start(scenarios);
            Terminal.Say($"gateway and approver on {gateway.Url}, wallet file in {folder}");
            var path = Path.Combine(folder, "wallet.dat");
            using var password = SecretBytes.FromString("sandbox-password");
            WriteWallets(path, password, scenarios);
            var results = await SignAsync(session, gateway, path, password, scenarios, cancel);
            Print(session, results);
            if (session.Arguments.GetValue(Keep))
            {
                await KeepAsync(gateway, path);
            }

            return results.All(result => result.Verified) ? 0 : (int)Failure.Refused;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteWallets(string path, SecretBytes password, IReadOnlyList<SandboxScenario> scenarios)
    {
        using var edit = WalletEdit.OpenOrCreate(path, password, new PasswordCost(1, 8 * 1024 * 1024)); // a throw-away file
        foreach (var (id, entry) in scenarios.SelectMany(scenario => scenario.Entries()).DistinctBy(entry => entry.Id))
        {
            edit.Contents.Add(id, entry);
        }

        edit.Save();
    }

    private static async Task<IReadOnlyList<SandboxResult>> SignAsync(
        Session session, SandboxGateway gateway, string path, SecretBytes password, IReadOnlyList<SandboxScenario> scenarios, CancellationToken cancel)
    {
        using var store = WalletStore.Open(path, password);
        var node = new Uri(gateway.Url, "/node");
        var options = new ServiceOptions(
            new(new(Network.Testnet)),
            new(new("sandbox-api-key"))
            {
                Api = gateway.Url,
                Nodes = new Dictionary<NodeHost, Uri> { [NodeHost.VeChain] = node, [NodeHost.Flow] = node, [NodeHost.Bnb] = node },
            },
            Path.Combine(Path.GetDirectoryName(path)!, "state"))
        {
            Approver = new Uri(gateway.Url, "/approve"),
        };
        var log = new StderrLogger(session.Arguments.GetValue(GlobalOptions.Verbose) ? LogLevel.Debug : LogLevel.Error, json: false, TimeProvider.System);
        using var service = SigningService.Open(options, store, TimeProvider.System, log);
        var results = new List<SandboxResult>();
        foreach (var chain in scenarios.GroupBy(scenario => scenario.Chain))
        {
            Terminal.Say($"{chain.Key}: {chain.Count()} transactions");
            foreach (var scenario in chain)
            {
                var watch = Stopwatch.StartNew();
                var only = options.Cycle with { Chains = [chain.Key], OnlyTransactions = new HashSet<string> { scenario.Id } };
                var report = await new SigningCycle(service.Services, only).RunOnceAsync(cancel);
                var verdict = report.Transactions.FirstOrDefault(transaction => transaction.Id == scenario.Id);
                results.Add(SandboxResult.Of(scenario, gateway, verdict, watch.ElapsedMilliseconds));
            }
        }

        return results;
    }

    private static void Print(Session session, IReadOnlyList<SandboxResult> results)
    {
        var format = session.Arguments.GetValue(Output) ?? (Console.IsOutputRedirected ? "json" : "table");
        if (format == "table")
        {
            SandboxResult.PrintTable(results);
        }
        else
        {
            SandboxResult.PrintJson(results);
        }

        Terminal.Say($"{results.Count(result => result.Verified)} of {results.Count} transactions signed, broadcast and verified");
    }

    private static async Task KeepAsync(SandboxGateway gateway, string path)
    {
        Terminal.Say($"""

            The gateway stays up until Ctrl-C. In another terminal:
              TATUM_API_URL={gateway.Url} TATUM_API_KEY=sandbox-api-key TATUM_KMS_PASSWORD=sandbox-password \
              TATUM_KMS_VET_NODE_URL={gateway.Url}node TATUM_KMS_FLOW_ACCESS_URL={gateway.Url}node TATUM_KMS_BNB_NODE_URL={gateway.Url}node \
              kms daemon --testnet --path {path} --external-url {gateway.Url}approve --run-once
            """);
        gateway.Reopen();
        using var signals = new StopSignals();
        await Task.Delay(Timeout.Infinite, signals.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
