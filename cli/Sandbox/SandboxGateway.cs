using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Cli.Sandbox;

/// <summary>A transaction the sandbox's gateway was sent.</summary>
/// <param name="TxData">The member of that name: the signed transaction, or its id where the signer submits it
/// itself.</param>
/// <param name="Submitted">What the chain's node was given, where the signer submits to it.</param>
internal sealed record Broadcast(string TxData, string? Submitted)
{
    /// <summary>The bytes that went out.</summary>
    internal string Sent => Submitted ?? TxData;
}

/// <summary>
/// A gateway on loopback that speaks the gateway's API for the recorded scenarios, and an approver that says yes to
/// what is listed, but for one. Started for newcomers, tests and experiments; nothing leaves the machine.
/// </summary>
internal sealed class SandboxGateway : IDisposable
{
    /// <summary>The key it is called with.</summary>
    internal const string ApiKey = "sandbox-api-key";

    private readonly HttpListener listener = new();
    private volatile Dictionary<string, SandboxScenario> open = [];
    private readonly ConcurrentDictionary<string, Broadcast> broadcasts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> errors = new();
    private readonly HashSet<(string Id, int At)> used = [];

    private readonly SandboxRequests requests = new();
    private readonly SandboxNodes nodes = new();
    private volatile IDevnetNode? devnet;

    private SandboxGateway(int port)
    {
        Url = new($"http://127.0.0.1:{port}");
        listener.Prefixes.Add(Url.AbsoluteUri);
    }

    /// <summary>Base URL; the approver is at <c>/approve</c>, the nodes beside the gateway at <c>/node</c>.</summary>
    internal Uri Url { get; }

    /// <summary>What was broadcast, by pending id.</summary>
    internal IReadOnlyDictionary<string, Broadcast> Broadcasts => broadcasts;

    /// <summary>Failures reported by the service.</summary>
    internal IReadOnlyCollection<string> Errors => errors;

    /// <summary>Starts on a port, or a free one, with nothing to sign.</summary>
    /// <exception cref="KmsException">The port cannot be listened on.</exception>
    internal static SandboxGateway Start(int? port = null)
    {
        try
        {
            return Start(new SandboxGateway(port ?? FreePort()));
        }
        catch (Exception error) when (error is HttpListenerException or UriFormatException)
        {
            throw new KmsException(
                Failure.Usage,
                $"port {port} on loopback cannot be listened on",
                "choose another --port",
                error);
        }
    }

    private static SandboxGateway Start(SandboxGateway gateway)
    {
        gateway.listener.Start();
        _ = gateway.ServeAsync();
        return gateway;
    }

    /// <summary>Lists these in the place of what was listed before.</summary>
    /// <param name="scenarios">What to list.</param>
    /// <param name="node">The node that answers for them in the place of a recording.</param>
    internal void List(IEnumerable<SandboxScenario> scenarios, IDevnetNode? node = null)
    {
        lock (used)
        {
            used.Clear();
        }

        broadcasts.Clear();
        devnet = node;
        open = scenarios.ToDictionary(scenario => scenario.Id, StringComparer.Ordinal);
    }

