using KmsCloud.Chains;
using KmsCloud.Cloud;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>The function's whole surroundings: gateway, approver, storage account, Key Vault, identity endpoint.</summary>
internal sealed class CloudWorld : IDisposable
{
    private readonly CloudNames names = new();
    private readonly TempFolder folder = new();
    private readonly IdentityDouble identity = new();
    private readonly KeyVaultDouble vault;
    private readonly string certificate;

    public CloudWorld()
    {
        Azurite = new(names);
        vault = new(names);
        vault.Secrets["kms-password"] = [World.Password];
        vault.Secrets["kms-api-key"] = [CycleWorld.ApiKey];
        (certificate, _) = TestCertificate.Write(folder);
        State = Azurite.Make("kms-state");
        Wallet = BlobStore.Below(Azurite.Make("kms-wallet"), "wallet.dat");
    }

    public CloudNames Names => names;

    public CycleWorld World { get; } = new();

    public AzuriteServer Azurite { get; }

    public KeyVaultDouble Vault => vault;

    public Uri State { get; }

    public Uri Wallet { get; }

    /// <summary>One pending transaction of every chain, and their wallets in the storage account.</summary>
    public IReadOnlyList<string> AddAllChains()
    {
        var chains = ChainCatalog.All.Keys.Order(StringComparer.Ordinal).ToList();
        foreach (var chain in chains)
        {
            World.Add(chain, Vectors.Names(chain, "signing").First());
        }

        Upload();
        return chains;
    }

    /// <summary>Puts the world's wallet file into the storage account.</summary>
    public void Upload()
    {
        var blob = new BlobWallet(Azurite.Store, Wallet);
        blob.Replace(File.ReadAllBytes(World.WalletPath), blob.Exists() ? blob.Read().Version : null);
    }

    public string Journal(string name = "default") => Azurite.Text(BlobStore.Below(State, name + "/journal.jsonl.00000"));

    public string Audit(string name = "default") => Azurite.Text(BlobStore.Below(State, name + "/audit.jsonl.00000"));

    /// <summary>The app settings, and what the platform and the tests' own network need.</summary>
    public Dictionary<string, string?> Settings(params (string Name, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>(identity.Environment())
        {
            ["SSL_CERT_FILE"] = certificate,
            ["HTTPS_PROXY"] = names.Proxy.AbsoluteUri,
            ["NO_PROXY"] = "127.0.0.1",
            ["KMS_POLL_SCHEDULE"] = "*/15 * * * * *",
            ["KMS_NETWORK"] = "testnet",
            ["KMS_ANY_IDS"] = "true", // tests give their requests speaking names
            ["KMS_WALLET"] = Wallet.AbsoluteUri,
            ["KMS_STATE"] = State.AbsoluteUri,
            ["KMS_LEASE_SECONDS"] = "15",
            ["KMS_EXTERNAL_URL"] = World.Approver.Url.AbsoluteUri,
            ["KMS_API_KEY_SECRETNAME"] = "kms-api-key",
            ["TATUM_KMS_AZURE_VAULTURL"] = KeyVaultDouble.Host,
            ["TATUM_KMS_AZURE_SECRETNAME"] = "kms-password",
            ["TATUM_API_URL"] = World.Gateway.Url.AbsoluteUri,
            ["TATUM_KMS_VET_NODE_URL"] = World.Gateway.Url.AbsoluteUri,
            ["TATUM_KMS_FLOW_ACCESS_URL"] = World.Gateway.Url.AbsoluteUri,
            ["TATUM_KMS_BNB_NODE_URL"] = World.Gateway.Url.AbsoluteUri,
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>A package folder of the program as built with the tests: what functions/publish makes, without the runtime.</summary>
    public string Package(bool queue = false)
    {
        var root = folder.File(Guid.NewGuid().ToString("N"));
        Copy(queue ? BuiltQueue : Built, root);
        return root;
    }

    /// <summary>Where the timer's program lies that was built with the tests.</summary>
    public static string Built => Output("functions");

    /// <summary>Where the queue's lies.</summary>
    public static string BuiltQueue => Output(Path.Combine("functions", "queue"));

    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Peer.Folder, "..", ".."));

    public void Dispose()
    {
        World.Dispose();
        Azurite.Dispose();
        vault.Dispose();
        identity.Dispose();
        names.Dispose();
        folder.Dispose();
    }

    private static string Output(string project) => Path.Combine(Repository, project, "bin", Configuration, "net10.0", "linux-x64");

    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }

        foreach (var inner in Directory.GetDirectories(from))
        {
            Copy(inner, Path.Combine(to, Path.GetFileName(inner)));
        }
    }
}
