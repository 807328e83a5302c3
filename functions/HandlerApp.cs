using System.Globalization;
using System.Net;
using System.Text;
using KmsCloud.Errors;

namespace KmsCloud.Functions;

/// <summary>
/// The loopback endpoint of the Functions host. Nothing else can reach it, and nothing of the host's own configuration
/// (<c>ASPNETCORE_URLS</c>, its appsettings.json) is read.
/// </summary>
internal sealed class HandlerApp(FunctionSettings settings, SigningWorker worker, InvocationLog log, FunctionMetrics metrics, MetricLines lines)
{
    private const string EventName = "KmsInvocation";

    internal WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = [],
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(HandlerApp).Assembly.GetName().Name,
            EnvironmentName = Environments.Production,
        });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = HostEnvelope.LargestRequest;
            options.Listen(IPAddress.Loopback, settings.Port); // explicit endpoints win over ASPNETCORE_URLS
        });
        var app = builder.Build();
        app.Run(RouteAsync);
        return app;
    }

    private Task RouteAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/" or "/health/live") => EmptyAsync(context, StatusCodes.Status200OK), // "/" is the host's readiness and latency probe
        ("GET", "/health/ready") => EmptyAsync(context, worker.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable),
        ("POST", "/PollPending") => AnswerAsync(context, "PollPending", PollAsync),
        ("POST", "/SignPending") => AnswerAsync(context, "SignPending", SignAsync),
        _ => AnswerAsync(context, "unknown", _ => Task.FromResult(new Outcome(404, Ending.Rejected, "no such function"))),
    };

    private static Task EmptyAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private async Task<Outcome> PollAsync(string body)
    {
        if (!HostEnvelope.IsTimer(HostEnvelope.Binding(body, "pollTimer"), out var pastDue))
        {
            return new(400, Ending.Rejected, "not a timer invocation: Data.pollTimer is missing");
        }

        if (!settings.IsEnabled)
        {
            return new(200, Ending.Disabled, "disabled by KMS_ENABLED");
        }

        var outcome = settings.IsQueueMode ? await worker.EnqueueAsync() : await worker.SignAsync();
        return pastDue ? outcome with { Note = "the timer was past due" } : outcome;
    }

    private async Task<Outcome> SignAsync(string body) =>
        PendingPointer.TryRead(HostEnvelope.Message(HostEnvelope.Binding(body, "pendingTransaction"))) is not { } pointer
            ? new(400, Ending.Rejected, "not a message of PollPending")
            : settings.IsEnabled ? await worker.SignOneAsync(pointer) : new(500, Ending.Disabled, "disabled by KMS_ENABLED; the message stays in the queue");

    private async Task AnswerAsync(HttpContext context, string function, Func<string, Task<Outcome>> run)
    {
        var started = TimeProvider.System.GetTimestamp();
        var invocation = InvocationLog.Begin(context.Request.Headers["X-Azure-Functions-InvocationId"].FirstOrDefault() is { Length: > 0 and <= 100 } id ? id : Guid.NewGuid().ToString());
        var outcome = await ReadAndRunAsync(context, run);
        var duration = TimeProvider.System.GetElapsedTime(started);
        metrics.Ended(function, outcome, duration);
        log.Always(EventName, json =>
        {
            json.WriteString("function", function);
            json.WriteString("outcome", outcome.Word);
            json.WriteBoolean("good", outcome.IsGood);
            json.WriteNumber("milliseconds", (long)duration.TotalMilliseconds);
            outcome.WriteCounts(json);
            json.WriteString("status", outcome.Status);
        });
        lines.Flush(log);
        var bytes = HostEnvelope.Answer(
            invocation.Lines.Append(outcome.Note is null ? outcome.Status : $"{outcome.Status} ({outcome.Note})"),
            outcome.Outputs,
            json =>
            {
                json.WriteString("outcome", outcome.Word);
                json.WriteString("status", outcome.Status);
                outcome.WriteCounts(json);
            });
        context.Response.StatusCode = outcome.Code;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    private static async Task<Outcome> ReadAndRunAsync(HttpContext context, Func<string, Task<Outcome>> run)
    {
        try
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            return await run(await reader.ReadToEndAsync(context.RequestAborted));
        }
        catch (KmsException error)
        {
            return new(500, Ending.Failed, error.Hint is null ? error.Message : $"{error.Message}; {error.Hint}");
        }
        catch (BadHttpRequestException error)
        {
            return new(error.StatusCode, Ending.Rejected, "the request cannot be read");
        }
#pragma warning disable CA1031 // the last door: a bug is reported without its text, which might hold a payload
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new(500, Ending.Failed, string.Create(CultureInfo.InvariantCulture, $"internal error {error.GetType().Name}"));
        }
    }
}
