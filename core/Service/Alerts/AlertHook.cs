using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using KmsCloud.Approvals;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Alerts;

/// <summary>Something that somebody must hear of now.</summary>
/// <param name="Kind">What kind, such as <c>anomaly</c>.</param>
/// <param name="Rule">The rule that found it.</param>
/// <param name="Id">The pending id, or <c>(none)</c>.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Text">One printable line, without secrets.</param>
public sealed record Alert(string Kind, string Rule, string Id, string Chain, string Text);

/// <summary>
/// Posts alerts to the operator's webhook, signed (docs/anomalies.md): beside the work, in their order, each tried three times. What cannot be
/// delivered is said in the log, which has every alert anyway. Owns the secret.
/// </summary>
public sealed class AlertHook : IDisposable
{
    /// <summary>Header with Unix seconds and HMAC-SHA256: <c>t=1700000000,v1=hex</c>.</summary>
    public const string SignatureHeader = "x-kms-alert-signature";

    private const int Tries = 3;
    private const int MostWaiting = 1_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Channel<Alert> waiting = Channel.CreateBounded<Alert>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Limit,
        ConnectCallback = PrivateConnection.OpenAsync,
    })
    { Timeout = Limit };

    private readonly CancellationTokenSource stop = new();
    private readonly Uri url;
    private readonly SecretBytes? secret;
    private readonly TimeProvider clock;
    private readonly Action<Alert, string> undelivered;
    private readonly Task work;

    /// <summary>Starts it.</summary>
    /// <param name="url">Where to; checked as an approver's address is.</param>
    /// <param name="secret">Signs, or null for unsigned alerts.</param>
    /// <param name="clock">The time.</param>
    /// <param name="undelivered">Told of an alert that could not be delivered, and why.</param>
    public AlertHook(Uri url, SecretBytes? secret, TimeProvider clock, Action<Alert, string> undelivered)
    {
        this.url = url;
        this.secret = secret;
        this.clock = clock;
        this.undelivered = undelivered;
        work = Task.Run(DeliverAsync);
    }

    /// <summary>Takes an alert. Never waits.</summary>
    public void Send(Alert alert)
    {
        if (!waiting.Writer.TryWrite(alert))
        {
            undelivered(alert, "too many wait, or the service is stopping");
        }
    }

    /// <summary>What a body is signed with.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="time">Unix seconds.</param>
    /// <param name="body">The body's bytes.</param>
    public static string Signature(SecretBytes secret, string time, ReadOnlySpan<byte> body) =>
        $"t={time},v1={Hex.Lower(HMACSHA256.HashData(secret.Span, [.. Encoding.ASCII.GetBytes($"kms-alert-v1\n{time}\n"), .. body]))}";

    /// <summary>Delivers what waits, within a limit, and ends.</summary>
    public void Dispose()
    {
        waiting.Writer.TryComplete();
        stop.CancelAfter(Limit);
        work.GetAwaiter().GetResult();
        stop.Dispose();
        http.Dispose();
        secret?.Dispose();
    }

    private async Task DeliverAsync()
    {
        await foreach (var alert in waiting.Reader.ReadAllAsync())
        {
            string? problem = null;
            for (var attempt = 1; attempt <= Tries && !stop.IsCancellationRequested; attempt++)
            {
                problem = await PostAsync(alert);
                if (problem is null)
                {
                    break;
                }

                await PauseAsync(attempt);
            }

            if (problem is not null || stop.IsCancellationRequested)
            {
                undelivered(alert, problem ?? "the service is stopping");
            }
        }
    }

    private async Task PauseAsync(int attempt)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(attempt), clock, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // the last try was the last
        }
    }

    private async Task<string?> PostAsync(Alert alert)
    {
        try
        {
            var time = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            var body = Body(alert, time);
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
            if (secret is not null)
            {
                request.Headers.Add(SignatureHeader, Signature(secret, time, body));
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            return response.IsSuccessStatusCode ? null : $"it answered {(int)response.StatusCode}";
        }
        catch (OperationCanceledException)
        {
            return "it did not answer in time";
        }
        catch (Exception error) when (error is HttpRequestException or IOException or KmsException)
        {
            return (error.InnerException as KmsException ?? error as KmsException)?.Message ?? "it could not be reached";
        }
    }

    private static byte[] Body(Alert alert, string time) => CompactJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteString("kind", alert.Kind);
        json.WriteString("rule", alert.Rule);
        json.WriteString("id", alert.Id);
        json.WriteString("chain", alert.Chain);
        json.WriteString("text", alert.Text);
        json.WriteString("time", DateTimeOffset.FromUnixTimeSeconds(long.Parse(time, CultureInfo.InvariantCulture)));
        json.WriteEndObject();
    });
}
