using System.Text;
using KmsCloud.Approvals;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Gateway;
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
    private static readonly string[] Chains = ["BTC", "ETH", "TRON", "XRP"];
    private readonly GatewayClient client;
    private readonly FourEye approver;
    private readonly AuditLog audit;
    private readonly SigningCycle cycle;

    public SimService(SimWorld world, WalletStore store)
    {
        var options = new GatewayOptions(new(ApiKey)) { Api = new("http://127.0.0.1:1"), Retries = 1 };
        client = new(options, Network.Testnet, world.Clock, new SimGateway(world, world.Life));
        approver = new(new("http://127.0.0.1:1/approve"), post: false, handler: new SimGateway(world, world.Life));
        audit = AuditLog.Open(world.Audit.Open(), world.Clock, store.PurposeKey(AuditLog.KeyPurpose));
        var services = new SigningServices(store, client, approver, Journal.Open(world.Journal.Open(), world.Clock), audit, world.Clock, NullLogger.Instance)
        {
            Policy = PolicyGate.Open(Rules, world.Policy.Open(), world.Clock),
        };
        cycle = new(services, new(new(Network.Testnet)) { Chains = Chains });
    }

    public static IReadOnlyList<SimTemplate> Templates { get; } =
        [.. Chains.Select(chain => new SimTemplate(chain, Vectors.Read(chain).GetProperty("signing")[0]))];

    private static IReadOnlyList<PolicyRule> Rules { get; } = PolicyFile.Read(Encoding.UTF8.GetBytes("""
        {"version":1,"rules":[{"name":"all","chains":["BTC","ETH","TRON","XRP"],"recipients":"any","assets":{"BTC":{"perDay":"1e12"},"ETH":{"perDay":"1e12"},"TRX":{"perDay":"1e12"},"XRP":{"perDay":"1e12"}},"methods":{"any":["any"]},"blindSigning":true}]}
        """));

    public static void WriteWallets(string path, SecretBytes password)
    {
        using var edit = WalletEdit.OpenOrCreate(path, password, new PasswordCost(1, 8192));
        foreach (var entry in Templates.SelectMany(template => template.Vector.GetProperty("walletStore").EnumerateObject()).DistinctBy(entry => entry.Name))
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
}
