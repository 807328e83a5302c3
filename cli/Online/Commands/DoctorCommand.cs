using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>One look at everything a daemon needs, and what to do about each thing that is not right.</summary>
internal static class DoctorCommand
{
    private const int CreditsPerPoll = 1;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    internal static Command Create()
    {
        var command = new Command(
            "doctor", "Check password, store, file modes, API key, approver and clock; exit 2 when something is wrong")
        {
            DaemonCommand.ApiKey, DaemonCommand.Period, DaemonCommand.Chains,
            DaemonCommand.ApproverUrl, DaemonCommand.ApproverMethod, DaemonCommand.ApproverForm,
            DaemonCommand.ApprovalSigned, StateFolder.Option, OutputFormat.Option,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            var session = new Session(arguments);
            var selfTest = Finding.Of("self-test", () => SelfTest.Run(), "every primitive gives its known answer");
            List<Finding> findings = [selfTest];
            findings.AddRange(SettingsFindings(session));
            findings.Add(FileModes(session));
            var store = Store(session, findings);
            try
            {
                await NetworkAsync(session, store, findings, cancel);
            }
            finally
            {
                store?.Dispose();
            }

            Finding.Print(findings, OutputFormat.IsTable(arguments));
            return findings.Any(finding => finding.State == "wrong") ? (int)Failure.Usage : 0;
        });
        return command;
    }

    private static IEnumerable<Finding> SettingsFindings(Session session) =>
        session.Settings.FromFiles.GroupBy(item => item.File, item => item.Name, StringComparer.Ordinal)
            .Select(file => new Finding("settings", "good", $"'{file.Key}' gives {string.Join(", ", file)}", null));

    /// <summary>Whether the limit of locked memory is enough, with some room for what is signed at one time.</summary>
    private static Finding Memory(WalletStore store)
    {
        const long EachInBytes = 512;
        const long AtOneTimeInKiB = 2048;
        var need = AtOneTimeInKiB + (store.Count * EachInBytes / 1024);
        if (LockedMemory.AllowsSwap)
        {
            return new(
                "locked memory",
                "advice",
                LockedMemory.Warning,
                $"raise the limit to {need} KiB (LimitMEMLOCK=, ulimit -l) and leave it out");
        }

        return LockedMemory.LimitInKiB is { } limit && limit < need
            ? new(
                "locked memory",
                "wrong",
                $"{Counted.Of(store.Count, "wallet")} may need {need} KiB, and {limit} KiB may be locked",
                "raise it: LimitMEMLOCK= in the unit, ulimit -l, docker run --ulimit memlock=…")
            : new("locked memory", "good", "secrets are locked, and the limit is enough for the wallets", null);
    }

    private static Finding FileModes(Session session)
    {
        if (session.IsInBlob())
        {
            return new("wallet file", "good", "it is in a blob: who may read it is the storage account's to say", null);
        }

        if (!File.Exists(session.WalletPath))
        {
            return new(
                "wallet file",
                "wrong",
                $"nothing is at '{session.WalletPath}'",
                "check --path, or make one with: kms generatemanagedwallet CHAIN");
        }

        const UnixFileMode others =
            UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return (File.GetUnixFileMode(session.WalletPath) & others) == 0
            ? new("wallet file", "good", $"'{session.WalletPath}' is for its owner alone", null)
            : new(
                "wallet file",
                "wrong",
                $"'{session.WalletPath}' can be read or written by others",
                $"chmod 600 {session.WalletPath}");
    }

    private static WalletStore? Store(Session session, List<Finding> findings)
    {
        WalletStore? store = null;
        findings.Add(Finding.Of("password and store", () => store = session.OpenStore(), "the password opens the store"));
        if (store is null)
        {
            return null;
        }

        findings.Add(Memory(store));
        var problems = store.Wallets.Select(WalletCheck.Problem).OfType<string>().ToList();
        findings.Add(problems.Count == 0
            ? new("wallets", "good", $"xpubs and addresses match in {Counted.Of(store.Count, "wallet")}", null)
            : new("wallets", "wrong", problems[0], "see all with: kms verify"));
        if (store.IsLegacy)
        {
            findings.Add(new(
                "format",
                "advice",
                "a tatum-kms file has no protection against changes",
                "kms migrate OLD-FILE --path NEW-FILE"));
        }

        if (!session.IsInBlob())
        {
            findings.Add(Backup(session, store));
        }

        return store;
    }

    /// <summary>Whether somebody has opened a copy, of the file as it is now.</summary>
    private static Finding Backup(Session session, WalletStore store)
    {
        var advice = $"kms verify --path COPY --copy-of {session.WalletPath}";
        if (ProvedCopy.Read(session.WalletPath) is not { } proved)
        {
            return new(
                "backup",
                "advice",
                "no copy was proved: whoever loses this file or its password loses the keys in it for good",
                advice);
        }

        return proved.Generation < store.Generation
            ? new(
                "backup",
                "advice",
                $"the copy proved at {proved.At} is of generation {proved.Generation}, the file of {store.Generation}",
                advice)
            : new("backup", "good", $"a copy was proved at {proved.At}", null);
    }

    private static async Task NetworkAsync(
        Session session,
        WalletStore? store,
        List<Finding> findings,
        CancellationToken cancel)
    {
        ServiceOptions options;
        try
        {
            options = DaemonCommand.ServiceOptions(session);
        }
        catch (KmsException error)
        {
            findings.Add(new("configuration", "wrong", error.Message, error.Hint));
            return;
        }

        findings.Add(StateFinding(options.StateFolder));
        using var gateway = new GatewayClient(
            options.Gateway with { Retries = 1 }, session.Network, TimeProvider.System);
        findings.Add(await Finding.OfAsync(
            "API key",
            async () => (await gateway.PendingAsync("BTC", [Guid.NewGuid().ToString()], cancel)).Dispose(),
            $"{options.Gateway.Api} takes it, {Way(GatewayProxy.Shown(options.Gateway.Api))}"));
        if (gateway.ClockLead is { } lead)
        {
            findings.Add(Clock(lead));
        }

        findings.Add(await ApproverAsync(options, session.Network, cancel));
        if (store is not null)
        {
            var isEmpty = store.Count == 0;
            var wallets = isEmpty ? "no wallet yet: the daemon waits for one" : "there are wallets to sign for";
            var chains = options.Cycle.Chains;
            findings.Add(Finding.Of("network", () => DaemonWallets.Require(store, session.Network, chains), wallets));
            findings.Add(Credits(session, store, options));
        }
    }

    private static Finding Clock(TimeSpan lead)
    {
        if (lead.Duration() < ClockTolerance)
        {
            return new("clock", "good", $"within {ClockTolerance.TotalSeconds:0} seconds of the gateway's", null);
        }

        var side = lead > TimeSpan.Zero ? "ahead of" : "behind";
        return new(
            "clock",
            "wrong",
            $"{lead.Duration().TotalSeconds:0} seconds {side} the gateway's",
            "set the time, for example with: timedatectl set-ntp true");
    }

    private static Finding StateFinding(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return new("state folder", "good", $"'{folder}' will be made by the first daemon", null);
        }

        return (File.GetUnixFileMode(folder) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) == 0
            ? new("state folder", "good", $"'{folder}' is for its owner alone", null)
            : new("state folder", "wrong", $"'{folder}' can be read by others", $"chmod 700 {folder}");
    }

    private static async Task<Finding> ApproverAsync(ServiceOptions options, Network network, CancellationToken cancel)
    {
        if (options.Approver is null)
        {
            return network is Network.Mainnet
                ? new(
                    "approver",
                    "wrong",
                    "a daemon on mainnet does not start without one",
                    "give its address with --external-url")
                : new(
                    "approver",
                    "advice",
                    "none is set: on this testnet everything is signed",
                    "give its address with --external-url");
        }

        using var approver = options.OpenApprover()!;
        var random = StrictRandomPending();
        var answer = await approver.AskAsync(new(random.Id, new(random.Raw), 1, null, null), cancel);
        return answer switch
        {
            { Approved: true } =>
                new(
                    "approver",
                    "wrong",
                    "it approved a random id, so it approves anything",
                    "make it answer 2xx only for transactions somebody approved"),
            { Status: >= 400 and < 500 } when options.ApproverWarning is { } warning =>
                new("approver", "advice", warning, null),
            { Status: >= 400 and < 500 } =>
                new(
                    "approver",
                    "good",
                    $"{approver.Shown}, {Way(Proxy(options))}, refused a random id ({answer.Reason})",
                    null),
            _ => new("approver", "wrong", answer.Reason!, "check --external-url and that the approver runs"),
        };
    }

    private static string? Proxy(ServiceOptions options) => options.ApproverProxy?.GetLeftPart(UriPartial.Authority);

    private static string Way(string? proxy) => proxy is null ? "asked directly" : $"asked through the proxy {proxy}";

    private static PendingTransaction StrictRandomPending()
    {
        var id = Guid.NewGuid().ToString("N")[..24];
        var probe = $$"""{"id":"{{id}}","chain":"BTC","serializedTransaction":"{}","hashes":[]}""";
        return PendingJson.Read(Codecs.StrictJson.Parse(probe, "the probe"));
    }

    private static Finding Credits(Session session, WalletStore store, ServiceOptions options)
    {
        var polled = options.Cycle.Chains.Count(chain => store.Ids(chain, session.Network).Count > 0);
        var period = session.Arguments.GetValue(DaemonCommand.Period);
        var credits = (long)(polled * 86_400 / period) * CreditsPerPoll;
        return new(
            "API credits",
            "advice",
            $"{Counted.Of(polled, "chain")} polled every {period:0.#} s cost {credits} credits a day, each broadcast and look-up "
            + "one more",
            polled > 0 ? "a longer --period or --chain costs less" : null);
    }
}
