using KmsCloud.Alerts;
using KmsCloud.Anomalies;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.Secrets;
using KmsCloud.State;
using KmsCloud.Telemetry;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Signing;

/// <summary>How a signing service is set up, the same for the daemon, the function and the sandbox.</summary>
/// <param name="Cycle">What its cycles look at.</param>
/// <param name="Gateway">Where the gateway is.</param>
/// <param name="StateFolder">Folder of journal and audit log, mode 0700.</param>
public sealed record ServiceOptions(CycleOptions Cycle, GatewayOptions Gateway, string StateFolder)
{
    /// <summary>The four-eye approver, or null on a testnet without one.</summary>
    public Uri? Approver { get; init; }

    /// <summary>The policy, or null for none.</summary>
    public IReadOnlyList<PolicyRule>? Policy { get; init; }

    /// <summary>
    /// Opens journal and audit log somewhere else than in <see cref="StateFolder"/>, such as in a blob container.
    /// </summary>
    public Func<IStateFolder>? OpenState { get; init; }

    /// <summary>How the approver is asked.</summary>
    public ApprovalBody ApproverBody { get; init; }

    /// <summary>Signs requests to the approver, or null; the service owns it once it is opened.</summary>
    public ApprovalSigning? ApproverSigning { get; init; }

    /// <summary>Takes only signed answers of the approver.</summary>
    public bool ApprovalSigned { get; init; }

    /// <summary>Goes on with a tatum-kms wallet file, which has no key for seals, on a state that was sealed.</summary>
    public bool AcceptsLegacyWallet { get; init; }

    /// <summary>The hash that the state's head must have, or null.</summary>
    public string? ExpectedHead { get; init; }

    /// <summary>The identity that the state in <see cref="StateFolder"/> must have, or null.</summary>
    public string? ExpectedState { get; init; }

    /// <summary>Opens the operator's own nodes, or gives null for none.</summary>
    public Func<SecondNodes?> OpenSecondNodes { get; init; } = () => null;

    /// <summary>Reads what was signed once more, or null for none.</summary>
    public ISecondReader? SecondReader { get; init; }

    /// <summary>How it is used.</summary>
    public SecondReaderSettings SecondReaderSettings { get; init; } = SecondReaderSettings.Default;

    /// <summary>What is unusual, or null where nobody looks.</summary>
    public AnomalyRules? Anomalies { get; init; }

    /// <summary>Where alerts go, or null for the log alone.</summary>
    public Uri? AlertUrl { get; init; }

    /// <summary>Makes the secret that signs them, or gives null for none.</summary>
    public Func<SecretBytes?> OpenAlertSecret { get; init; } = () => null;

    /// <summary>Bytes of requests that are kept in <see cref="StateFolder"/>, or null to keep none.</summary>
    public long? KeptRequests { get; init; }

    /// <summary>What the approver knows the service by, or null.</summary>
    public ApproverToken? ApproverToken { get; init; }

    /// <summary>Carries the connections to the approver; null to ask it directly.</summary>
    public Uri? ApproverProxy { get; init; }

    /// <summary>Whose security keys must have signed the approver's yes, or null where its own word is enough.</summary>
    public ApproversInForce? Approvers { get; init; }

    /// <summary>The approver's client; its owner disposes of it. Null without an approver.</summary>
    /// <exception cref="KmsException">A proxy was given for an approver over plain http.</exception>
    public FourEye? OpenApprover() =>
        Approver is null
            ? null
            : new(Approver, ApproverBody, ApproverSigning, ApprovalSigned, ApproverToken, ApproverProxy) { Approvers = Approvers };

    /// <summary>Who looks for what is unusual; null where nobody does.</summary>
    /// <exception cref="KmsException">A rule that is off should freeze signing.</exception>
    public AnomalyDesk? OpenDesk()
    {
        var freezing = SecondReaderSettings.FreezingRules;
        if (freezing.FirstOrDefault(name => Anomalies?.IsOn(name) is not true) is { } off)
        {
            throw new KmsException(
                Failure.Usage, $"--freeze-on names the anomaly rule '{off}', which is not on", "give a file that has it with --anomalies (docs/anomalies.md)");
        }

        return Anomalies is { } rules ? new(rules, freezing) : null;
    }

    /// <summary>
    /// Why whoever sits on the way to the approver could approve, and what ends it; null when nobody could.
    /// </summary>
    public string? ApproverWarning =>
        Approver is { } url && Cycle.Context.Network is Network.Mainnet && ApproverUrl.IsOpen(url, ApprovalSigned)
        ? $"answers of {ApproverUrl.Shown(url)} come over plain http and unsigned, so whoever sits on the way can "
            + "approve; put KMS_APPROVAL_SECRET=$(openssl rand -hex 32) on both sides, then start with: kms daemon --approval-signed"
        : null;
}

