using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using KmsCloud.Anomalies;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.Readers;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KmsCloud.Cli.Commands;

internal static class DaemonCommand
{
    internal static readonly Option<string?> ApiKey = new("--api-key", "--apiKey")
    {
        Description = "Tatum API key [default: TATUM_API_KEY]",
        HelpName = "KEY",
    };
    internal static readonly Option<double> Period = new("--period")
    {
        Description = "Seconds from the start of one cycle to the start of the next",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 15,
    };
    internal static readonly Option<string?> Chains = new("--chain")
    {
        Description = "Chains to poll, divided by commas [default: all]",
        HelpName = "CHAINS",
        CompletionSources = { _ => ChainCatalog.All.Keys.Order(StringComparer.Ordinal).Select(chain => new CompletionItem(chain)) },
    };
    internal static readonly Option<string?> ApproverUrl = new("--external-url", "--externalUrl")
    {
        Description = "Four-eye approver that must answer 2xx for each transaction; required on mainnet",
        HelpName = "URL",
    };
    internal static readonly Option<string> ApproverMethod = GlobalOptions.Choice(
        "--external-url-method",
        "--externalUrlMethod",
        "How the approver is asked: GET URL/ID, or POST of the transaction",
        "GET",
        "POST");
    internal static readonly Option<string> ApproverForm = GlobalOptions.Choice(
        "--approval-body",
        "--approvalBody",
        "What the approver is told: the request, or by POST also what it decodes to and the digest of what a yes signs "
        + "(KMS_APPROVAL_BODY)",
        "request",
        "full");

    private static readonly Option<bool> RunOnce = new("--run-once", "--runOnce")
    {
        Description = "Run one cycle and exit: 0 when nothing failed, else 6 or 7",
    };
    private static readonly Option<string?> Wallets = new("--wallets")
    {
        Description = "Signature ids to poll for, divided by commas [default: all]",
        HelpName = "IDS",
    };
    private static readonly Option<string?> Transactions = new("--transaction-ids", "--transactionIds")
    {
        Description = "Pending ids to process, divided by commas [default: all]",
        HelpName = "IDS",
    };
    internal static readonly Option<bool> ApprovalSigned = new("--approval-signed", "--approvalSigned")
    {
        Description = "Take only answers of the approver that are signed under KMS_APPROVAL_SECRET",
    };
    private static readonly Option<string?> ApproversOption = new("--approvers")
    {
        Description = "Take only approvals that people of this file signed with their security keys; needs "
            + "--approval-body full [default: KMS_APPROVERS]",
        HelpName = "FILE",
    };
    private static readonly Option<string?> ExpectHead = new("--expect-head", "--expectHead")
    {
        Description = "Start only on the state whose head has this hash, as the last line of the log or a question to "
            + "the approver named it",
        HelpName = "HASH",
    };
    private static readonly Option<bool> AnyIds = new("--any-ids", "--anyIds")
    {
        Description = "Take pending ids that are neither 24 hex digits nor a UUID [default: KMS_ANY_IDS]",
    };
    private static readonly Option<string?> FreezeOn = new("--freeze-on", "--freezeOn")
    {
        Description = "second-reader, or names of anomaly rules: freeze all signing when it disagrees, or one finds "
            + "something [default: KMS_FREEZE_ON]",
        HelpName = "WHAT",
        CompletionSources = { "second-reader" },
    };
    private static readonly Option<string?> UnusualRules = new("--anomalies")
    {
        Description = "File of rules for what is unusual: their findings are told, and may freeze [default: "
            + "KMS_ANOMALIES]",
        HelpName = "FILE",
    };
    private static readonly Option<string?> SecondReaderUse = new("--second-reader", "--secondReader")
    {
        Description = "off=CHAIN[,CHAIN]: do not read what is signed on these chains a second time [default: "
            + "KMS_SECOND_READER]",
        HelpName = "off=CHAINS",
    };
    private static readonly Option<string?> KeepRequests = new("--keep-requests", "--keepRequests")
    {
        Description = "Keep the requests of what is signed in the state folder, at most so many MiB of them [default: "
            + "KMS_KEEP_REQUESTS, else none]",
        HelpName = "MIB",
    };
    private static readonly Option<bool> WaitForWallets = new("--wait-for-wallets", "--waitForWallets")
    {
        Description = "Start also when no wallet is of this network and these chains yet, and wait for some",
    };
    private static readonly Option<int?> MetricsPort = new("--metrics-port", "--metricsPort")
    {
        Description = "Port on loopback for /metrics (Prometheus), /healthz and /readyz",
        HelpName = "PORT",
    };
    private static readonly Option<string?> Policy = new("--policy")
    {
        Description = "Policy file: what it does not allow is not signed",
        HelpName = "FILE",
    };

