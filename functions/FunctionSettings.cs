using System.Globalization;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Passwords;
using KmsCloud.Signing;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Functions;

/// <summary>Every app setting, read and checked once at start. docs/azure.md has the table.</summary>
public sealed class FunctionSettings
{
    private readonly Func<string, string?> setting;

    private FunctionSettings(Func<string, string?> setting) => this.setting = setting;

    /// <summary>False stops all signing without a redeployment; the ticks are answered.</summary>
    public required bool IsEnabled { get; init; }

    /// <summary>Whether the timer hands pending transactions to a queue instead of signing them.</summary>
    public required bool IsQueueMode { get; init; }

    /// <summary>The chosen network.</summary>
    public required Network Network { get; init; }

    /// <summary>The chains of this app.</summary>
    public required IReadOnlyList<string> Chains { get; init; }

    /// <summary>Bounds and switches of single chains.</summary>
    public required IReadOnlyDictionary<string, ChainOptions> ChainOptions { get; init; }

    /// <summary>A path, or the https address of a blob.</summary>
    public required string Wallet { get; init; }

    /// <summary>A folder, or the https address of a container.</summary>
    public required string State { get; init; }

    /// <summary>The app's part of a state container.</summary>
    public required string StateName { get; init; }

    /// <summary>How long a lease lives unrenewed.</summary>
    public required TimeSpan LeaseLife { get; init; }

    /// <summary>After this long a tick begins nothing new.</summary>
    public required TimeSpan TickLimit { get; init; }

    /// <summary>The four-eye approver.</summary>
    public required Uri? Approver { get; init; }

    /// <summary>How it is asked.</summary>
    public required ApprovalBody ApproverBody { get; init; }

    /// <summary>Take only answers of the approver that are signed.</summary>
    public required bool NeedsSignedApproval { get; init; }

    /// <summary>Take pending ids of any plain form.</summary>
    public required bool AnyIds { get; init; }

    /// <summary>Go on, unsealed, with a tatum-kms wallet file on a state that another wallet file sealed.</summary>
    public required bool AcceptsLegacyWallet { get; init; }

    /// <summary>Most numbers of an account between what was signed here and what the gateway counts.</summary>
    public required ulong LargestJump { get; init; }

    /// <summary>Carries the connections to the approver.</summary>
    public required Uri? ApproverProxy { get; init; }

    /// <summary>The vault that keeps the password, or null for the environment.</summary>
    public required VaultKind? Vault { get; init; }

    /// <summary>Lowest level of log lines.</summary>
    public required LogLevel LeastLevel { get; init; }

    /// <summary>Whether metrics go out by OTLP as well; the OpenTelemetry SDK reads the other <c>OTEL_*</c> variables itself.</summary>
    public required bool ExportsMetrics { get; init; }

    /// <summary>The Tatum API.</summary>
    public required Uri Api { get; init; }

    /// <summary>The nodes beside it.</summary>
    public required IReadOnlyDictionary<NodeHost, Uri> Nodes { get; init; }

    /// <summary>Reads one setting that is used only when needed, such as a secret's name.</summary>
    public string? this[string name] => setting(name);

    /// <summary>The same as a function.</summary>
    public Func<string, string?> Setting => setting;

    /// <summary>Reads all of them.</summary>
    /// <exception cref="KmsException">One is missing or makes no sense.</exception>
    public static FunctionSettings Read(Func<string, string?> setting) => ReadAll(name => Resolved(name, setting(name)));

