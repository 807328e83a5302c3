using System.Globalization;
using System.Net;
using System.Text;
using KmsCloud.Errors;

namespace KmsCloud.Functions;

/// <summary>
/// The loopback endpoint of the Functions host. Nothing else can reach it, and nothing of the host's own configuration
/// (<c>ASPNETCORE_URLS</c>, its appsettings.json) is read.
/// </summary>
internal static class HandlerApp
{
    internal static WebApplication Build(FunctionSettings settings, SigningWorker worker)
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
        app.Run(context => RouteAsync(context, settings, worker));
        return app;
    }

    private static Task RouteAsync(HttpContext context, FunctionSettings settings, SigningWorker worker) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/" or "/health/live") => EmptyAsync(context, StatusCodes.Status200OK), // "/" is the host's readiness and latency probe
        ("GET", "/health/ready") => EmptyAsync(context, worker.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable),
        ("POST", "/PollPending") => AnswerAsync(context, body => PollAsync(settings, worker, body)),
        ("POST", "/SignPending") => AnswerAsync(context, body => SignAsync(settings, worker, body)),
        _ => AnswerAsync(context, _ => Task.FromResult(new Outcome(404, "no such function"))),
    };

    private static Task EmptyAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static async Task<Outcome> PollAsync(FunctionSettings settings, SigningWorker worker, string body)
    {
        if (!HostEnvelope.IsTimer(HostEnvelope.Binding(body, "pollTimer"), out var pastDue))
        {
            return new(400, "not a timer invocation: Data.pollTimer is missing");
        }

        if (!settings.IsEnabled)
        {
            return new(200, "disabled by KMS_ENABLED");
        }

        var outcome = settings.IsQueueMode ? await worker.EnqueueAsync() : await worker.SignAsync();
        return pastDue ? outcome with { Note = "the timer was past due" } : outcome;
    }

    private static async Task<Outcome> SignAsync(FunctionSettings settings, SigningWorker worker, string body) =>
        PendingPointer.TryRead(HostEnvelope.Message(HostEnvelope.Binding(body, "pendingTransaction"))) is not { } pointer
            ? new(400, "not a message of PollPending")
            : settings.IsEnabled ? await worker.SignOneAsync(pointer) : new(500, "disabled by KMS_ENABLED; the message stays in the queue");

    private static async Task AnswerAsync(HttpContext context, Func<string, Task<Outcome>> run)
    {
        var invocation = InvocationLog.Begin(context.Request.Headers["X-Azure-Functions-InvocationId"].FirstOrDefault() is { Length: > 0 and <= 100 } id ? id : Guid.NewGuid().ToString());
        var outcome = await ReadAndRunAsync(context, run);
        var lines = invocation.Lines.Append(outcome.Note is null ? outcome.Status : $"{outcome.Status} ({outcome.Note})");
        var bytes = HostEnvelope.Answer(lines, outcome.Status, outcome.Outputs, outcome.Counts);
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
            return new(500, error.Hint is null ? error.Message : $"{error.Message}; {error.Hint}");
        }
        catch (BadHttpRequestException error)
        {
            return new(error.StatusCode, "the request cannot be read");
        }
#pragma warning disable CA1031 // the last door: a bug is reported without its text, which might hold a payload
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new(500, string.Create(CultureInfo.InvariantCulture, $"internal error {error.GetType().Name}"));
        }
    }
}
