using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Alerts;
using KmsCloud.Approvals;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Tests.Support;

/// <summary>A whole signing service on loopback: gateway, approver, wallet file, state folder. Everything is real but the other end.</summary>
internal sealed class CycleWorld : IDisposable
{
    public const string ApiKey = "canary-api-key-3c1f";
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString("canary-password-77aa");
    private readonly Dictionary<string, List<JsonElement>> recordings = [];

    public CycleWorld()
    {
        Gateway = new(Answer);
        Approver = new(_ => Approve());
    }

    public LoopbackServer Gateway { get; }

    public LoopbackServer Approver { get; }

    /// <summary>Pending transactions by chain, as JSON text.</summary>
    public ConcurrentDictionary<string, List<string>> Pending { get; } = new();

    /// <summary>What a broadcast is answered; the default accepts.</summary>
    public Func<Received, Reply> OnBroadcast { get; set; } = _ => new(200, """{"txId":"accepted"}""");

    /// <summary>Overrides the gateway's answer to any request; null leaves it.</summary>
    public Func<Received, Reply?> OnAny { get; set; } = _ => null;

    /// <summary>The approver's answer.</summary>
    public Func<Reply> Approve { get; set; } = () => new(200);

    /// <summary>The policy file's text, or null for none.</summary>
    public string? Policy { get; set; }

    /// <summary>Makes the approver's client; the default asks with GET, unsigned.</summary>
    public Func<Uri, FourEye> MakeApprover { get; set; } = url => new(url, ApprovalBody.None);

    /// <summary>Reads what was signed once more, or null for none.</summary>
    public SecondReading? SecondReading { get; set; }

    /// <summary>Bytes of requests that are kept; null for none.</summary>
    public long? KeptRequests { get; set; }

    /// <summary>Makes what looks for the unusual, or null for nothing.</summary>
    public Func<AnomalyDesk>? MakeDesk { get; set; }

    /// <summary>Where alerts go, or null.</summary>
    public AlertHook? Alerts { get; set; }

    /// <summary>Counts what happened.</summary>
    public KmsMetrics? Metrics { get; set; }

    public List<string> LogLines { get; } = [];

    /// <summary>How often a private key was opened, by any way.</summary>
    public long KeysOpened { get; private set; }

    public CycleOptions Options { get; set; } = new(new(Network.Testnet)) { AnyIds = true }; // tests give their requests speaking names

    public string WalletPath => folder.File("wallet.dat");

    public string StateFolder => folder.File("state");

    public string Password => password.Reveal();

    public IEnumerable<Received> Broadcasts => Gateway.Requests.Where(request => IsBroadcast(request.Path));

    public IEnumerable<Received> Reports => Gateway.Requests.Where(request => request.Path == "/v3/tatum/kms/batch");

    /// <summary>Adds a vector: its wallets to the file, its pending transaction to the list, its recorded answers to the gateway.</summary>
    public JsonElement Add(string chain, string name, Func<JsonObject, JsonObject>? change = null, string list = "signing")
    {
        var vector = Vectors.Case(chain, list, name);
        Add(chain, vector, change);
        return vector;
    }

    /// <summary>Adds a case of the vectors' form.</summary>
    public void Add(string chain, JsonElement vector, Func<JsonObject, JsonObject>? change = null)
    {
        using (var edit = WalletEdit.OpenOrCreate(WalletPath, password, new PasswordCost(1, 8192)))
        {
            foreach (var entry in vector.GetProperty("walletStore").EnumerateObject().Where(entry => !edit.Contents.Entries.ContainsKey(entry.Name)))
            {
                edit.Contents.Add(entry.Name, SigningRun.ReadEntry(entry.Value));
            }

            edit.Save();
        }

        var pending = JsonNode.Parse(vector.GetProperty("pending").GetRawText())!.AsObject();
        List(chain, (change?.Invoke(pending) ?? pending).ToJsonString());
        lock (recordings)
        {
            recordings[vector.GetProperty("pending").GetProperty("id").GetString()!] = [.. vector.TryGetProperty("gateway", out var gateway) ? gateway.EnumerateArray() : []];
        }
    }

    public void List(string chain, string pending) => Pending.GetOrAdd(chain, _ => []).Add(pending);

    /// <summary>Runs one cycle with everything opened afresh, as after a restart.</summary>
    public Task<CycleReport> RunAsync(bool approver = true, TimeProvider? clock = null, CancellationToken stop = default) =>
        OpenAsync(cycle => cycle.RunOnceAsync(stop), approver, clock);

    /// <summary>Runs cycles of one process.</summary>
    public Task RunCyclesAsync(int cycles, Action<int>? before = null) => OpenAsync(async cycle =>
    {
        for (var i = 0; i < cycles; i++)
        {
            before?.Invoke(i);
            await cycle.RunOnceAsync(CancellationToken.None);
        }

        return 0;
    });

    /// <summary>Runs the daemon's loops until <paramref name="stop"/> is set.</summary>
    public Task RunDaemonAsync(TimeSpan period, CancellationToken stop) => OpenServicesAsync(async services =>
    {
        using var hurry = new SemaphoreSlim(0);
        await DaemonLoop.RunAsync(services, Options, period, hurry, null, stop);
        return 0;
    });

    /// <summary>Gives what a service holds open.</summary>
    public Task<T> WithServicesAsync<T>(Func<SigningServices, Task<T>> run, TimeProvider? clock = null) => OpenServicesAsync(run, clock: clock);

