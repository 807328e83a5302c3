using System.CommandLine;
using KmsCloud.Cli.Commands;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Passwords;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Cli;

/// <summary>The network as well: signing, passwords in vaults, wallet file and state in blobs.</summary>
internal sealed class OnlineEdition : IEdition
{
    private static readonly Option<bool> Azure = Switch("--azure", "Password from Azure Key Vault (TATUM_KMS_AZURE_*)");
    private static readonly Option<bool> Aws = Switch("--aws", "Password from AWS Secrets Manager (TATUM_KMS_AWS_*)");
    private static readonly Option<bool> Vgs = Switch("--vgs", "Password from a VGS vault (TATUM_KMS_VGS_*)");

    private readonly OfflineEdition local = new();

    public string Flavour => "online";

    public string Examples => """
              kms sandbox                               see it work on this machine
              kms generatemanagedwallet ETH --testnet   a wallet file and a first wallet
              kms list                                  what the file holds, without secrets
              kms getaddress SIGNATURE-ID 0
              kms daemon --testnet                      sign what the API asks for
              kms doctor                                what is not right, and what to do
            """;

    public IReadOnlyList<Option> VaultOptions => [Azure, Aws, Vgs];

    public IReadOnlyList<Command> CreateCommands() =>
        [DaemonCommand.Create(), ApproverCommand.Create(), SandboxCommand.Create(SandboxProgram.Become), DoctorCommand.Create(), LedgerCommands.Create()];

    public IReadOnlyList<Command> CreateReports() => [WithdrawalReportCommand.Create()];

    public string? Vault(ParseResult arguments) => Kind(arguments)?.ToString().ToUpperInvariant();

    public SecretBytes? VaultPassword(Session session, bool create)
    {
        if (Kind(session.Arguments) is not { } kind)
        {
            return null;
        }

        IPasswordVault source = kind switch
        {
            VaultKind.Azure => KeyVaultPassword.Of(name => session.Settings[name]),
            VaultKind.Aws => AwsPassword.Of(name => session.Settings[name], TimeProvider.System),
            _ => VgsPassword.Of(name => session.Settings[name], TimeProvider.System),
        };
        using (source as IDisposable)
        {
            var password = create ? source.ReadOrCreateAsync(default) : source.RequireAsync(default);
            return password.GetAwaiter().GetResult();
        }
    }

    public IWalletStorage WalletStorage(Session session)
    {
        if (!session.IsInBlob())
        {
            return local.WalletStorage(session);
        }

        return new BlobWallet(Blobs(session), BlobStore.CheckUrl(session.WalletPath, "--path"));
    }

    public StateHead OpenHead(Session session, SecretBytes key)
    {
        if (!BlobStore.IsBlobUrl(StateFolder.Of(session)))
        {
            return local.OpenHead(session, key);
        }

        return StateHead.Open(BlobRecord.Open(Blobs(session), StateBlob(session, StateHead.RecordName), StateHead.Size), key, StateFolder.ExpectedId(session));
    }

    public Freeze OpenFreeze(Session session)
    {
        if (!BlobStore.IsBlobUrl(StateFolder.Of(session)))
        {
            return local.OpenFreeze(session);
        }

        var note = new BlobNote(Blobs(session), StateBlob(session, Freeze.NoteName), TimeProvider.System);
        var thaw = new BlobNote(Blobs(session), StateBlob(session, Freeze.ThawName), TimeProvider.System);
        return new(note, thaw);
    }

    public void ShowNetwork(Session session)
    {
        ReportCommands.Line("Proxy of the gateway", GatewayProxy.Shown(GatewayOptions.PublicApi) ?? "none");
        ReportCommands.Setting(session, "KMS_APPROVER_PROXY", session.Settings["KMS_APPROVER_PROXY"] ?? "none");
        ReportCommands.Setting(session, "KMS_APPROVER_TOKEN", ReportCommands.Masked(session.Settings["KMS_APPROVER_TOKEN"]));
    }

    private static VaultKind? Kind(ParseResult arguments)
    {
        var chosen = new List<VaultKind>();
        foreach (var (option, kind) in new[] { (Azure, VaultKind.Azure), (Aws, VaultKind.Aws), (Vgs, VaultKind.Vgs) })
        {
            if (arguments.GetValue(option))
            {
                chosen.Add(kind);
            }
        }

        if (chosen.Count > 1)
        {
            throw new KmsException(Failure.Usage, "only one of --azure, --aws and --vgs may be given");
        }

        return chosen.Count == 0 ? null : chosen[0];
    }

    private static BlobStore Blobs(Session session) => new(AzureSignIn.Create(name => session.Settings[name]));

    private static Uri StateBlob(Session session, string name) => BlobStore.Below(BlobStore.CheckUrl(StateFolder.Of(session), "--state"), name);

    private static Option<bool> Switch(string name, string description) => new(name) { Description = description, Recursive = true };
}