    public void Dispose() => listener.Close();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var (status, answer) = AnswerOrRefuse(context.Request, body);
        var bytes = Encoding.UTF8.GetBytes(answer);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength64 = bytes.Length;
        await context.Response.OutputStream.WriteAsync(bytes);
        context.Response.Close();
    }

    /// <summary>Every question has an answer, whatever it looks like: one without leaves its asker waiting.</summary>
    private (int Status, string Body) AnswerOrRefuse(HttpListenerRequest request, string body)
    {
        var path = request.RawUrl!;
        if (path.StartsWith("/v3/", StringComparison.Ordinal) && request.Headers["x-api-key"] is { } key && key != ApiKey)
        {
            return (401, """{"errorCode":"subscription.invalid","message":"this is not the sandbox's API key"}""");
        }

        try
        {
            return Answer(request.HttpMethod, path, body);
        }
        catch (Exception error) when (error is KmsException or KeyNotFoundException or InvalidOperationException)
        {
            return (400, """{"errorCode":"validation.failed","message":"the body is not what this path takes"}""");
        }
    }

    private (int Status, string Body) Answer(string method, string path, string body)
    {
        const string pending = "/v3/kms/pending/", approve = "/approve/";
        if (path.StartsWith(pending, StringComparison.Ordinal))
        {
            return (200, List(path[pending.Length..], body));
        }

        if (path.StartsWith(approve, StringComparison.Ordinal))
        {
            var id = path[approve.Length..];
            return (open.ContainsKey(id) || requests.Has(id)) && !id.StartsWith(SandboxRefusal.DeniedPrefix, StringComparison.Ordinal) ? (200, "{}") : (403, "{}");
        }

        if (path == "/v3/tatum/kms/batch")
        {
            errors.Enqueue(body);
            return (200, "{}");
        }

        return requests.Answer(path, body)
            ?? TryBroadcast(path, body)
            ?? devnet?.Answer(method, path, body)
            ?? nodes.Answer(method, path, body, open.Values)
            ?? Recorded(method, path, body)
            ?? (404, """{"errorCode":"sandbox.unknown","message":"the sandbox has no answer recorded"}""");
    }

    private string List(string chain, string body)
    {
        var wanted = StrictJson.Parse(body, "the poll").GetProperty("signatureIds").EnumerateArray().Select(id => id.GetString()!).ToHashSet();
        var listed = open.Values.Where(scenario => scenario.Chain == chain && !broadcasts.ContainsKey(scenario.Id)
            && scenario.Entries().Any(entry => wanted.Contains(entry.Id)));
        return "[" + string.Join(',', listed.Select(scenario => scenario.Pending.GetRawText()).Concat(requests.Pending(chain, wanted))) + "]";
    }

    private (int, string)? TryBroadcast(string path, string body)
    {
        if (!StrictJson.TryParse(body, out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } json
            || !json.TryGetProperty("signatureId", out var id) || !open.TryGetValue(id.GetString() ?? "", out var scenario) || scenario.BroadcastPath != path)
        {
            return null;
        }

        var txData = json.GetProperty("txData").GetString()!;
        var sent = new Broadcast(txData, nodes.Submitted(txData));
        var answer = devnet?.Broadcast(scenario, txData) ?? (200, $$"""{"txId":"{{IdOf(scenario, sent)}}"}""");
        if (answer.Status == 200)
        {
            broadcasts[scenario.Id] = sent;
        }

        return answer;
    }

    /// <summary>A gateway that names another transaction than was sent is an alarm.</summary>
    private static string? IdOf(SandboxScenario scenario, Broadcast sent) =>
        scenario.IsByteExact ? scenario.TransactionId : IndependentReader.Read(scenario, sent.Sent).TransactionId;

    private (int, string)? Recorded(string method, string path, string body)
    {
        path = path.Replace(ApiKey, "{apiKey}", StringComparison.Ordinal);
        path = path.StartsWith("/node", StringComparison.Ordinal) ? path[5..] : path;
        var rpc = RpcMethod(body);
        var said = StrictJson.TryParse(body, out var json) && json is { } parsed ? Texts(parsed).ToHashSet() : [];
        lock (used)
        {
            var fitting = (
                from scenario in open.Values
                where !broadcasts.ContainsKey(scenario.Id)
                from call in scenario.Gateway.EnumerateArray().Select((record, at) => (record, at))
                where call.record.GetProperty("method").GetString() == method && call.record.GetProperty("path").GetString() == path
                    && RpcMethod(call.record) == rpc
                orderby Shared(call.record, said) descending, used.Contains((scenario.Id, call.at))
                select (scenario.Id, call.at, call.record)).FirstOrDefault();
            if (fitting.Id is null)
            {
                return null;
            }

            used.Add((fitting.Id, fitting.at));
            return (200, fitting.record.GetProperty("response").GetRawText());
        }
    }

    /// <summary>
    /// How much a call has in common with a recorded one: several transactions of a chain may be on their way at once.
    /// </summary>
    private static int Shared(JsonElement record, HashSet<string> said) =>
        record.TryGetProperty("request", out var request) ? Texts(request).Distinct().Count(said.Contains) : 0;

    private static IEnumerable<string> Texts(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => Texts(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [json.GetString()!.ToLowerInvariant()],
        _ => [],
    };

    /// <summary>The method of a JSON-RPC call, or null.</summary>
    internal static string? RpcMethod(string body) =>
        StrictJson.TryParse(body, out var json) && json is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("jsonrpc", out _)
            ? value.GetProperty("method").GetString()
            : null;

    private static string? RpcMethod(JsonElement record) =>
        record.TryGetProperty("request", out var request) && request.ValueKind is JsonValueKind.Object && request.TryGetProperty("jsonrpc", out _)
            ? request.GetProperty("method").GetString()
            : null;
}
