using KmsCloud.Cli.Commands;
using KmsCloud.Errors;
using KmsCloud.Telemetry;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// A newcomer's first minute: the real cycle against a gateway and an approver on loopback, with a throw-away wallet
/// file.
/// </summary>
internal static class SandboxShow
{
    internal static async Task<int> RunAsync(Session session, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("kms-sandbox-").FullName;
        try
        {
            var recorded = SandboxScenario.ReadAll();
            using var gateway = SandboxGateway.Start(session.Arguments.GetValue(SandboxCommand.Port));
            Say(session, $"a gateway and an approver at {gateway.Url}, with throw-away wallets");
            var least = session.Arguments.GetValue(GlobalOptions.Verbose) ? LogLevel.Debug : LogLevel.Error;
            var log = new LineLogger(least, json: false, TimeProvider.System, new(Console.OpenStandardError()));
            var run = new SandboxRun(gateway, folder, log);
            var isQuiet = session.Arguments.GetValue(GlobalOptions.Quiet);
            List<SandboxResult> results = [.. await ShowProgressAsync(isQuiet, recorded, done => run.SignAsync(recorded, null, done, cancel))];
            if (session.Arguments.GetValue(SandboxCommand.Devnet))
            {
                results.AddRange(await OnNodesAsync(session, run, cancel));
                results = [.. results.GroupBy(result => result.Chain).SelectMany(chain => chain)];
            }

            var refusals = await run.RefuseAsync(recorded, cancel);
            Print(session, results, refusals);
            if (session.Arguments.GetValue(SandboxCommand.Keep))
            {
                await KeepAsync(gateway, run, recorded);
            }

            return results.All(result => result.Verified) && refusals.All(refusal => refusal.Held)
                ? 0
                : (int)Failure.Refused;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<SandboxResult>> OnNodesAsync(
        Session session, SandboxRun run, CancellationToken cancel)
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
            var isQuiet = session.Arguments.GetValue(GlobalOptions.Quiet);
            results.AddRange(await ShowProgressAsync(isQuiet, node.Scenarios, done => run.SignAsync(node.Scenarios, node, done, cancel)));
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
        else if (session.Arguments.GetValue(SandboxCommand.All))
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
        var url = gateway.Url.AbsoluteUri.TrimEnd('/');
        Terminal.Say($"""

            The gateway stays up until Ctrl-C. It takes requests for ETH of wallets of your
            own, as docs/getting-started.md shows:
              export TATUM_API_URL={url}
              export TATUM_API_KEY={SandboxGateway.ApiKey}
            And it lists the recorded transactions again. In another terminal:
              export TATUM_API_URL={url}
              export TATUM_API_KEY={SandboxGateway.ApiKey}
              export TATUM_KMS_PASSWORD={SandboxRun.Password}
              export TATUM_KMS_VET_NODE_URL={url}/node
              export TATUM_KMS_FLOW_ACCESS_URL={url}/node
              export TATUM_KMS_BNB_NODE_URL={url}/node
              kms daemon --testnet --run-once --path {run.WalletFile} \
                --external-url {url}/approve
            """);
        await Task.Delay(Timeout.Infinite, signals.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
