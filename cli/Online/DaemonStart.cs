using KmsCloud.Cli.Commands;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Cli;

/// <summary>What a daemon says at its start: all that it works with, so that a wrong file, network or approver is seen before it matters.</summary>
internal static partial class DaemonStart
{
    /// <summary>Tells it; the state's head follows from the loop itself.</summary>
    internal static void Tell(SigningService service, WalletStore store, Session session, string? policy)
    {
        var (log, options) = (service.Services.Log, service.Options);
        Started(log, VersionCommand.Version, Name(session.Network), session.WalletPath, store.Generation);
        var counts = options.Cycle.Chains.Select(chain => (Chain: chain, store.Ids(chain, session.Network).Count)).Where(item => item.Count > 0);
        var chains = string.Join(", ", counts.OrderBy(item => item.Chain, StringComparer.Ordinal).Select(item => $"{item.Chain} {item.Count}"));
        SignsFor(log, chains.Length == 0 ? "no wallet yet" : chains);
        var (all, here) = (store.Count, options.Cycle.Chains.Sum(chain => store.Ids(chain, session.Network).Count));
        if (here < all && here > 0)
        {
            NotSignedFor(log, all - here);
        }

        var approver = service.Services.Approver is { } asked ? asked.Shown + (options.ApprovalSigned ? ", signed answers only" : "") : "none";
        if (options.Approvers?.Current is { } people)
        {
            approver += $", approvals signed by people ({people.People.Count} in the file, digest {people.Digest})";
        }

        var rules = options.Policy is { } list ? $"'{policy}', {Counted.Of(list.Count, "rule")}" : "none";
        Checks(log, approver, rules, options.StateFolder);
    }

    private static string Name(Network network) => network.ToString().ToLowerInvariant();

    [LoggerMessage(901, LogLevel.Information, "kms {Version} on {Network}, wallet file '{WalletFile}' in its generation {Generation}.")]
    private static partial void Started(ILogger log, string version, string network, string walletFile, long generation);

    [LoggerMessage(902, LogLevel.Information, "Wallets to sign for: {Chains}.")]
    private static partial void SignsFor(ILogger log, string chains);

    [LoggerMessage(903, LogLevel.Information, "{Count} more in the file, of the other network or of chains that are not polled.")]
    private static partial void NotSignedFor(ILogger log, int count);

    [LoggerMessage(904, LogLevel.Information, "Approver: {Approver}. Policy: {Policy}. State: '{State}'.")]
    private static partial void Checks(ILogger log, string approver, string policy, string state);
}