    private static FunctionSettings ReadAll(Func<string, string?> setting)
    {
        var network = Choice(setting, "KMS_NETWORK", "mainnet", "testnet") == "testnet" ? Network.Testnet : Network.Mainnet;
        var wallet = setting("KMS_WALLET") ?? throw Missing("KMS_WALLET", "a path, or https://account.blob.core.windows.net/container/wallet.dat");
        var approver = setting("KMS_EXTERNAL_URL") is { } url ? Approvals.ApproverUrl.Check(url, "KMS_EXTERNAL_URL") : null;
        if (approver is null && network is Network.Mainnet)
        {
            throw Missing("KMS_EXTERNAL_URL", "nothing is signed on mainnet without a four-eye approver");
        }

        if (BlobStore.IsBlobUrl(wallet))
        {
            _ = BlobStore.CheckUrl(wallet, "KMS_WALLET");
        }

        var state = setting("KMS_STATE") ?? (BlobStore.IsBlobUrl(wallet)
            ? throw Missing("KMS_STATE", "a folder, or https://account.blob.core.windows.net/container")
            : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(wallet))!, "state"));
        if (BlobStore.IsBlobUrl(state))
        {
            _ = BlobStore.CheckUrl(state, "KMS_STATE");
        }

        return new(setting)
        {
            IsEnabled = Choice(setting, "KMS_ENABLED", "true", "false") == "true",
            IsQueueMode = Choice(setting, "KMS_MODE", "timer", "queue") == "queue",
            Network = network,
            Chains = ReadChains(setting("KMS_CHAINS")),
            ChainOptions = ChainSettings.Read(setting),
            Wallet = wallet,
            State = state,
            StateName = Name(setting("KMS_STATE_NAME") ?? "default"),
            LeaseLife = TimeSpan.FromSeconds(Number(setting, "KMS_LEASE_SECONDS", 30, 15, 60)),
            TickLimit = TimeSpan.FromSeconds(Number(setting, "KMS_TICK_SECONDS", 60, 1, 120)),
            Approver = approver,
            ApproverBody = BodyOf(setting),
            NeedsSignedApproval = Choice(setting, "KMS_APPROVAL_SIGNED", "false", "true") == "true",
            AnyIds = Choice(setting, "KMS_ANY_IDS", "false", "true") == "true",
            AcceptsLegacyWallet = Choice(setting, "KMS_ACCEPT_LEGACY_WALLET", "false", "true") == "true",
            LargestJump = CycleOptions.ReadJump(setting("KMS_LARGEST_SEQUENCE_JUMP")),
            ApproverProxy = setting("KMS_APPROVER_PROXY") is { } proxy ? GatewayOptions.CheckProxy(proxy, "KMS_APPROVER_PROXY") : null,
            Vault = Choice(setting, "KMS_PASSWORD_SOURCE", "azure", "aws", "vgs", "environment") switch
            {
                "azure" => VaultKind.Azure,
                "aws" => VaultKind.Aws,
                "vgs" => VaultKind.Vgs,
                _ => null,
            },
            LeastLevel = Choice(setting, "KMS_LOG_LEVEL", "information", "debug", "warning") switch
            {
                "debug" => LogLevel.Debug,
                "warning" => LogLevel.Warning,
                _ => LogLevel.Information,
            },
            ExportsMetrics = setting("OTEL_EXPORTER_OTLP_ENDPOINT") is not null,
            Api = setting("TATUM_API_URL") is { } api ? GatewayOptions.CheckUrl(api, "TATUM_API_URL") : GatewayOptions.PublicApi,
            Nodes = GatewayOptions.ReadNodes(setting),
        };
    }

    /// <summary>A reference that Azure could not resolve stays in the setting as it was written: words that everybody knows, and no secret.</summary>
    private static string? Resolved(string name, string? value) => value?.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase) != true
        ? value
        : throw new KmsException(
            Failure.Usage,
            $"{name} is a Key Vault reference that Azure has not resolved",
            "see that the secret is there and the app may read it (infra/deploy --phase 2), then restart the app");

    private static IReadOnlyList<string> ReadChains(string? list) => list is null
        ? [.. ChainCatalog.All.Keys.Order(StringComparer.Ordinal)]
        : [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(code => ChainCatalog.Get(code).Info.Code).Distinct()];

    private static string Name(string text) => text.Length is > 0 and <= 60 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
        ? text
        : throw new KmsException(Failure.Usage, "KMS_STATE_NAME is not 1 to 60 letters, digits, - and _");

    private static ApprovalBody BodyOf(Func<string, string?> setting)
    {
        var posts = Choice(setting, "KMS_EXTERNAL_URL_METHOD", "GET", "POST") == "POST";
        if (Choice(setting, "KMS_APPROVAL_BODY", "request", "full") == "full")
        {
            return ApprovalBody.Full;
        }

        return posts ? ApprovalBody.Pending : ApprovalBody.None;
    }

    /// <summary>One of a few words, the first being the default.</summary>
    private static string Choice(Func<string, string?> setting, string name, params string[] words) =>
        words.FirstOrDefault(word => word.Equals(setting(name) ?? words[0], StringComparison.OrdinalIgnoreCase))
        ?? throw new KmsException(Failure.Usage, $"{name} is not one of {string.Join(", ", words)}");

    private static int Number(Func<string, string?> setting, string name, int otherwise, int least, int most) => setting(name) is not { } text
        ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new KmsException(Failure.Usage, $"{name} is not a whole number in {least}..{most}");

    private static KmsException Missing(string name, string hint) => new(Failure.Usage, $"{name} is not set", hint);
}