    private Task<T> OpenAsync<T>(Func<SigningCycle, Task<T>> run, bool approver = true, TimeProvider? clock = null) => OpenServicesAsync(
        services => run(new SigningCycle(services, Options with { Chains = [.. Options.Chains.Where(chain => ChainCatalog.All.ContainsKey(chain))] })), approver, clock);

    private async Task<T> OpenServicesAsync<T>(Func<SigningServices, Task<T>> run, bool approver = true, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        using var store = WalletStore.Open(WalletPath, password, ChainCatalog.WalletsOf);
        store.ReadPublicKeys(Options.Context.Network);
        var openedBefore = store.Wallets.Sum(wallet => wallet.Opened);
        using var journalLog = FileAppendLog.Open(Path.Combine(StateFolder, "journal.jsonl"));
        using var auditLog = FileAppendLog.Open(Path.Combine(StateFolder, "audit.jsonl"));
        using var head = AuditHead.Open(StateFolder);
        using var audit = AuditLog.Open(auditLog, clock, store.PurposeKey(AuditLog.KeyPurpose), head);
        using var client = new GatewayClient(
            new(new(ApiKey))
            {
                Api = Gateway.Url,
                FirstPause = TimeSpan.FromMilliseconds(1),
                AnswerTimeout = TimeSpan.FromSeconds(2),
                Nodes = ChainCatalog.All.Values.Select(chain => chain.Info.Node).OfType<NodeHost>().ToDictionary(node => node, _ => Gateway.Url),
            },
            Options.Context.Network,
            clock);
        using var fourEye = approver ? MakeApprover(Approver.Url) : null;
        using var policyLog = FileAppendLog.Open(Path.Combine(StateFolder, "policy.jsonl"));
        using var requests = KeptRequests is { } most
            ? RequestLog.Open(StateFolder, store.PurposeKey(RequestLog.KeyPurpose), clock, most) : null;
        var desk = MakeDesk?.Invoke();
        desk?.Learn(audit.Records());
        var services = new SigningServices(store, client, fourEye, Journal.Open(journalLog, clock), audit, clock, new Lines(LogLines))
        {
            Policy = Policy is { } rules ? PolicyGate.Open(PolicyFile.Read(System.Text.Encoding.UTF8.GetBytes(rules)), policyLog, clock) : null,
            Freeze = new(StateFolder),
            SecondReading = SecondReading,
            Metrics = Metrics,
            Anomalies = desk,
            Alerts = Alerts,
            Requests = requests,
        };
        var result = await run(services);
        KeysOpened += store.Wallets.Sum(wallet => wallet.Opened) - openedBefore;
        return result;
    }

    public void Dispose()
    {
        Gateway.Dispose();
        Approver.Dispose();
        password.Dispose();
        folder.Dispose();
    }

    private static bool IsBroadcast(string path) => path.EndsWith("/broadcast", StringComparison.Ordinal);

    private Reply Answer(Received request)
    {
        if (OnAny(request) is { } special)
        {
            return special;
        }

        const string pending = "/v3/kms/pending/";
        if (request.Path.StartsWith(pending, StringComparison.Ordinal))
        {
            return new(200, "[" + string.Join(',', Pending.GetValueOrDefault(request.Path[pending.Length..], [])) + "]");
        }

        if (IsLook(request))
        {
            return new(500); // whether the chain has it is not told
        }

        return IsBroadcast(request.Path) ? OnBroadcast(request) : request.Path == "/v3/tatum/kms/batch" ? new(200) : Recorded(request);
    }

    private static bool IsLook(Received request) =>
        request.Method == "GET" && request.Path.Contains("/transaction/", StringComparison.Ordinal) && !request.Path.Contains("/count/", StringComparison.Ordinal);

    private Reply Recorded(Received request)
    {
        var path = request.Path.Replace(ApiKey, "{apiKey}", StringComparison.Ordinal);
        var rpc = RpcMethod(request.Body);
        lock (recordings)
        {
            var record = recordings.Values.SelectMany(calls => calls)
                .Where(call => call.Text("method") == request.Method && call.Text("path") == path
                    && (call.TryGetProperty("request", out var body) ? RpcMethod(body.GetRawText()) : null) == rpc)
                .OrderByDescending(call => rpc is not null && SameParameters(call, request.Body))
                .FirstOrDefault();
            return record.ValueKind is not JsonValueKind.Undefined
                ? new(record.TryGetProperty("status", out var status) ? status.GetInt32() : 200, record.GetProperty("response").GetRawText())
                : path.StartsWith("/v1/transaction_results/", StringComparison.Ordinal)
                    ? new(200, """{"status":"Sealed","error_message":""}""") // FLOW: not recorded, since the original waits on a socket
                    : new(404);
        }
    }

    private static bool SameParameters(JsonElement call, string body) =>
        JsonNode.DeepEquals(JsonNode.Parse(call.GetProperty("request").GetProperty("params").GetRawText()), JsonNode.Parse(body)!["params"]);

    private static string? RpcMethod(string body) => body.Length > 0 && JsonNode.Parse(body) is JsonObject rpc && rpc["jsonrpc"] is not null ? rpc["method"]!.GetValue<string>() : null;

    private sealed class Lines(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
            {
                lines.Add(formatter(state, exception));
            }
        }
    }
}