/// <summary>
/// Everything a running signer holds open: lock, journal, audit log, connections. The wallet store stays its owner's.
/// </summary>
public sealed class SigningService : IDisposable
{
    // flushes of journal, audit log and policy ledger, and as many writes of log lines
    private const int BlockedThreads = 6;

    private readonly Stack<IDisposable> held = new();

    private SigningService(ServiceOptions options) => Options = options;

    /// <summary>How it was set up.</summary>
    public ServiceOptions Options { get; }

    /// <summary>What a cycle works with.</summary>
    public SigningServices Services { get; private set; } = null!;

    /// <summary>Opens everything.</summary>
    /// <exception cref="KmsException">
    /// No approver on mainnet, another daemon on the same state folder, a damaged journal or audit log.
    /// </exception>
    public static SigningService Open(ServiceOptions options, WalletStore store, TimeProvider clock, ILogger log)
    {
        if (options.Approver is null && options.Cycle.Context.Network is Network.Mainnet)
        {
            throw new KmsException(
                Failure.Usage,
                "a daemon on mainnet needs a four-eye approver",
                "give its address with --external-url, or use --testnet");
        }

        if (options is { ApprovalSigned: true } and ({ Approver: null } or { ApproverSigning: null }))
        {
            throw new KmsException(
                Failure.Usage,
                "signed approvals need an approver and a secret",
                "set --external-url and KMS_APPROVAL_SECRET");
        }

        if (options is { Approvers: not null } and ({ Approver: null } or { ApproverBody: not ApprovalBody.Full }))
        {
            throw new KmsException(
                Failure.Usage,
                "an approver that shows people what they sign must be told all of it",
                "with --approvers (KMS_APPROVERS) give --external-url and --approval-body full");
        }

        ReserveThreads();
        var service = new SigningService(options);
        try
        {
            service.Services = service.Build(store, clock, log);
            return service;
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    private const int MostPairsNamed = 10;

    /// <summary>Closes everything, last opened first.</summary>
    public void Dispose()
    {
        while (held.TryPop(out var next))
        {
            next.Dispose();
        }
    }

    /// <summary>
    /// A flush holds its thread while the disk works: the pool, which starts with one thread a core, would leave a core
    /// without work.
    /// </summary>
    private static void ReserveThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + BlockedThreads), completions);
    }

    private SigningServices Build(WalletStore store, TimeProvider clock, ILogger log)
    {
        var state = Hold(Options.OpenState?.Invoke() ?? new LocalStateFolder(Options.StateFolder, Options.ExpectedState));
        var books = Hold(StateBooks.Open(state, store, clock, Options.AcceptsLegacyWallet, Options.ExpectedHead));
        if (books.Warning is { } unsealed)
        {
            log.UnsealedState(unsealed);
        }

        var journal = books.Journal;
        var gateway = Hold(new GatewayClient(Options.Gateway, Options.Cycle.Context.Network, clock));
        var approver = Options.OpenApprover() is { } opened ? Hold(opened) : null;
        if (Options.ApproverWarning is { } warning)
        {
            log.OpenApprover(warning);
        }

        store.ReadPublicKeys(Options.Cycle.Context.Network);
        foreach (var pair in KeysOnTwoNetworks.Find(store, ChainCatalog.Nameless).Take(MostPairsNamed))
        {
            log.OneKeyOnTwoNetworks(pair);
        }

        var second = Options.OpenSecondNodes() is { } nodes ? Hold(nodes) : null;
        var policy = Options.Policy is { } rules ? PolicyGate.Open(rules, books.OpenPolicyLog(), clock) : null;
        var reading = Options.SecondReader is { } reader
            ? new SecondReading(reader, Options.SecondReaderSettings, state.Note(DisagreementList.NoteName))
            : null;
        var requests = Options.KeptRequests is { } most
            ? Hold(RequestLog.Open(Options.StateFolder, store.PurposeKey(RequestLog.KeyPurpose), clock, most))
            : null;
        var metrics = Hold(new KmsMetrics(clock));
        var desk = Options.OpenDesk();
        desk?.Learn(books.Audit.Records());
        var services = new SigningServices(store, gateway, approver, journal, books.Audit, clock, log)
        {
            Policy = policy,
            Freeze = Options.OpenState is null
                ? new(Options.StateFolder, books.Head)
                : new(state.Note(Freeze.NoteName), state.Note(Freeze.ThawName), books.Head),
            Head = books.Head,
            Requests = requests,
            Anomalies = desk,
            Alerts = Options.AlertUrl is { } alerts ? Hold(new AlertHook(alerts, Options.OpenAlertSecret(), clock, (alert, problem) => log.AlertLost(alert.Rule, alert.Id, problem))) : null,
            Metrics = metrics,
            SecondNodes = second,
            SecondReading = reading,
            Aside = new(state.Note(SetAsideList.NoteName), clock),
        };
        metrics.Observe(services, Options.Cycle.Context.Network);
        return services;
    }

    private T Hold<T>(T item)
        where T : IDisposable
    {
        held.Push(item);
        return item;
    }
}
