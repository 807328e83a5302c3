using System.CommandLine;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Errors;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Cli.Commands;

/// <summary>A newcomer's first minute: the real cycle against a gateway and an approver on loopback, with a throw-away wallet file.</summary>
internal static class SandboxCommand
{
    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave the gateway running and say how to point the daemon at it" };
    private static readonly Option<bool> All = new("--all") { Description = "Show every transaction with its id, not a line a chain" };
    private static readonly Option<int?> Port = new("--port") { Description = "Port of the gateway [default: a free one]", HelpName = "PORT" };
    private static readonly Option<bool> Devnet = new("--devnet") { Description = "Also broadcast to real nodes on this machine: anvil and litecoind, where they are found" };

    internal static Command Create()
    {
        var command = new Command("sandbox", "See it work: queue transactions on every chain, sign them, check what was sent; nothing leaves this machine") { All, Keep, Port, Devnet, OutputFormat.Option };
        command.SetAction((arguments, cancel) => RunAsync(new Session(arguments), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Session session, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("kms-sandbox-").FullName;
        try
        {
            var recorded = SandboxScenario.ReadAll();
            using var gateway = SandboxGateway.Start(session.Arguments.GetValue(Port));
            Say(session, $"a gateway and an approver at {gateway.Url}, with throw-away wallets");
            var log = new StderrLogger(session.Arguments.GetValue(GlobalOptions.Verbose) ? LogLevel.Debug : LogLevel.Error, json: false, TimeProvider.System, StderrLogger.Stderr);
            var run = new SandboxRun(gateway, folder, log);
            List<SandboxResult> results = [.. await ShowProgressAsync(session.Arguments.GetValue(GlobalOptions.Quiet), recorded, done => run.SignAsync(recorded, null, done, cancel))];
            if (session.Arguments.GetValue(Devnet))
            {
                results.AddRange(await OnNodesAsync(session, run, cancel));
                results = [.. results.GroupBy(result => result.Chain).SelectMany(chain => chain)];
            }

            var refusals = await run.RefuseAsync(recorded, cancel);
            Print(session, results, refusals);
            if (session.Arguments.GetValue(Keep))
            {
                await KeepAsync(gateway, run, recorded);
            }

            return results.All(result => result.Verified) && refusals.All(refusal => refusal.Held) ? 0 : (int)Failure.Refused;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<SandboxResult>> OnNodesAsync(Session session, SandboxRun run, CancellationToken cancel)
    {
        var results = new List<SandboxResult>();
        foreach (var (name, path, start) in DevnetProgram.All)
        {
            if (path is null)
            {
                Say(session, $"devnet: {name} was not found on this machine, so nothing was broadcast to it");
                continue;
            }

            using var node = await Task.Run(() => start(path), cancel);
            Say(session, $"devnet: {node.Name} from {path}");
            results.AddRange(await ShowProgressAsync(session.Arguments.GetValue(GlobalOptions.Quiet), node.Scenarios, done => run.SignAsync(node.Scenarios, node, done, cancel)));
        }

        return results;
    }

    private static async Task<IReadOnlyList<SandboxResult>> ShowProgressAsync(
        bool isQuiet, IReadOnlyList<SandboxScenario> scenarios, Func<Action<SandboxResult>, Task<IReadOnlyList<SandboxResult>>> sign)
    {
        if (Console.IsErrorRedirected || isQuiet)
        {
            return await sign(_ => { });
        }

        return await Terminal.UnderBarAsync("signing", scenarios.Count, bar => sign(result =>
        {
            bar.Description = result.Chain;
            bar.Increment(1);
        }));
    }

    private static void Say(Session session, string line)
    {
        if (!session.Arguments.GetValue(GlobalOptions.Quiet))
        {
            Terminal.Say(line);
        }
    }

    private static void Print(Session session, List<SandboxResult> results, IReadOnlyList<SandboxRefusal> refusals)
    {
        if (!OutputFormat.IsTable(session.Arguments))
        {
            SandboxReport.PrintJson(results, refusals);
        }
        else if (session.Arguments.GetValue(All))
        {
            SandboxReport.PrintTable(results);
            SandboxReport.PrintLines([], refusals);
        }
        else
        {
            SandboxReport.PrintLines(results, refusals);
        }

        var chains = results.Select(result => result.Chain).Distinct().Count();
        Say(session, $"{results.Count(result => result.Verified)} of {results.Count} signed, sent and verified, on {chains} chains; "
            + $"{refusals.Count(refusal => refusal.Held)} of {refusals.Count} refused");
        Say(session, "next: kms generatemanagedwallet ETH --testnet (docs/getting-started.md)");
    }

    private static async Task KeepAsync(SandboxGateway gateway, SandboxRun run, IReadOnlyList<SandboxScenario> recorded)
    {
        using var signals = new StopSignals();
        gateway.List(recorded);
        Terminal.Say($"""

            The gateway stays up until Ctrl-C. It takes requests for ETH of wallets of your own, as docs/getting-started.md shows:
              export TATUM_API_URL={gateway.Url.AbsoluteUri.TrimEnd('/')} TATUM_API_KEY={SandboxGateway.ApiKey}
            And it lists the recorded transactions again. In another terminal:
              TATUM_API_URL={gateway.Url} TATUM_API_KEY={SandboxGateway.ApiKey} TATUM_KMS_PASSWORD={SandboxRun.Password} \
              TATUM_KMS_VET_NODE_URL={gateway.Url}node TATUM_KMS_FLOW_ACCESS_URL={gateway.Url}node TATUM_KMS_BNB_NODE_URL={gateway.Url}node \
              kms daemon --testnet --path {run.WalletFile} --external-url {gateway.Url}approve --run-once
            """);
        await Task.Delay(Timeout.Infinite, signals.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
