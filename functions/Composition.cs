using Azure.Core;
using KmsCloud.Anomalies;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Gateway;
using KmsCloud.Passwords;
using KmsCloud.Policy;
using KmsCloud.Readers;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Wallets;

namespace KmsCloud.Functions;

/// <summary>Makes what a worker works with from the settings. Opens and asks anew at each call; the worker keeps what it gets.</summary>
internal sealed class Composition(FunctionSettings settings, TimeProvider clock)
{
    private readonly SecondReader reader = new();
    private readonly Lazy<TokenCredential> identity = new(() => AzureSignIn.Create(settings.Setting));

    /// <summary>The wallet file, opened under the password of the vault.</summary>
    internal async Task<WalletStore> OpenWalletsAsync(CancellationToken cancel)
    {
        using var password = await PasswordAsync(cancel);
        return WalletStore.Open(Storage(), password, ChainCatalog.WalletsOf);
    }

    /// <summary>The Tatum API key, from the Key Vault or the settings.</summary>
    internal async Task<ApiKey> ReadApiKeyAsync(CancellationToken cancel)
    {
        if (settings["KMS_API_KEY_SECRETNAME"] is not { } name)
        {
            return ApiKey.Read(settings["TATUM_API_KEY"] ?? throw new KmsException(Failure.Usage, "there is no Tatum API key", "set KMS_API_KEY_SECRETNAME to its secret in the Key Vault, or TATUM_API_KEY"));
        }

        var vault = settings["TATUM_KMS_AZURE_VAULTURL"] ?? throw new KmsException(Failure.Usage, "TATUM_KMS_AZURE_VAULTURL is not set", "KMS_API_KEY_SECRETNAME names a secret of that vault");
        using var key = await new KeyVaultPassword(vault, name, null, identity.Value).RequireAsync(cancel);
        return ApiKey.Read(key.Reveal());
    }

    /// <summary>Where the gateway is.</summary>
    internal GatewayOptions Gateway(ApiKey key) => new(key) { Api = settings.Api, Nodes = settings.Nodes };

    /// <summary>How the signing service is set up.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="opened">Told of the state in a container when it is opened.</param>
    /// <param name="works">Whether the app does not hang.</param>
    internal ServiceOptions Service(ApiKey key, Action<BlobStateFolder> opened, Func<bool> works) => new(
        Cycle(),
        Gateway(key),
        settings.State)
    {
        Approver = settings.Approver,
        ApproverBody = settings.ApproverBody,
        Policy = settings["KMS_POLICY"] is { } policy ? PolicyFile.Load(Path.Combine(AppContext.BaseDirectory, policy)) : null,
        ApproverSigning = settings["KMS_APPROVAL_SECRET"] is { } secret ? new(SecretBytes.FromString(secret), clock) : null,
        ApprovalSigned = settings.NeedsSignedApproval,
        Approvers = settings["KMS_APPROVERS"] is { } people
            ? new(() => ApproversFile.Load(Path.Combine(AppContext.BaseDirectory, people), File.OpenRead), clock)
            : null,
        AcceptsLegacyWallet = settings.AcceptsLegacyWallet,
        OpenSecondNodes = () => SecondNodes.Read(settings.Setting),
        ApproverToken = settings["KMS_APPROVER_TOKEN"] is { } token ? ApproverToken.Read(token) : null,
        ApproverProxy = settings.ApproverProxy,
        SecondReader = reader,
        SecondReaderSettings = SecondReaderSettings.Read(settings["KMS_SECOND_READER"], settings["KMS_FREEZE_ON"], reader),
        Anomalies = settings["KMS_ANOMALIES"] is { } unusual ? AnomalyFile.Load(Path.Combine(AppContext.BaseDirectory, unusual), File.OpenRead) : null,
        AlertUrl = settings["KMS_ALERT_URL"] is { } alerts ? Approvals.ApproverUrl.Check(alerts, "KMS_ALERT_URL") : null,
        OpenAlertSecret = () => settings["KMS_ALERT_SECRET"] is { } signing ? SecretBytes.FromString(signing) : null,
        ExpectedState = settings["KMS_STATE_ID"],
        OpenState = BlobStore.IsBlobUrl(settings.State) ? () => OpenState(opened, works) : null,
    };

    private CycleOptions Cycle() => new(new(settings.Network) { Chains = settings.ChainOptions })
    {
        Chains = settings.Chains,
        AnyIds = settings.AnyIds,
        LargestJump = settings.LargestJump,
        TransactionLimit = settings.TickLimit,
    };

    private BlobStateFolder OpenState(Action<BlobStateFolder> opened, Func<bool> works)
    {
        var state = new BlobStateFolder(
            new BlobStore(identity.Value),
            BlobStore.CheckUrl(settings.State, "KMS_STATE"),
            settings.StateName,
            settings.Chains.Select(chain => $"{settings.Network.ToString().ToLowerInvariant()}-{chain}"),
            settings.LeaseLife,
            clock,
            works)
        {
            ExpectedId = settings["KMS_STATE_ID"],
        };
        opened(state);
        return state;
    }

    private IWalletStorage Storage() => BlobStore.IsBlobUrl(settings.Wallet)
        ? new BlobWallet(new BlobStore(identity.Value), BlobStore.CheckUrl(settings.Wallet, "KMS_WALLET"))
        : new LocalWallet(settings.Wallet);

    private async Task<SecretBytes> PasswordAsync(CancellationToken cancel)
    {
        if (settings.Vault is not { } kind)
        {
            return settings["TATUM_KMS_PASSWORD"] is { } password
                ? SecretBytes.FromString(password)
                : throw new KmsException(Failure.Usage, "TATUM_KMS_PASSWORD is not set", "or choose a vault with KMS_PASSWORD_SOURCE");
        }

        IPasswordVault vault = kind switch
        {
            VaultKind.Azure => KeyVaultPassword.Of(settings.Setting),
            VaultKind.Aws => AwsPassword.Of(settings.Setting, clock),
            _ => VgsPassword.Of(settings.Setting, clock),
        };
        using (vault as IDisposable)
        {
            return await vault.RequireAsync(cancel);
        }
    }
}