    internal static Command Create()
    {
        var command = new Command("daemon", "Poll for pending transactions, check, sign and broadcast them")
        {
            ApiKey, Period, Chains, ApproverUrl, ApproverMethod, ApproverForm, RunOnce, Wallets, Transactions, AnyIds,
            StateFolder.Option, ExpectHead, Policy, ApprovalSigned, ApproversOption, WaitForWallets, FreezeOn,
            UnusualRules, SecondReaderUse,
            KeepRequests, MetricsPort,
        };
        foreach (var option in ChainChoices.Options)
        {
            command.Add(option);
        }

        command.SetAction((arguments, _) => RunAsync(new Session(arguments)));
        return command;
    }

    private static async Task<int> RunAsync(Session session)
    {
        var arguments = session.Arguments;
        var period = arguments.GetValue(Period);
        if (period is not (> 0 and <= 86_400))
        {
            throw new KmsException(
                Failure.Usage, "--period is not above 0 and at most 86400 seconds", "leave it out for 15");
        }

        var options = ServiceOptions(session);
        if (options.Approver is null && session.Network is Network.Mainnet)
        {
            throw new KmsException(
                Failure.Usage,
                "a daemon on mainnet needs a four-eye approver",
                "give its address with --external-url, or use --testnet");
        }

        using var store = session.OpenStore();
        if (!arguments.GetValue(WaitForWallets))
        {
            DaemonWallets.Require(store, session.Network, options.Cycle.Chains);
        }

        using var service = SigningService.Open(options, store, TimeProvider.System, session.Log());
        using var signals = new StopSignals();
        if (arguments.GetValue(RunOnce))
        {
            DaemonStart.Tell(service, store, session, arguments.GetValue(Policy));
            DaemonLoop.TellHead(service.Services);
            return (await new SigningCycle(service.Services, options.Cycle).RunOnceAsync(signals.Token)).ExitCode;
        }

        using var metrics = arguments.GetValue(MetricsPort) is { } port
            ? MetricsServer.Start(port, service.Services.Metrics!)
            : null;
        var isExported = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };
        using var exporter = isExported
            ? Sdk.CreateMeterProviderBuilder().ConfigureResource(
                resource => resource.AddService("kms")).AddMeter(KmsMetrics.MeterName).AddOtlpExporter().Build()
            : null;
        using var traces = isExported
            ? Sdk.CreateTracerProviderBuilder().ConfigureResource(
                resource => resource.AddService("kms")).AddSource(KmsTrace.SourceName).AddOtlpExporter().Build()
            : null;
        service.Services.Metrics!.Begin(store, session.Network);
        DaemonStart.Tell(service, store, session, arguments.GetValue(Policy));
        Func<IReadOnlyList<PolicyRule>>? policy = null;
        if (arguments.GetValue(Policy) is { } file)
        {
            policy = () => PolicyFile.Load(file, OwnFile.Open);
        }

