using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Tests.Support;

/// <summary>A request a test's server received.</summary>
internal sealed record Received(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>What a test's server does with a request: a status and body, or a cut connection.</summary>
internal sealed record Reply(int Status, string Body = "{}")
{
    public static Reply Cut { get; } = new(-1);

    public TimeSpan Delay { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>An HTTP server on loopback whose answers a test decides.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly WebApplication server;
    private readonly Func<Received, Reply> answer;

    public LoopbackServer(Func<Received, Reply> answer, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null)
    {
        this.answer = answer;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                if (certificate is not null)
                {
                    endpoint.UseHttps(certificate);
                }
            });
            options.Limits.MaxRequestBodySize = null;
        });
        server = builder.Build();
        server.Run(AnswerAsync);
        server.StartAsync().GetAwaiter().GetResult();
        Url = new(server.Urls.Single());
    }

    public Uri Url { get; }

    /// <summary>Everything received, in order.</summary>
    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>Whether requests are kept.</summary>
    public bool Keep { get; init; } = true;

    public void Dispose() => server.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var path = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var received = new Received(context.Request.Method, path, await reader.ReadToEndAsync(), headers);
        if (Keep)
        {
            Requests.Enqueue(received);
        }

        var reply = answer(received);
        if (reply.Delay > TimeSpan.Zero)
        {
            await Task.Delay(reply.Delay, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (reply.Status < 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }

        var bytes = Encoding.UTF8.GetBytes(reply.Body);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }
}
