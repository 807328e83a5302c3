using System.Net;
using System.Text;
using KmsCloud.Errors;
using KmsCloud.Signing;

namespace KmsCloud.Cli;

/// <summary>
/// /metrics, /healthz and /readyz on loopback. It starts after self-test, wallet file, journal, audit log and policy;
/// readiness waits for the first poll.
/// </summary>
internal sealed class MetricsServer : IDisposable
{
    private static readonly TimeSpan Hung = TimeSpan.FromMinutes(15);
    private readonly HttpListener listener = new();
    private readonly PrometheusText text = new();
    private readonly KmsMetrics metrics;

    private MetricsServer(KmsMetrics metrics) => this.metrics = metrics;

    /// <summary>Starts listening.</summary>
    /// <exception cref="KmsException">The port is taken.</exception>
    internal static MetricsServer Start(int port, KmsMetrics metrics)
    {
        var server = new MetricsServer(metrics);
        try
        {
            server.listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            server.listener.Start();
        }
        catch (Exception error) when (error is HttpListenerException or ArgumentException)
        {
            server.Dispose();
            throw new KmsException(
                Failure.Usage,
                $"port {port} on loopback cannot be listened on",
                "choose another --metrics-port",
                error);
        }

        _ = Task.Run(server.ServeAsync);
        return server;
    }

    public void Dispose()
    {
        listener.Close();
        text.Dispose();
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                Answer(await listener.GetContextAsync());
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // closed, or this one client went away
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var (status, body) = context.Request.Url?.AbsolutePath switch
        {
            "/metrics" => (200, text.Render()),
            "/healthz" => metrics.SinceCycle < Hung ? (200, "ok\n") : (503, "no cycle has ended for 15 minutes\n"),
            "/readyz" => metrics.IsReady ? (200, "ready\n") : (503, "no poll has succeeded yet\n"),
            _ => (404, "/metrics /healthz /readyz\n"),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
    }
}