        await DaemonLoop.RunAsync(
            service.Services,
            options.Cycle,
            TimeSpan.FromSeconds(period),
            signals.Hurry,
            policy,
            signals.Token);
        return signals.Interrupted ? Shell.Interrupted : 0;
    }

    internal static ServiceOptions ServiceOptions(Session session)
    {
        var arguments = session.Arguments;
        var folder = StateFolder.Of(session);
        var reader = new SecondReader();
        var options = new ServiceOptions(Options(session), GatewayOptions(session), folder)
        {
            Approver = arguments.GetValue(ApproverUrl) is { } url
                ? Approvals.ApproverUrl.Check(url, "--external-url")
                : null,
            Policy = arguments.GetValue(Policy) is { } policy ? PolicyFile.Load(policy, OwnFile.Open) : null,
            ApproverSigning = ApproverCommand.Signing(session),
            Approvers = (arguments.GetValue(ApproversOption) ?? session.Settings["KMS_APPROVERS"]) is { } people
                ? new(() => ApproversFile.Load(people, OwnFile.Open), TimeProvider.System)
                : null,
            AcceptsLegacyWallet = session.Settings.IsOn("KMS_ACCEPT_LEGACY_WALLET"),
            ExpectedHead = session.Arguments.GetValue(ExpectHead),
            Anomalies = (arguments.GetValue(UnusualRules) ?? session.Settings["KMS_ANOMALIES"]) is { } rules
                ? AnomalyFile.Load(rules, OwnFile.Open)
                : null,
            AlertUrl = session.Settings["KMS_ALERT_URL"] is { } alerts
                ? Approvals.ApproverUrl.Check(alerts, "KMS_ALERT_URL")
                : null,
            OpenAlertSecret = () => AlertSecret(session),
            ExpectedState = StateFolder.ExpectedId(session),
            OpenSecondNodes = () => SecondNodes.Read(name => session.Settings[name]),
            ApproverToken = session.Settings["KMS_APPROVER_TOKEN"] is { } token
                ? Approvals.ApproverToken.Read(token)
                : null,
            ApproverProxy = session.Settings["KMS_APPROVER_PROXY"] is { } proxy
                ? Gateway.GatewayOptions.CheckProxy(proxy, "KMS_APPROVER_PROXY")
                : null,
            ApprovalSigned = arguments.GetValue(ApprovalSigned) || session.Settings.IsOn("KMS_APPROVAL_SIGNED"),
            SecondReader = reader,
            SecondReaderSettings = SecondReaderSettings.Read(
                arguments.GetValue(SecondReaderUse) ?? session.Settings["KMS_SECOND_READER"],
                arguments.GetValue(FreezeOn) ?? session.Settings["KMS_FREEZE_ON"],
                reader),
            ApproverBody = BodyOf(session),
            KeptRequests = KeptRequests(arguments.GetValue(KeepRequests) ?? session.Settings["KMS_KEEP_REQUESTS"]),
        };
        _ = options.OpenDesk(); // what it refuses is said before anything is opened
        return options;
    }

    private static SecretBytes? AlertSecret(Session session) =>
        session.Settings["KMS_ALERT_SECRET"] is { } secret ? SecretBytes.FromString(secret) : null;

    private static long? KeptRequests(string? mebibytes)
    {
        if (mebibytes is null)
        {
            return null;
        }

        return int.TryParse(mebibytes, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most is > 0 and <= 1_000_000
            ? (long)most << 20
            : throw new KmsException(Failure.Usage, "--keep-requests or KMS_KEEP_REQUESTS is not a number from 1 to 1000000", "it says how many MiB are kept");
    }

    private static CycleOptions Options(Session session)
    {
        var arguments = session.Arguments;
        var options = new CycleOptions(ChainChoices.Context(session))
        {
            OnlyWallets = Set(arguments.GetValue(Wallets)),
            OnlyTransactions = Set(arguments.GetValue(Transactions)),
            LargestJump = CycleOptions.ReadJump(session.Settings["KMS_LARGEST_SEQUENCE_JUMP"]),
            AnyIds = arguments.GetValue(AnyIds) || session.Settings.IsOn("KMS_ANY_IDS"),
        };
        return arguments.GetValue(Chains) is { } chains
            ? options with { Chains = [.. Split(chains).Select(chain => ChainCatalog.Get(chain).Info.Code).Distinct()] }
            : options;
    }

    private static GatewayOptions GatewayOptions(Session session)
    {
        var settings = session.Settings;
        var key = session.Arguments.GetValue(ApiKey) ?? settings["TATUM_API_KEY"]
            ?? throw new KmsException(Failure.Usage, "there is no Tatum API key", WhereTheKeyGoes(settings));
        return new(Gateway.ApiKey.Read(key))
        {
            Api = settings["TATUM_API_URL"] is { } api
                ? Gateway.GatewayOptions.CheckUrl(api, "TATUM_API_URL")
                : Gateway.GatewayOptions.PublicApi,
            Nodes = Gateway.GatewayOptions.ReadNodes(name => settings[name]),
        };
    }

    private static string WhereTheKeyGoes(Settings settings) =>
        $"set TATUM_API_KEY, in the environment or as a line of '{settings.EnvFile ?? Path.Combine(Settings.HomeFolder, ".env")}'";

    private static HashSet<string> Set(string? list) => list is null ? [] : [.. Split(list)];

    private static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ApprovalBody BodyOf(Session session)
    {
        var chosen = session.Settings["KMS_APPROVAL_BODY"];
        if (chosen is not (null or "request" or "full"))
        {
            throw new KmsException(Failure.Usage, "KMS_APPROVAL_BODY is not understood", "choose one of full request");
        }

        var isGiven = session.Arguments.GetResult(ApproverForm) is { Implicit: false };
        if ((isGiven ? session.Arguments.GetValue(ApproverForm) : chosen) == "full")
        {
            return ApprovalBody.Full;
        }

        return session.Arguments.GetValue(ApproverMethod) == "POST" ? ApprovalBody.Pending : ApprovalBody.None;
    }
}
