using System.Text;
using System.Text.Json;
using KmsCloud.Approvals;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging.Abstractions;

namespace KmsCloud.Tests.Simulation;

/// <summary>One process of the simulation: the real cycle over simulated disks and network, opened from what the last one left.</summary>
internal sealed class SimService : IDisposable
{
    public const string ApiKey = "canary-api-key";
    private const string NonceIsAsked = "token-transfer-nonce-gas-price-missing"; // signed twice, it would be two different transactions
    private static readonly (string Chain, string[] Cases)[] Testnet =
    [
        ("BTC", ["p2wpkh-one-input-change", "offchain-withdrawal-change-to-pool-index-0"]),
        ("ETH", [NonceIsAsked, NonceIsAsked, "offchain-withdrawal"]),
        ("TRON", ["trx-transfer"]),
        ("XRP", ["payment-native-secp256k1"]),
        ("SOL", ["native-transfer-generated-wallet", "spl-transfer-existing-account"]),
        ("FLOW", ["custom-no-args", "transfer-flow"]),
    ];

    private static readonly (string Chain, string[] Cases)[] Mainnet =
    [
        ("BTC", ["p2pkh-one-input-change-mainnet", "offchain-withdrawal-two-recipients-no-change"]),
        ("ETH", ["native-transfer-mainnet-mnemonic-index-1"]),
        ("TRON", ["trx-transfer-mainnet-mnemonic"]),
        ("XRP", ["payment-native-ed25519-mainnet-tags"]),
        ("SOL", ["native-transfer-hex-secret-mainnet"]),
        ("FLOW", ["transfer-flow-mainnet-mnemonic"]),
    ];

    private readonly GatewayClient client;
    private readonly FourEye approver;
    private readonly AuditLog audit;
    private readonly SigningCycle cycle;

    public SimService(SimWorld world, WalletStore store, Network network)
    {
        var options = new GatewayOptions(new(ApiKey)) { Api = new("http://127.0.0.1:1"), Retries = 1, Nodes = new Dictionary<NodeHost, Uri> { [ChainCatalog.Get("FLOW").Info.Node!] = new("http://127.0.0.1:1") } };
        client = new(options, network, world.Clock, new SimGateway(world, world.Life));
        approver = new(new("http://127.0.0.1:1/approve"), ApprovalBody.None, handler: new SimGateway(world, world.Life));
        audit = AuditLog.Open(world.Audit.Open(), world.Clock, store.PurposeKey(AuditLog.KeyPurpose));
        var services = new SigningServices(store, client, approver, Journal.Open(world.Journal.Open(), world.Clock), audit, world.Clock, NullLogger.Instance)
        {
            Policy = PolicyGate.Open(Rules, world.Policy.Open(), world.Clock, between: 8),
        };
        cycle = new(services, new(new(network)) { Chains = [.. Testnet.Select(row => row.Chain)] });
    }

    private static IReadOnlyList<PolicyRule> Rules { get; } = PolicyFile.Read(Encoding.UTF8.GetBytes($$$"""
        {"version":1,"requireVerifiedFee":false,"rules":[{"name":"all","chains":["BTC","ETH","TRON","XRP","SOL","FLOW"],"recipients":"any","assets":{{{Assets()}}},"methods":{"any":["any"]},"blindSigning":true}]}
        """));

    public static IReadOnlyList<SimTemplate> Templates(Network network) =>
        [.. (network is Network.Mainnet ? Mainnet : Testnet).SelectMany(row => row.Cases.Select(name => new SimTemplate(row.Chain, Vectors.Case(row.Chain, "signing", name))))];

    public static void WriteWallets(string path, SecretBytes password)
    {
        using var edit = WalletEdit.OpenOrCreate(path, password, new PasswordCost(1, 8192));
        foreach (var entry in Templates(Network.Testnet).Concat(Templates(Network.Mainnet)).SelectMany(template => template.Vector.GetProperty("walletStore").EnumerateObject()).DistinctBy(entry => entry.Name))
        {
            edit.Contents.Add(entry.Name, SigningRun.ReadEntry(entry.Value));
        }

        edit.Save();
    }

    public Task<CycleReport> RunAsync() => cycle.RunOnceAsync(CancellationToken.None);

    public void Dispose()
    {
        client.Dispose();
        approver.Dispose();
        audit.Dispose();
    }

    private static string Assets() => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        foreach (var asset in Templates(Network.Testnet).Concat(Templates(Network.Mainnet)).SelectMany(template => Paid(template.Vector)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            json.WriteStartObject(asset);
            json.WriteString("perDay", "1000000000000000000000");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    private static IEnumerable<string> Paid(JsonElement vector)
    {
        using var run = SigningRun.Sign(vector);
        return run.Transaction.Summary.Transfers.Select(transfer => transfer.Amount.Asset);
    }
}
