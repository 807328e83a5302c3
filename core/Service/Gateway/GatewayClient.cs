using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using Polly;
using Polly.Retry;

namespace KmsCloud.Gateway;

/// <summary>What failed, for the gateway's error list.</summary>
/// <param name="PendingId">The pending transaction's id.</param>
/// <param name="Message">One line without secrets and payload.</param>
public sealed record FailureReport(string PendingId, string Message);

/// <summary>
/// The Tatum API and the nodes beside it, over one pool of connections. Repeats what the network, 429 or a 5xx spoilt, a
/// bounded number of times; follows no redirect; reads bounded answers; never lets the API key into an error.
/// </summary>
public sealed class GatewayClient : IDisposable
{
    /// <summary>Most wallets of one chain that one poll may name.</summary>
    public const int MostIds = 25_000;

    private const string ApiKeyPlace = "{apiKey}";
    private const int LargestList = 12 * 1024 * 1024;
    private const int LargestOfAll = 16 * 1024 * 1024;
    private const int ErrorsPerReport = 100;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(20);
    private static readonly string Version = typeof(GatewayClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly AnswerBudget budget = new(LargestOfAll);
    private readonly GatewayOptions options;
    private readonly Network network;
    private readonly TimeProvider clock;
    private readonly HttpClient http;
    private readonly ResiliencePipeline<Reply> retry;

    /// <summary>A client for one network.</summary>
    /// <param name="options">Where everything is.</param>
    /// <param name="network">The network.</param>
    /// <param name="clock">The time.</param>
    /// <param name="handler">What carries the requests; null for the network.</param>
    public GatewayClient(GatewayOptions options, Network network, TimeProvider clock, HttpMessageHandler? handler = null)
    {
        (this.options, this.network, this.clock) = (options, network, clock);
        http = new(handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = new GatewayProxy(),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 64,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // each attempt has its own
        };
        retry = new ResiliencePipelineBuilder<Reply> { TimeProvider = clock }.AddRetry(new RetryStrategyOptions<Reply>
        {
            MaxRetryAttempts = Math.Max(options.Retries, 1),
            Delay = options.FirstPause,
            MaxDelay = LongestPause,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(options.Retries > 0 && arguments.Outcome.Result is { IsTransient: true }),
            DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
        }).Build();
    }

    /// <summary>The latest client version the gateway announced, <c>version;LEVEL;message</c>, or null.</summary>
    public string? LatestVersion { get; private set; }

    /// <summary>How far this machine's clock is ahead of the gateway's, from its last answer; null before the first.</summary>
    public TimeSpan? ClockLead { get; private set; }

    /// <summary>The pending transactions of some wallets of a chain, each as the bytes of one JSON value. The caller disposes of the list.</summary>
    /// <exception cref="KmsException"><see cref="Failure.Gateway"/>: no usable answer, or too many wallets.</exception>
    public async Task<PendingList> PendingAsync(string chain, IReadOnlyList<string> signatureIds, CancellationToken cancel)
    {
        if (signatureIds.Count > MostIds)
        {
            throw new KmsException(
                Failure.Gateway, $"{chain} has {signatureIds.Count} wallets and one poll may name {MostIds}", "choose some with --wallets, or split the wallet file");
        }

        var body = CompactJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("signatureIds");
            foreach (var id in signatureIds)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
        var path = "/v3/kms/pending/" + chain;
        var room = budget.Begin();
        try
        {
            var reply = await SendAsync(NodeCall.Post(path, body, "the pending transactions"), LargestList, cancel, room: room);
            return reply.Status is >= 200 and < 300
                ? PendingList.Split(reply.Body, room)
                : throw new KmsException(Failure.Gateway, $"Error received from API {path} - {reply.Problem}", Hint(reply.Status));
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    /// <summary>Makes a chain's call. There is always an answer: status 0 says that nothing came back.</summary>
    public async Task<NodeAnswer> CallAsync(NodeCall call, CancellationToken cancel)
    {
        var tries = 0;
        var reply = await SendAsync(call, call.LargestAnswer, cancel, () => tries++);
        return new(reply.Status, Encoding.UTF8.GetString(reply.Body)) { IsRepeated = tries > 1 };
    }

    /// <summary>Tells the gateway what failed, a hundred at a time.</summary>
    /// <exception cref="KmsException"><see cref="Failure.Gateway"/>: it did not take the list.</exception>
    public async Task ReportAsync(IReadOnlyCollection<FailureReport> failures, CancellationToken cancel)
    {
        foreach (var batch in failures.Chunk(ErrorsPerReport))
        {
            var body = CompactJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("errors");
                foreach (var (id, message) in batch)
                {
                    json.WriteStartObject();
                    json.WriteString("signatureId", id);
                    json.WriteString("error", message);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            var reply = await SendAsync(NodeCall.Post("/v3/tatum/kms/batch", body, "the error report"), NodeCall.SmallAnswer, cancel);
            if (reply.Status is < 200 or >= 300)
            {
                throw new KmsException(Failure.Gateway, $"the gateway did not take the list of {Counted.Of(batch.Length, "failure")}: {reply.Problem}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static string? Hint(int status) => status switch
    {
        401 or 403 => "check TATUM_API_KEY",
        429 => "the plan's rate limit is reached; raise --period or the plan",
        0 => "check TATUM_API_URL and the network",
        _ => null,
    };

    private async Task<Reply> SendAsync(NodeCall call, int limit, CancellationToken cancel, Action? onTry = null, AnswerBudget.Lease? room = null) => await retry.ExecuteAsync(
        async token =>
        {
            onTry?.Invoke();
            return await OnceAsync(call, limit, room, token);
        },
        cancel);

    private async Task<Reply> OnceAsync(NodeCall call, int limit, AnswerBudget.Lease? room, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(options.AnswerTimeout);
        try
        {
            using var request = Request(call);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            ClockLead = response.Headers.Date is { } theirs ? clock.GetUtcNow() - theirs : ClockLead;
            if (response.Headers.TryGetValues("x-ttm-kms-latest-version", out var latest))
            {
                LatestVersion = string.Concat(latest).Trim() is { Length: > 0 and < 500 } text ? text : LatestVersion;
            }

            using var own = room is null ? budget.Begin() : null; // of other answers little is kept
            var body = await BoundedBody.ReadAsync(response.Content, limit, room ?? own, patience.Token);
            return new((int)response.StatusCode, body, RetryAfter(response.Headers.RetryAfter), null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(0, [], null, $"no answer within {options.AnswerTimeout.TotalSeconds:0} seconds");
        }
        catch (HttpRequestException error)
        {
            return new(0, [], null, error.HttpRequestError is HttpRequestError.Unknown ? "the connection failed" : $"the connection failed ({error.HttpRequestError})");
        }
        catch (IOException)
        {
            return new(0, [], null, "the connection was cut");
        }
        catch (KmsException error)
        {
            return new(0, [], null, error.Message, Final: true);
        }
    }

    private HttpRequestMessage Request(NodeCall call)
    {
        var path = call.Path.Replace(ApiKeyPlace, Uri.EscapeDataString(options.ApiKey.Value), StringComparison.Ordinal);
        var request = new HttpRequestMessage(new HttpMethod(call.Method), options.BaseOf(call.Host, network).AbsoluteUri.TrimEnd('/') + path);
        if (call.Host is null)
        {
            request.Headers.Add("x-api-key", options.ApiKey.Value);
            request.Headers.Add("x-ttm-kms-client-version", Version);
        }

        if (call.Body is not null)
        {
            request.Content = new StringContent(call.Body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        return request;
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header?.Delta is { } delta && delta >= TimeSpan.Zero ? delta < LongestPause ? delta : LongestPause : null;

    /// <param name="Status">0 when nothing came back.</param>
    /// <param name="Body">Empty when nothing came back.</param>
    /// <param name="RetryAfter">What the server asked for.</param>
    /// <param name="Trouble">What went wrong below HTTP.</param>
    /// <param name="Final">Not worth repeating.</param>
    private sealed record Reply(int Status, byte[] Body, TimeSpan? RetryAfter, string? Trouble, bool Final = false)
    {
        internal bool IsTransient => !Final && (Status is 0 or 408 or 429 or >= 500);

        internal string Problem => Trouble ?? $"HTTP {Status}";
    }
}
